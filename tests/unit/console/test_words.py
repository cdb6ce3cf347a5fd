"""Codes and times as people read them."""

from datetime import date

import pytest

from services.console.words import age, place, pointed

TODAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (date(2018, 3, 6), "7 years"),
        (date(2018, 3, 5), "8 years"),
        (date(2024, 12, 4), "1 year and 3 months"),
        (date(2024, 3, 5), "2 years"),
        (date(2025, 10, 4), "5 months"),
        (date(2026, 2, 19), "2 weeks"),
        (date(2026, 3, 6), "0 weeks"),
    ],
)
def test_a_child_s_age_is_as_exact_as_it_matters(born: date, said: str) -> None:
    assert age(born, TODAY) == said


def test_a_place_in_a_form_is_said_as_people_count() -> None:
    assert pointed("/children/0/nhs_number") == "Children, 1: NHS number"
    assert pointed("/narrative") == "Narrative"


def test_an_authority_without_a_pack_is_called_as_it_is_written() -> None:
    assert place("kingston-upon-hull") == "Kingston upon Hull"
