"""When a school has to know by, and how a pack says so."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from policy.clocks import Period, falls_due
from policy.clocks.periods import Warn
from policy.clocks.rules import Rung
from policy.loading import PackSet
from policy.working_time import Calendar, HoursSection, before_school, closed_as_known

LONDON = ZoneInfo("Europe/London")
OPEN = {"open": {"monday": "08:30 to 17:30", "friday": "08:30 to 17:00"}}
CHRISTMAS = {"2026-12-19 to 2027-01-03": "Christmas holiday", date(2027, 1, 4): "Inset day"}
WRITTEN = "before 08:30 on the next school day"
PLAIN = HoursSection.model_validate(OPEN)
TERMS = HoursSection.model_validate({**OPEN, "school_holidays": CHRISTMAS})


def explained(start: str, hours: HoursSection = PLAIN) -> str:
    since = datetime.fromisoformat(start).replace(tzinfo=LONDON)
    return before_school(since, time(8, 30), calendar=Calendar.of(hours)).explanation


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-11-20T16:40", PLAIN, "due Mon 23 Nov 08:30: the next school day after Fri 20 Nov 16:40"),
        ("2026-11-23T02:10", PLAIN, "due Mon 23 Nov 08:30: the next school day after Mon 23 Nov 02:10"),
        ("2026-11-23T08:30", PLAIN, "due Tue 24 Nov 08:30: the next school day after Mon 23 Nov 08:30"),
        (
            "2026-04-02T15:00", PLAIN,
            "due Tue 7 Apr 08:30: the next school day after Thu 2 Apr 15:00, "
            "Good Friday and Easter Monday not counted",
        ),
        (
            "2026-12-18T16:00", TERMS,
            "due Tue 5 Jan 2027 08:30: the next school day after Fri 18 Dec 2026 16:00, "
            "Christmas holiday and Inset day not counted",
        ),
    ],
)  # fmt: skip
def test_it_explains_itself(start: str, hours: HoursSection, expected: str) -> None:
    assert explained(start, hours) == expected


def test_the_hubs_own_closures_are_none_of_the_schools() -> None:
    closed = HoursSection.model_validate({**OPEN, "closures": {date(2026, 11, 23): "Flood"}})
    assert explained("2026-11-20T16:40", closed).startswith("due Mon 23 Nov 08:30")
    announced = HoursSection.model_validate({**OPEN, "bank_holidays": {date(2026, 11, 23): "Day"}})
    assert explained("2026-11-20T16:40", announced).startswith("due Tue 24 Nov 08:30")


def test_holidays_move_the_calendars_version_and_none_leave_it() -> None:
    assert Calendar.of(TERMS).version != Calendar.of(PLAIN).version
    later = closed_as_known(PLAIN, TERMS, date(2026, 12, 30))
    assert min(later.school_holidays) == date(2026, 12, 30)


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ({"2026-12-19 to 2026-12-01": "Christmas"}, "ends before it begins"),
        ({"2026-06-01 to 2026-12-01": "Summer"}, "longer than ten weeks"),
        (
            {"2026-06-01 to 2026-07-20": "Summer", "2026-07-21 to 2026-09-01": "Summer"},
            "no school for over ten weeks from 2026-06-01",
        ),
        ({"Christmas": "2026-12-19"}, "date"),
    ],
)
def test_holidays_that_make_no_sense_are_refused(days: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        HoursSection.model_validate({**OPEN, "school_holidays": days})


def test_a_pack_says_it_in_words_where_a_clock_waits_and_nowhere_else(packs: PackSet) -> None:
    period = Period.model_validate(WRITTEN)
    assert str(period) == WRITTEN
    assert Period.model_validate(period.model_dump()) == period
    for wrong in ("before 24:30 on the next school day", "before 8:30 on the next school day"):
        with pytest.raises(ValidationError, match="write a period as"):
            Period.model_validate(wrong)
    with pytest.raises(ValidationError, match="only a clock waits"):
        Rung.model_validate({"after": WRITTEN, "tell": ["manager"]})
    with pytest.raises(ValidationError, match="only a clock waits"):
        Warn.model_validate(f"{WRITTEN} before")
    pack = packs.packs["warwickshire"][-1]
    rule = pack.clocks.rules["school_told"]
    friday = datetime(2026, 11, 20, 16, 40, tzinfo=LONDON)
    due_at = falls_due(rule, friday, None, pack.calendar)
    assert due_at == datetime(2026, 11, 23, 8, 30, tzinfo=LONDON)
