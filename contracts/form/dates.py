"""Ages and dates of children: bands at a date, and what is possible."""

from datetime import date
from typing import Final

from contracts.events import AgeBand

MAX_AGE_YEARS: Final = 25
MAX_EXPECTED_MONTHS_AHEAD: Final = 10
MAX_EXPECTED_MONTHS_PAST: Final = 2
NON_MOBILE_MONTHS: Final = 6

# The first age, in years, that is no longer in the band.
_BANDS: Final = (
    (1, AgeBand.UNDER_1),
    (5, AgeBand.AGE_1_TO_4),
    (11, AgeBand.AGE_5_TO_10),
    (16, AgeBand.AGE_11_TO_15),
    (18, AgeBand.AGE_16_TO_17),
)
_MONTHS: Final = 12


def completed_months(start: date, end: date) -> int:
    """Whole months from `start` to `end`; negative where `end` is earlier.

    Who is born on the 31st completes a month on the 1st of the month after a shorter one.
    """
    months = (end.year - start.year) * _MONTHS + end.month - start.month
    return months - (end.day < start.day)


def age_band(
    birth: date | None, expected: date | None, estimate: int | None, today: date
) -> AgeBand:
    """The band of a child on `today`: by birth date, else expected date, else estimate in years.

    A birth date still to come is unborn. So is an expected date that has passed: only a birth
    date says that the child was born.
    """
    if birth is not None:
        if birth > today:
            return AgeBand.UNBORN
        return _band(completed_months(birth, today) // _MONTHS)
    if expected is not None:
        return AgeBand.UNBORN
    return AgeBand.UNKNOWN if estimate is None else _band(estimate)


def probably_non_mobile(birth: date | None, today: date) -> bool:
    """Whether a child is too young to move about: born, and under six months.

    The unborn are not meant: they can have no bruise.
    """
    return (
        birth is not None
        and birth <= today
        and (completed_months(birth, today) < NON_MOBILE_MONTHS)
    )


def impossible_birth(birth: date, today: date) -> str | None:
    """Why a child cannot have been born then, or None."""
    if birth > today:
        return "is in the future; an unborn child has an expected_date_of_delivery"
    if _more_than(MAX_AGE_YEARS * _MONTHS, birth, today):
        return f"is more than {MAX_AGE_YEARS} years ago"
    return None


def impossible_expected(expected: date, today: date) -> str | None:
    """Why a child cannot be expected then, or None."""
    if _more_than(MAX_EXPECTED_MONTHS_AHEAD, today, expected):
        return f"is more than {MAX_EXPECTED_MONTHS_AHEAD} months ahead"
    if _more_than(MAX_EXPECTED_MONTHS_PAST, expected, today):
        return f"is more than {MAX_EXPECTED_MONTHS_PAST} months ago"
    return None


def _more_than(months: int, start: date, end: date) -> bool:
    whole = completed_months(start, end)
    return whole > months or (whole == months and end.day > start.day)


def _band(years: int) -> AgeBand:
    return next((band for limit, band in _BANDS if years < limit), AgeBand.ADULT)
