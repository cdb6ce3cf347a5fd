"""What a correction of who a child is changes, and what is refused."""

import json
from datetime import date

import pytest

from services.intake.correcting.domain import applied, in_words, whole, wrong

TODAY = date(2026, 3, 5)


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
