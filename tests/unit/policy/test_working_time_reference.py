"""Working time against a slow reference of its own (`slow_working_time`). `python -m
bench.working_time` looks at more cases."""

from datetime import date, datetime, time, timedelta

import pytest

from policy.working_time import Calendar, HoursSection, before_school, due
from tests.unit.policy.slow_working_time import (
    FIRST,
    HOLIDAYS,
    LAST,
    LONDON,
    MINUTE,
    OFFICE,
    SECTIONS,
    SIX_DAYS,
    WEEKDAYS,
    bank_holidays,
    slow,
    starts,
)


@pytest.mark.parametrize("name", SECTIONS)
def test_working_hours_agree_with_walking_through_the_minutes(name: str) -> None:
    calendar, reference = Calendar.of(SECTIONS[name]), slow(name)
    for chance, start in starts(f"hours {name}", 1500):
        hours = chance.randint(1, 30)
        found = due(start, hours, "working_hours", calendar=calendar).due_at
        assert found == reference.working_minutes(start, hours * 60), (start, hours)


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize("count", ["exclusive", "inclusive"])
def test_working_days_agree_with_walking_through_the_days(name: str, count: str) -> None:
    calendar, reference = Calendar.of(SECTIONS[name]), slow(name)
    for chance, start in starts(f"days {name} {count}", 800):
        days = chance.choice((1, 1, 2, 3, 5, 7, 15, 45))
        found = due(start, days, "working_days", count, calendar=calendar).due_at  # type: ignore[arg-type]
        expected = reference.working_days(start, days, inclusive=count == "inclusive")
        assert found == expected, (start, days, count)


def test_elapsed_hours_are_elapsed_hours() -> None:
    calendar = Calendar.of(OFFICE)
    for chance, start in starts("elapsed", 1500):
        hours = chance.randint(1, 200)
        found = due(start, hours, "hours", calendar=calendar).due_at
        assert found - start == timedelta(hours=hours)


@pytest.mark.parametrize("year", range(FIRST, LAST + 1))
def test_the_bank_holidays_are_those_of_the_rules(year: int) -> None:
    calendar = Calendar.of(
        HoursSection.model_validate({"open": dict.fromkeys(WEEKDAYS[:5], "09:00 to 17:00")})
    )
    closed = {date.fromordinal(day) for day in calendar.closed}
    expected = {day for day in bank_holidays(year) if day.weekday() < 5}
    assert {day for day in closed if day.year == year} == expected


TERMS = HoursSection.model_validate(
    {
        **OFFICE.model_dump(exclude={"open"}),
        "open": {"saturday": "09:00 to 13:00", "tuesday": "10:00 to 12:00"},
        "bank_holidays": {date(2024, 6, 7): "A day announced late"},
        "school_holidays": {
            span: name
            for year in range(FIRST, LAST + 1)
            for span, name in (
                (f"{year}-07-22 to {year}-09-02", "Summer"),
                (f"{year}-12-20 to {year}-12-31", "Christmas"),
                (date(year, 2, 16), "Half-term"),
            )
        },
    }
)


def first_lesson(start: datetime, at: time, without: set[date]) -> datetime:
    """The first minute after a start whose local clock shows the time on a day with school, by
    walking through the minutes."""
    moment = start.replace(second=0, microsecond=0)
    while True:
        moment += MINUTE
        shown = moment.astimezone(LONDON)
        if shown.weekday() > 4 or shown.date() in without:
            # No minute of the rest of this day counts.
            moment += timedelta(minutes=max(0, 22 * 60 - shown.hour * 60 - shown.minute))
        elif (shown.hour, shown.minute) == (at.hour, at.minute):
            return moment


@pytest.mark.parametrize("section", [SIX_DAYS, TERMS], ids=["no terms known", "terms"])
def test_the_next_school_day_agrees_with_walking_through_the_minutes(section: HoursSection) -> None:
    calendar = Calendar.of(section)
    without = HOLIDAYS | set(section.bank_holidays) | set(section.school_holidays)
    before: tuple[datetime, datetime] | None = None
    found = {}
    for chance, start in starts("school", 250):
        at = chance.choice((time(8, 30), time(8, 30), time(9, 15), time(7, 45)))
        told = before_school(start, at, calendar=calendar)
        assert told.due_at == first_lesson(start, at, without), (start, at)
        assert told.due_at > start
        assert told.calendar_version == calendar.version
        if at == time(8, 30):
            found[start] = told.due_at
    # Whoever hears later never has to have told it sooner.
    for pair in sorted(found.items()):
        assert before is None or before[1] <= pair[1]
        before = pair
