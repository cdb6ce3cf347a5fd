"""What a correction of who a child is changes, and what is refused."""

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pytest

from chassis.errors import Forbidden, InvalidInput
from chassis.vault import BlindIndex
from policy.loading import PackSet
from services.intake.correcting.domain import (
    HOUSEHOLD,
    Correction,
    applied,
    in_words,
    whole,
    wrong,
)
from services.intake.correcting.reading import Asked, read
from tests.unit.intake.test_incidents import case

TODAY = date(2026, 3, 5)
REFERRAL, CHILD, COUSIN = UUID(int=1), UUID(int=10), UUID(int=11)
OLD_HOME = {"lines": ["4 Sample Court"], "postcode": "CV32 9ZA", "confidential": False}
NEW_HOME = {"lines": ["9 Mock Lane"], "postcode": "CV31 9ZB"}
FORM: dict[str, Any] = {
    "children": [{"child_id": str(CHILD), "given_name": "Kay", "address": OLD_HOME}],
    "household": [
        {"name": "Kerry Testwood", "relationship": "mother", "date_of_birth": "1990-02-01"},
        {"name": "Sam Mock", "relationship": "cousin", "date_of_birth": "2020-02-01",
         "child_id": str(COUSIN)},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({}, ""),
        ({"date_of_birth": "2026-03-06"}, "/date_of_birth"),
        ({"date_of_birth": "1996-03-04"}, "/date_of_birth"),
        ({"date_of_birth": "4 March"}, "/date_of_birth"),
        ({"expected_date_of_delivery": "2027-03-04"}, "/expected_date_of_delivery"),
        ({"expected_date_of_delivery": "2025-12-04"}, "/expected_date_of_delivery"),
        (
            {"date_of_birth": "2026-03-01", "expected_date_of_delivery": "2026-03-20"},
            "/expected_date_of_delivery",
        ),
        ({"sex": "X"}, "/sex"),
        ({"nhs_number": "9990000477"}, "/nhs_number"),
        ({"upn": "A000"}, "/upn"),
    ],
)
def test_what_is_wrong_is_pointed_at(values: dict[str, str | None], pointer: str) -> None:
    assert [one.pointer for one in wrong(values, "family_says", TODAY)] == [pointer]


def test_what_is_right_is_not() -> None:
    good = {"given_name": "Kay", "date_of_birth": "2017-03-04", "nhs_number": None, "sex": "F"}
    assert wrong(good, "document_seen", TODAY) == []
    assert [one.pointer for one in wrong(good, "because", TODAY)] == ["/because"]


def test_who_is_born_is_not_expected_any_more() -> None:
    assert whole({"date_of_birth": "2026-03-01"}) == {
        "date_of_birth": "2026-03-01",
        "expected_date_of_delivery": None,
    }
    assert whole({"nhs_number": None}) == {"nhs_number": None}


def test_corrections_are_laid_over_the_form_in_their_order() -> None:
    form = json.dumps({"children": [{"given_name": "Kay", "sex": "F"}, {"given_name": "Sam"}]})

    def correction(child: int, **values: str | None) -> str:
        was = dict.fromkeys(values, "before")
        return json.dumps(
            {"child": child, "values": values, "was": was, "because": "born", "by_hub": False}
        )

    said = [correction(1, given_name="Samuel"), correction(1, given_name="Samira", sex=None)]
    assert json.loads(applied(form, said))["children"] == [
        {"given_name": "Kay", "sex": "F"},
        {"given_name": "Samira", "sex": None},
    ]
    assert applied(form, ()) == form
    assert in_words(said[1]).splitlines() == [
        "By the referrer, child 2.",
        "Why: The child was born.",
        "First name: Samira (was before)",
        "Sex: not known (was before)",
    ]


def corrected(
    packs: PackSet, part: str, place: int, *, sees_all: bool = True, few: bool = False, **said: Any
) -> Correction:
    document = json.loads(json.dumps(FORM))
    document["children"][0]["address"]["confidential"] = few
    asked = Asked(part, place, said, "family_says", True, sees_all)
    matching = packs.current("warwickshire", TODAY).matching
    correction, _ = read(
        case(REFERRAL, 100), document, asked, BlindIndex(b"k" * 32), matching, TODAY
    )
    return correction


def test_a_guess_at_what_the_hub_corrected_is_kept_as_any_other_correction_is(
    packs: PackSet,
) -> None:
    matching = packs.current("warwickshire", TODAY).matching
    as_sent = json.loads(json.dumps(FORM))
    as_it_stands = json.loads(json.dumps(FORM))
    as_it_stands["children"][0]["address"] = {**NEW_HOME, "confidential": True}

    def asked(address: dict[str, Any]) -> Correction:
        said = Asked("children", 0, {"address": address}, "family_says", False, True, as_sent)
        document = json.loads(json.dumps(as_it_stands))
        index = BlindIndex(b"k" * 32)
        return read(case(REFERRAL, 100), document, said, index, matching, TODAY)[0]

    # Where the hub says that they live, it stays confidential.
    assert asked(NEW_HOME).values == {"address": {**NEW_HOME, "confidential": True}}
    elsewhere = {**NEW_HOME, "lines": ["9 Elsewhere Row"]}
    assert asked(elsewhere).values["address"]["lines"] == ["9 Elsewhere Row"]
    # What they sent themselves says so already, whatever the hub found.
    own = {name: as_sent["children"][0]["address"].get(name) for name in ("lines", "postcode")}
    with pytest.raises(InvalidInput) as refused:
        asked(own)
    assert [one.detail for one in refused.value.errors] == ["The form says so already."]


