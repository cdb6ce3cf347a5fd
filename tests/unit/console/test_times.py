"""Times in words."""

from datetime import UTC, datetime, timedelta

import pytest

from services.console.times import Pressure, clock_face, due, moment, span, stamp

NOW = datetime(2026, 3, 3, 9, 32, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "words", "pressure"),
    [
        (-52, "Overdue 52m", Pressure.OVERDUE),
        (-150, "Overdue 2h 30m", Pressure.OVERDUE),
        (0, "Overdue 0m", Pressure.OVERDUE),
        (26, "26m left", Pressure.SOON),
        (59, "59m left", Pressure.SOON),
        (60, "1h 0m left", Pressure.LATER),
        (86, "1h 26m left", Pressure.LATER),
        (47 * 60, "47h 0m left", Pressure.LATER),
        (51 * 60, "2 days 3h left", Pressure.LATER),
        (72 * 60, "3 days left", Pressure.LATER),
    ],
)
def test_what_is_left(minutes: int, words: str, pressure: Pressure) -> None:
    shown = due(NOW + timedelta(minutes=minutes), NOW)
    assert (shown.words, shown.pressure) == (words, pressure)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW.replace(hour=16, minute=0), "today 16:00"),
        (NOW + timedelta(days=1), "tomorrow 09:32"),
        (NOW - timedelta(days=1), "yesterday 09:32"),
        (NOW + timedelta(days=3), "Fri 6 Mar 09:32"),
        (NOW.replace(year=2025), "Mon 3 Mar 2025 09:32"),
    ],
)
def test_moments_name_their_day(at: datetime, words: str) -> None:
    assert moment(at, NOW) == words


def test_summer_time_is_england_s_time() -> None:
    july = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert moment(july, july) == "today 00:30"
    assert clock_face(july) == "00:30:00"
    assert stamp(july) == "2 July 2026 at 00:30"


def test_seconds_are_not_rounded_up() -> None:
    assert span(timedelta(minutes=1, seconds=59)) == "1m"
