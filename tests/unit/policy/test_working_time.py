"""Working time as a practitioner meets it: Easter, weekends, nights, and the changes of clocks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policy.working_time import (
    Calendar,
    HoursSection,
    PeriodError,
    ahead,
    due,
    explain_due,
    is_open,
    opens_next,
    part_way,
    shifted,
)

LONDON = ZoneInfo("Europe/London")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
WEEK = (*WEEKDAYS, "saturday", "sunday")
HOURS = HoursSection.model_validate(
    {
        "open": {**dict.fromkeys(WEEKDAYS, "08:30 to 17:30"), "friday": "08:30 to 17:00"},
    }
)
HUB = Calendar.of(HOURS)
NEVER_CLOSED = Calendar.of(
    HoursSection.model_validate({"open": dict.fromkeys(WEEK, "00:00 to 24:00")})
)
MOMENTS = st.datetimes(
    datetime(2015, 1, 1),
    datetime(2035, 1, 1),
    timezones=st.just(UTC),  # noqa: DTZ001
)


def explained(start: str, amount: object, unit: str, count: str = "exclusive") -> str:
    return explain_due(HUB, start, str(amount), unit, count)["explanation"]


def with_changes(**changes: object) -> Calendar:
    return Calendar.of(HoursSection.model_validate({**HOURS.model_dump(), **changes}))


def test_one_working_day_over_easter() -> None:
    assert explain_due(HUB, "2026-04-02T15:00:00+01:00", 1, "working_days") == {
        "due_at": "2026-04-07T14:00:00Z",
        "explanation": "due Tue 7 Apr 15:00: 1 working day from Thu 2 Apr 15:00, "
        "Good Friday and Easter Monday not counted",
        "calendar_version": HUB.version,
    }


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        ("2026-04-02T15:00", 4, "hours", "due Thu 2 Apr 19:00: 4 hours from Thu 2 Apr 15:00"),
        (
            "2026-04-02T15:00",
            "0.5",
            "hours",
            "due Thu 2 Apr 15:30: 30 minutes from Thu 2 Apr 15:00",
        ),
        (
            "2026-03-28T23:30",
            4,
            "hours",
            "due Sun 29 Mar 04:30: 4 hours from Sat 28 Mar 23:30, over a change of the clocks",
        ),
        (
            "2026-10-24T23:30",
            4,
            "hours",
            "due Sun 25 Oct 02:30: 4 hours from Sat 24 Oct 23:30, over a change of the clocks",
        ),
        (
            "2026-04-02T16:30",
            4,
            "working_hours",
            (
                "due Tue 7 Apr 11:30: 4 working hours from Thu 2 Apr 16:30, "
                "Good Friday and Easter Monday not counted"
            ),
        ),
        (
            "2026-04-11T10:00",
            4,
            "working_hours",
            (
                "due Mon 13 Apr 12:30: 4 working hours from Sat 11 Apr 10:00, "
                "counted from opening on Mon 13 Apr 08:30"
            ),
        ),
        (
            "2026-12-31T10:00",
            1,
            "working_days",
            (
                "due Mon 4 Jan 2027 10:00: 1 working day from Thu 31 Dec 2026 10:00, "
                "New Year's Day not counted"
            ),
        ),
        (
            "2026-12-23T10:00",
            2,
            "working_days",
            (
                "due Tue 29 Dec 10:00: 2 working days from Wed 23 Dec 10:00, "
                "Christmas Day and Boxing Day (substitute day) not counted"
            ),
        ),
        (
            "2028-02-28T09:00",
            1,
            "working_days",
            "due Tue 29 Feb 09:00: 1 working day from Mon 28 Feb 09:00",
        ),
    ],
)
def test_due_times_explain_themselves(start: str, amount: object, unit: str, expected: str) -> None:
    assert explained(start, amount, unit) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # On a day when the hub doesn't open: by closing on the next working day.
        ("2026-04-11T03:00", "2026-04-13T17:30"),
        ("2026-04-11T10:00", "2026-04-13T17:30"),
        ("2026-04-12T23:59", "2026-04-13T17:30"),
        ("2026-04-03T10:00", "2026-04-07T17:30"),
        # After closing: the same time tomorrow would be after closing too.
        ("2026-04-14T18:00", "2026-04-15T17:30"),
        # Thursday at a quarter past five, and on Friday the hub closes at five.
        ("2026-04-16T17:15", "2026-04-17T17:00"),
        # Before opening: the same time tomorrow.
        ("2026-04-14T06:00", "2026-04-15T06:00"),
        # At opening and at closing.
        ("2026-04-14T08:30", "2026-04-15T08:30"),
        ("2026-04-14T17:30", "2026-04-15T17:30"),
    ],
)
def test_one_working_day_from_outside_the_hubs_hours(start: str, expected: str) -> None:
    found = due(
        datetime.fromisoformat(start).replace(tzinfo=LONDON), 1, "working_days", calendar=HUB
    )
    assert found.due_at.astimezone(LONDON).replace(tzinfo=None).isoformat()[:16] == expected


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        (
            "2026-04-14T15:00",
            1,
            (
                "due Tue 14 Apr 17:30: 1 working day from Tue 14 Apr 15:00, "
                "that day counted, to closing time"
            ),
        ),
        (
            "2026-04-14T15:00",
            2,
            ("due Wed 15 Apr 15:00: 2 working days from Tue 14 Apr 15:00, that day counted"),
        ),
        # The hub has closed: the day can't count any more.
        (
            "2026-04-14T18:00",
            1,
            ("due Wed 15 Apr 17:30: 1 working day from Tue 14 Apr 18:00, to closing time"),
        ),
        (
            "2026-04-11T10:00",
            1,
            (
                "due Mon 13 Apr 17:30: 1 working day from Sat 11 Apr 10:00, "
                "a day when the hub is closed, to closing time"
            ),
        ),
    ],
)
def test_inclusive_counting(start: str, amount: int, expected: str) -> None:
    assert explained(start, amount, "working_days", "inclusive") == expected


def test_a_time_that_does_not_exist_is_the_moment_of_the_change() -> None:
    start = datetime(2026, 3, 28, 1, 30, tzinfo=LONDON)
    found = due(start, 1, "working_days", calendar=NEVER_CLOSED)
    assert found.due_at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    start = datetime(2026, 10, 24, 1, 30, tzinfo=LONDON)
    found = due(start, 1, "working_days", calendar=NEVER_CLOSED)
    assert found.due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_working_hours_of_a_hub_that_never_closes_pass_through_both_changes() -> None:
    for day in (date(2026, 3, 28), date(2026, 10, 24)):
        start = datetime(day.year, day.month, day.day, 20, tzinfo=LONDON)
        found = due(start, 12, "working_hours", calendar=NEVER_CLOSED)
        assert found.due_at - start.astimezone(UTC) == timedelta(hours=12)


def test_minutes_come_out_whole() -> None:
    start = datetime(2026, 4, 14, 9, tzinfo=UTC)
    found = due(start, Decimal(20) / 60, "hours", calendar=HUB)
    assert found.due_at == datetime(2026, 4, 14, 9, 20, tzinfo=UTC)
    assert "20 minutes from" in found.explanation


@given(MOMENTS, MOMENTS, st.integers(1, 30), st.sampled_from(["working_hours", "working_days"]))
def test_a_later_start_is_never_due_sooner(
    one: datetime, other: datetime, amount: int, unit: str
) -> None:
    sooner, later = sorted((one, other))
    first = due(sooner, amount, unit, calendar=HUB)  # type: ignore[arg-type]
    last = due(later, amount, unit, calendar=HUB)  # type: ignore[arg-type]
    assert first.due_at <= last.due_at


@given(MOMENTS)
def test_one_working_day_never_spans_more_than_one_days_opening(start: datetime) -> None:
    found = due(start, 1, "working_days", calendar=HUB).due_at
    hours = due(start, 9, "working_hours", calendar=HUB).due_at
    next_opening = opens_next(HUB, hours)
    assert start < found <= next_opening


@given(MOMENTS, st.integers(1, 60))
def test_inclusive_is_never_later_than_exclusive(start: datetime, amount: int) -> None:
    inclusive = due(start, amount, "working_days", "inclusive", calendar=HUB)
    exclusive = due(start, amount, "working_days", calendar=HUB)
    assert start < inclusive.due_at <= exclusive.due_at


@given(MOMENTS)
def test_opens_next_is_the_first_open_moment(at: datetime) -> None:
    opening = opens_next(HUB, at)
    assert is_open(HUB, opening)
    assert opening == at if is_open(HUB, at) else opening > at
    if opening > at:
        assert not is_open(HUB, opening - timedelta(microseconds=1))


@given(MOMENTS, st.integers(1, 40), st.integers(1, 40))
def test_a_pause_of_open_hours_gives_back_as_many(start: datetime, amount: int, held: int) -> None:
    due_at = due(start, amount, "working_hours", calendar=HUB).due_at
    until = due(start, held, "working_hours", calendar=HUB).due_at
    moved = shifted(due_at, start, until, "working_hours", calendar=HUB)
    assert moved == due(start, amount + held, "working_hours", calendar=HUB).due_at


def test_open_and_closed() -> None:
    good_friday = datetime(2026, 4, 3, 12, tzinfo=LONDON)
    assert not is_open(HUB, good_friday)
    assert opens_next(HUB, good_friday) == datetime(2026, 4, 7, 7, 30, tzinfo=UTC)
    closing = datetime(2026, 4, 2, 17, 30, tzinfo=LONDON)
    assert is_open(HUB, closing - timedelta(seconds=1))
    assert not is_open(HUB, closing)
    assert is_open(HUB, datetime(2026, 4, 2, 8, 30, tzinfo=LONDON))
    with pytest.raises(ValueError, match="ends with 2045"):
        opens_next(HUB, datetime(2046, 1, 1, tzinfo=UTC))


def test_looking_back_from_a_due_time() -> None:
    at = datetime(2026, 4, 7, 14, tzinfo=UTC)
    assert ahead(at, 2, "hours", calendar=HUB) == at - timedelta(hours=2)
    assert ahead(at, 8, "working_hours", calendar=HUB) == datetime(2026, 4, 2, 15, tzinfo=UTC)
    assert ahead(at, 1, "working_days", calendar=HUB) == datetime(2026, 4, 2, 14, tzinfo=UTC)
    since = datetime(2026, 4, 2, 14, tzinfo=UTC)
    half = part_way(since, at, Decimal("0.5"), "working_days", calendar=HUB)
    assert half == datetime(2026, 4, 7, 9, 30, tzinfo=UTC)


def test_a_bank_holiday_announced_late_moves_what_is_due() -> None:
    announced = with_changes(bank_holidays={date(2026, 4, 7): "Day of thanks"})
    start = datetime(2026, 4, 2, 14, tzinfo=UTC)
    found = due(start, 1, "working_days", calendar=announced)
    assert found.due_at == datetime(2026, 4, 8, 14, tzinfo=UTC)
    assert found.explanation.endswith("Good Friday, Easter Monday and Day of thanks not counted")


def test_no_closure_of_the_authority_holds_a_statutory_clock() -> None:
    closed = with_changes(closures={date(2026, 4, 7): "Council closed"})
    start = datetime(2026, 4, 2, 14, tzinfo=UTC)
    assert due(start, 1, "working_days", calendar=closed).due_at.day == 8
    assert due(start, 1, "working_days", calendar=closed.statutory).due_at.day == 7
    never_on_tuesday = with_changes(open={"monday": "09:00 to 17:00"}).statutory
    assert due(start, 1, "working_days", calendar=never_on_tuesday).due_at.day == 7
    assert HUB.statutory is HUB


@pytest.mark.parametrize(
    "changes",
    [
        {"closures": {date(2026, 4, 7): "Council closed"}},
        {"bank_holidays": {date(2026, 4, 7): "Day of thanks"}},
        {"open": dict.fromkeys(WEEKDAYS, "08:30 to 17:31")},
        {"open": dict.fromkeys(WEEKDAYS[:4], "08:30 to 17:30")},
    ],
)
def test_the_version_changes_with_every_input(changes: dict[str, object]) -> None:
    assert with_changes(**changes).version != HUB.version
    assert with_changes(**changes).version == with_changes(**changes).version


def test_the_version_tells_what_a_closure_is_called() -> None:
    one, other = (with_changes(closures={date(2026, 4, 7): name}) for name in ("Flood", "Snow"))
    assert one.version != other.version


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"open": {}}, "every day is marked as closed"),
        ({"open": dict.fromkeys(WEEK, "closed")}, "every day is marked as closed"),
        ({"open": {"monday": "17:00 to 08:30"}}, "must come after the opening"),
        ({"open": {"monday": 1020}}, "write opening hours as"),
        ({"open": {"monday": "8.30-17.30"}}, "write opening hours as"),
        ({"open": {"monday": "08:75 to 17:30"}}, "sixty minutes"),
        ({"open": {"monday": "08:30 to 24:30"}}, "less than or equal to 1440"),
        ({"open": {"someday": "08:30 to 17:30"}}, "Input should be 'monday'"),
        ({"open": {"sunday": "01:30 to 17:30"}}, "when the clocks change"),
        ({"open": {"monday": "08:30 to 17:30"}, "closed": []}, "Extra inputs"),
        ({"open": {"monday": "08:30 to 17:30"}, "closures": {"2026-02-29": "Leap"}}, "date"),
    ],
)
def test_hours_that_make_no_sense_are_refused(section: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        HoursSection.model_validate(section)


def test_a_calendar_that_marks_every_day_as_closed_is_refused() -> None:
    year = {date(2026, 1, 1) + timedelta(days=day): "Closed" for day in range(365)}
    with pytest.raises(ValidationError, match="closed for over three weeks from 2026-01-01"):
        with_changes(closures=year)
    fortnight = dict(list(year.items())[:14])
    assert with_changes(closures=fortnight).version != HUB.version


def test_days_of_the_week_that_are_closed_count_too() -> None:
    mondays = {date(2026, 1, 5) + timedelta(weeks=week): "Closed" for week in range(4)}
    with pytest.raises(ValidationError, match="closed for over three weeks from 2026-01-05"):
        HoursSection.model_validate({"open": {"monday": "09:00 to 17:00"}, "closures": mondays})


def test_bank_holidays_count_too_once_the_calendar_is_built() -> None:
    # Christmas Day and New Year's Day are Fridays, with closed Fridays before and after them.
    around = (date(2026, 12, 11), date(2026, 12, 18), date(2027, 1, 8), date(2027, 1, 15))
    fridays = HoursSection.model_validate(
        {
            "open": {"friday": "09:00 to 17:00"},
            "closures": dict.fromkeys(around, "Closed"),
        }
    )
    with pytest.raises(ValueError, match="every day from 2026-12-05 to 2027-01-21 is closed"):
        Calendar.of(fridays)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "count", "field"),
    [
        ("yesterday", "1", "hours", "exclusive", "start"),
        ("2026-04-02", "1", "hours", "exclusive", "start"),
        ("2026-02-29T15:00", "1", "hours", "exclusive", "start"),
        ("2026-03-29T01:30", "1", "hours", "exclusive", "start"),
        ("1999-04-02T15:00", "1", "working_days", "exclusive", "start"),
        ("2026-04-02T15:00", "many", "hours", "exclusive", "amount"),
        ("2026-04-02T15:00", "NaN", "hours", "exclusive", "amount"),
        ("2026-04-02T15:00", "0", "working_days", "exclusive", "amount"),
        ("2026-04-02T15:00", "-1", "working_days", "exclusive", "amount"),
        ("2026-04-02T15:00", "1.5", "working_days", "exclusive", "amount"),
        ("2026-04-02T15:00", "1e-20", "hours", "exclusive", "amount"),
        ("2026-04-02T15:00", "1000000", "hours", "exclusive", "amount"),
        ("2026-04-02T15:00", "1000000", "working_days", "exclusive", "amount"),
        ("2026-04-02T15:00", "1000000", "working_hours", "exclusive", "amount"),
        ("2026-04-02T15:00", "1", "fortnights", "exclusive", "unit"),
        ("2026-04-02T15:00", "1", "working_days", "roughly", "count"),
    ],
)
def test_errors_name_the_field(start: str, amount: str, unit: str, count: str, field: str) -> None:
    with pytest.raises(PeriodError) as error:
        explain_due(HUB, start, amount, unit, count)
    assert error.value.field == field
    assert str(error.value).startswith(f"{field}: ")


def test_a_start_without_a_zone_is_londons_on_the_command_line_and_refused_in_code() -> None:
    with_zone = explain_due(HUB, "2026-04-02T14:00:00Z", 1, "working_days")
    assert explain_due(HUB, "2026-04-02 15:00", 1, "working_days") == with_zone
    with pytest.raises(PeriodError, match="no time zone"):
        due(datetime(2026, 4, 2, 15), 1, "working_days", calendar=HUB)  # noqa: DTZ001