@pytest.mark.parametrize(
    ("found", "said", "refused"),
    [
        # The hub found out that the aunt is the mother, or that she is sixteen.
        ({"relationship": "mother"}, {"date_of_birth": "2012-02-01"}, True),
        ({}, {"date_of_birth": "2012-02-01"}, True),
        ({"relationship": "mother", "date_of_birth": "2010-02-01"}, {"name": "Carrie"}, False),
        ({"relationship": "mother", "date_of_birth": "2010-02-01"}, {"relationship": "sister"}, False),
    ],
)  # fmt: skip
def test_what_only_the_hub_found_out_is_no_ground_to_refuse(
    packs: PackSet, found: dict[str, str], said: dict[str, str], refused: bool
) -> None:
    as_sent = json.loads(json.dumps(FORM))
    as_sent["household"][0]["relationship"] = "aunt"
    as_it_stands = json.loads(json.dumps(as_sent))
    as_it_stands["household"][0] |= found
    asked = Asked(HOUSEHOLD, 0, said, "family_says", False, True, as_sent)
    matching = packs.current("warwickshire", TODAY).matching

    def judged() -> bool:
        try:
            read(case(REFERRAL, 100), as_it_stands, asked, BlindIndex(b"k" * 32), matching, TODAY)
        except InvalidInput:
            return True
        return False

    assert judged() is refused


def test_an_adult_of_the_household_is_put_right(packs: PackSet) -> None:
    mother = corrected(packs, HOUSEHOLD, 0, name="Carrie Testwood", date_of_birth="1991-02-01")
    assert mother.was == {"name": "Kerry Testwood", "date_of_birth": "1990-02-01"}
    # She alone is looked up again, and the rules hear of no child.
    assert mother.again == (mother.person_id,) == (uuid5(REFERRAL, "household/0"),)
    assert (mother.facts, mother.number, mother.keys) == (None, None, ())


def test_a_child_of_the_household_is_rated_by_their_age(packs: PackSet) -> None:
    cousin = corrected(packs, HOUSEHOLD, 1, date_of_birth="2025-12-20")
    assert cousin.facts is not None
    assert (cousin.person_id, cousin.number) == (COUSIN, 1)
    assert (cousin.facts.age_band, cousin.facts.non_mobile) == ("under_1", True)
    with pytest.raises(InvalidInput) as refused:
        # Nobody rated them as a child.
        corrected(packs, HOUSEHOLD, 0, date_of_birth="2012-02-01", relationship="sister")
    assert [one.pointer for one in refused.value.errors] == ["/date_of_birth"]
    with pytest.raises(InvalidInput):
        corrected(packs, HOUSEHOLD, 2, name="Nobody")


def test_where_the_children_live_the_household_does(packs: PackSet) -> None:
    moved = corrected(packs, "children", 0, address=NEW_HOME)
    assert moved.values["address"] == {**NEW_HOME, "confidential": False}
    assert set(moved.again) == {CHILD, COUSIN, uuid5(REFERRAL, "household/0")}
    apart = corrected(packs, HOUSEHOLD, 0, address=NEW_HOME)
    assert apart.again == (apart.person_id,)
    with pytest.raises(InvalidInput):
        corrected(packs, "children", 0, address={**OLD_HOME, "confidential": None})


def test_a_confidential_address_stays_so_and_is_for_few(packs: PackSet) -> None:
    moved = corrected(packs, "children", 0, few=True, address=NEW_HOME)
    assert moved.values["address"]["confidential"] is True
    open_now = corrected(
        packs, "children", 0, few=True, address={**NEW_HOME, "confidential": False}
    )
    assert open_now.values["address"]["confidential"] is False
    with pytest.raises(Forbidden):
        corrected(packs, "children", 0, few=True, sees_all=False, address=NEW_HOME)
    # What they are shown, they may correct.
    assert corrected(packs, "children", 0, few=True, sees_all=False, sex="F").values == {"sex": "F"}


def test_people_read_who_was_corrected_and_no_address_for_few() -> None:
    def sealed(**address: Any) -> str:
        was = {"name": "Kerry", "address": OLD_HOME}
        values = {"name": "Carrie", "address": {**NEW_HOME, **address}}
        return json.dumps(
            {"person": 0, "values": values, "was": was, "because": "born", "by_hub": True}
        )

    assert in_words(sealed(confidential=False)).splitlines() == [
        "By the hub, of the household, person 1.",
        "Why: The child was born.",
        "Name: Carrie (was Kerry)",
        "Address: 9 Mock Lane, CV31 9ZB (was 4 Sample Court, CV32 9ZA)",
    ]
    for one in ("Mock Lane", "Sample Court"):
        assert one not in in_words(sealed(confidential=True))
    (mother, _) = json.loads(applied(json.dumps(FORM), [sealed(confidential=True)]))["household"]
    assert (mother["name"], mother["relationship"]) == ("Carrie", "mother")


@pytest.mark.parametrize(
    ("part", "values", "pointer"),
    [
        (HOUSEHOLD, {"given_name": "Kay"}, "/given_name"),
        ("children", {"name": "Kay"}, "/name"),
        (HOUSEHOLD, {"date_of_birth": "1890-01-01"}, "/date_of_birth"),
        (HOUSEHOLD, {"address": {"postcode": "nowhere"}}, "/address/postcode"),
    ],
)
def test_each_is_asked_for_what_they_have(part: str, values: dict[str, Any], pointer: str) -> None:
    assert [one.pointer for one in wrong(values, "family_says", TODAY, part)] == [pointer]
    assert wrong({"date_of_birth": "1990-01-01"}, "family_says", TODAY, HOUSEHOLD) == []
