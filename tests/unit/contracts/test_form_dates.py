"""Ages at a date."""

from datetime import date

import pytest

from contracts.events import AgeBand
from contracts.form import age_band, completed_months, probably_non_mobile

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("birth", "band"),
    [
        (date(2026, 11, 22), AgeBand.UNBORN), (date(2026, 11, 21), AgeBand.UNDER_1),
        (date(2025, 11, 22), AgeBand.UNDER_1), (date(2025, 11, 21), AgeBand.AGE_1_TO_4),
        (date(2021, 11, 22), AgeBand.AGE_1_TO_4), (date(2021, 11, 21), AgeBand.AGE_5_TO_10),
        (date(2015, 11, 21), AgeBand.AGE_11_TO_15), (date(2010, 11, 21), AgeBand.AGE_16_TO_17),
        (date(2008, 11, 22), AgeBand.AGE_16_TO_17), (date(2008, 11, 21), AgeBand.ADULT),
    ],
)  # fmt: skip
def test_bands_change_on_the_birthday(birth: date, band: AgeBand) -> None:
    assert age_band(birth, None, None, TODAY) is band


def test_an_expected_child_is_unborn_until_a_birth_date_says_otherwise() -> None:
    assert age_band(None, date(2026, 11, 1), None, TODAY) is AgeBand.UNBORN
    assert age_band(date(2026, 11, 3), date(2026, 11, 1), None, TODAY) is AgeBand.UNDER_1


def test_an_estimate_is_better_than_nothing() -> None:
    assert age_band(None, None, 9, TODAY) is AgeBand.AGE_5_TO_10
    assert age_band(None, None, None, TODAY) is AgeBand.UNKNOWN


def test_a_leap_day_child_has_a_birthday_in_march() -> None:
    born = date(2024, 2, 29)

    assert completed_months(born, date(2025, 2, 28)) == 11
    assert completed_months(born, date(2025, 3, 1)) == 12


@pytest.mark.parametrize(
    ("birth", "expected"),
    [(None, False), (date(2026, 12, 1), False), (TODAY, True), (date(2026, 5, 22), True),
     (date(2026, 5, 21), False)],
)  # fmt: skip
def test_babies_under_six_months_cannot_move_about(birth: date | None, expected: bool) -> None:
    assert probably_non_mobile(birth, TODAY) is expected
