"""What the score says, and what it tells people to add."""

from datetime import date

import pytest

from contracts.events import AgreementStatus
from contracts.form import Child, ReferralForm, Referrer
from contracts.form.completeness import completeness
from contracts.form.model import Address, Agreement, Concern, Person


def whole(agency: str, **child: str) -> ReferralForm:
    return ReferralForm(
        authority="walsall",
        referrer=Referrer(
            name="Robin", role="Nurse", agency=agency, email="r@testwood.example", phone="01632 960199"
        ),
        children=(
            Child(
                given_name="Sam", family_name="Sampleton", date_of_birth=date(2017, 3, 4), sex="F",
                ethnicity="NOBT", address=Address(lines=("1 Example Road",), postcode="WS1 1AA"),
                school="Testwood Academy", **child,
            ),
        ),
        household=(Person(name="Jo", parental_responsibility=True),),
        concerns=(Concern(code="neglect", impact="some"),),
        narrative="What happened.", going_well="Much.", child_voice="Sam says so.",
        work_already_tried="A plan.", parents_informed=True,
        agreement=Agreement(status=AgreementStatus.GIVEN), referrer_level=2,
    )  # fmt: skip


def test_nothing_said_scores_next_to_nothing_and_says_what_to_add() -> None:
    found = completeness(ReferralForm())

    assert found.score < 10
    assert ("/narrative", "what has happened") in found.missing


@pytest.mark.parametrize("agency", ["police", "charity", "housing"])
def test_agencies_that_hold_no_numbers_are_not_asked_for_them(agency: str) -> None:
    found = completeness(whole(agency))

    assert found.score == 100
    assert found.missing == ()
    assert set(found.sections.values()) == {100}


@pytest.mark.parametrize(
    ("agency", "field", "number"),
    [("school", "upn", "B801200005001"), ("health_visitor", "nhs_number", "943 476 5919")],
)
def test_schools_know_pupil_numbers_and_health_knows_nhs_numbers(
    agency: str, field: str, number: str
) -> None:
    without = completeness(whole(agency))

    assert without.sections["identifiers"] == 0
    assert [pointer for pointer, _ in without.missing] == [f"/children/0/{field}"]
    assert completeness(whole(agency, **{field: number})).score == 100


def test_an_unborn_child_has_no_name_to_give() -> None:
    form = whole("midwife")
    unborn = Child(expected_date_of_delivery=date(2027, 1, 1), address=form.children[0].address)

    assert completeness(form.model_copy(update={"children": (unborn,)})).score == 100


def test_more_children_do_not_weigh_more() -> None:
    form = whole("police")
    blank = Child()

    one = completeness(form.model_copy(update={"children": (blank,)}))
    three = completeness(form.model_copy(update={"children": (blank, blank, blank)}))

    assert one.score == three.score
    assert len(three.missing) == 3 * len(one.missing)
