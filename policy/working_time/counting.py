"""When something is due: so much time from a start, in words too.

- **hours** pass day and night. Four hours are four hours when the clocks change.
- **working_hours** pass only while the hub is open.
- **working_days**, exclusive: the local day of the start isn't counted, whatever its hour; due at
  the same local time on the last of so many working days after it. Where that would be after the
  hub has closed, it is due at closing. A start on a day when the hub doesn't open at all is due at
  closing time: what comes on Saturday with one working day is due when the hub closes on Monday.
  So a later start is never due sooner, nobody is given part of a second day, and there is always
  an open day to do the work in. A time before opening stays: moving it would give no working time.
- **working_days**, inclusive: the day of the start is the first, if the hub was yet to close on
  it; a period of one such day ends at its closing. If not, it is the same as exclusive.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Literal, cast, get_args

from policy.working_time.calendar import LONDON, Calendar, instant, micros, moment_of
from policy.working_time.words import length, not_counted, when

Unit = Literal["hours", "working_hours", "working_days"]
Count = Literal["exclusive", "inclusive"]
HOUR = 3_600_000_000
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Due:
    """`due_at` is in UTC. `explanation` says in words why then, in London's time; `because` is
    its second half, without the due time."""

    due_at: datetime
    explanation: str
    calendar_version: str
    because: str


class PeriodError(ValueError):
    """A period that can't be counted. `field` is start, amount, unit or count."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


def due(
    start: datetime,
    amount: int | Decimal,
    unit: Unit,
    count: Count = "exclusive",
    *,
    calendar: Calendar,
) -> Due:
    """When a period that starts at an aware moment runs out. `count` is of working days only.

    Raises PeriodError, naming the field, for what can't be counted on this calendar.
    """
    if start.tzinfo is None:
        raise PeriodError("start", "has no time zone")
    local = start.astimezone(LONDON)
    if not calendar.first_year <= local.year <= calendar.last_year:
        raise PeriodError("start", _outside(calendar))
    if unit == "working_days":
        found, note = _working_days(local, _whole(amount), count, calendar)
    elif unit == "working_hours":
        found, note = _working_hours(local, _hours(amount), calendar)
    elif unit == "hours":
        found, note = micros(local) + _hours(amount), ""
    else:
        raise PeriodError("unit", f"must be one of {', '.join(get_args(Unit))}")
    if found is None or found > calendar.closes[-1]:
        raise PeriodError("amount", f"leads too far: {_outside(calendar)}")
    due_at = moment_of(found)
    ends = due_at.astimezone(LONDON)
    if unit == "hours":
        note = ", over a change of the clocks" if ends.utcoffset() != local.utcoffset() else ""
    else:
        note += not_counted(calendar.names_between(local.toordinal(), ends.toordinal()))
    years = ends.year != local.year
    because = f"{length(amount, unit)} from {when(local, year=years)}{note}"
    return Due(due_at, f"due {when(ends, year=years)}: {because}", calendar.version, because)


def ahead(at: datetime, amount: int | Decimal, unit: Unit, *, calendar: Calendar) -> datetime:
    """The moment that lies so much time before another, in UTC: when to warn.

    Working days before are counted back at the same local time. Raises PeriodError.
    """
    moment = micros(at)
    if unit == "hours":
        return moment_of(moment - _hours(amount))
    if unit == "working_hours":
        left = max(calendar.open_before(moment) - _hours(amount), 0)
        found = calendar.when_open(left)
        return moment_of(moment if found is None else found)
    local = at.astimezone(LONDON)
    number = bisect_left(calendar.days, local.toordinal()) - _whole(amount)
    return moment_of(instant(calendar.days[max(number, 0)], local.time()))


def shifted(
    at: datetime, since: datetime, until: datetime, unit: Unit, *, calendar: Calendar
) -> datetime:
    """`at`, later by the time between `since` and `until`: all of it for hours, else the open
    time in it. In UTC. Raises PeriodError past the end of the calendar."""
    first, last = micros(since), micros(until)
    if unit == "hours":
        return moment_of(micros(at) + last - first)
    extra = calendar.open_before(last) - calendar.open_before(first)
    if extra == 0:
        return at
    found = calendar.when_open(calendar.open_before(micros(at)) + extra)
    if found is None:
        raise PeriodError("amount", f"leads too far: {_outside(calendar)}")
    return moment_of(found)


def part_way(
    since: datetime, until: datetime, fraction: Decimal, unit: Unit, *, calendar: Calendar
) -> datetime:
    """The moment by which a fraction of the time from `since` to `until` has passed, in UTC: of
    all of it for hours, else of the open time in it."""
    first, last = micros(since), micros(until)
    if unit != "hours":
        passed = calendar.open_before(first)
        found = calendar.when_open(passed + _part(calendar.open_before(last) - passed, fraction))
        if found is not None:
            return moment_of(max(found, first))
    return moment_of(first + _part(last - first, fraction))


def _part(whole: int, fraction: Decimal) -> int:
    return int(whole * fraction)


def explain_due(
    calendar: Calendar,
    start_iso: str,
    amount: int | str | Decimal,
    unit: str,
    count: str = "exclusive",
) -> dict[str, str]:
    """`due` for texts, as the command line gets and prints them.

    A start without an offset is a local time in London. Raises PeriodError, naming the field.
    """
    if unit not in get_args(Unit):
        raise PeriodError("unit", f"{unit!r} is none of {', '.join(get_args(Unit))}")
    if count not in get_args(Count):
        raise PeriodError("count", f"{count!r} is none of {', '.join(get_args(Count))}")
    try:
        number = Decimal(str(amount).strip())
    except InvalidOperation:
        raise PeriodError("amount", f"{amount!r} is not a number") from None
    start = _read(start_iso)
    found = due(start, number, cast("Unit", unit), cast("Count", count), calendar=calendar)
    return {
        "due_at": found.due_at.isoformat().replace("+00:00", "Z"),
        "explanation": found.explanation,
        "calendar_version": found.calendar_version,
    }


def _working_hours(local: datetime, needed: int, calendar: Calendar) -> tuple[int | None, str]:
    start = micros(local)
    passed = calendar.open_before(start)
    found = calendar.when_open(passed + needed)
    number = bisect_left(calendar.before, passed + 1) - 1
    if found is None or start >= calendar.opens[number]:
        return found, ""
    opening = moment_of(calendar.opens[number]).astimezone(LONDON)
    return found, f", counted from opening on {when(opening)}"


def _working_days(
    local: datetime, amount: int, count: Count, calendar: Calendar
) -> tuple[int | None, str]:
    days, closes = calendar.days, calendar.closes
    today = local.toordinal()
    number = bisect_left(days, today)
    is_working = number < len(days) and days[number] == today
    counts_today = count == "inclusive" and is_working and micros(local) < closes[number]
    last = number + amount - (1 if counts_today or not is_working else 0)
    if last >= len(days):
        return None, ""
    note = ", that day counted" if counts_today else ""
    if last == number and counts_today:
        return closes[last], f"{note}, to closing time"
    if not is_working:
        return closes[last], f"{note}, a day when the hub is closed, to closing time"
    same_time = instant(days[last], local.time())
    if same_time > closes[last]:
        return closes[last], f"{note}, to closing time"
    return same_time, note


def _whole(amount: int | Decimal) -> int:
    _check(amount)
    if amount != int(amount):
        raise PeriodError("amount", "working days are whole: use working hours for parts of one")
    return int(amount)


def _hours(amount: int | Decimal) -> int:
    """Hours as microseconds; twenty minutes, a third of an hour, come out whole."""
    _check(amount)
    found = int((Decimal(amount) * HOUR).to_integral_value(ROUND_HALF_EVEN))
    if found == 0:
        raise PeriodError("amount", "is too short to be counted")
    return found


def _check(amount: int | Decimal) -> None:
    if isinstance(amount, Decimal) and not amount.is_finite():
        raise PeriodError("amount", "must be a number")
    if not 0 < amount <= MOST:
        raise PeriodError("amount", f"must be more than 0, and at most {MOST}")


def _read(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise PeriodError("start", f"{text!r} is not a time such as 2026-04-02T15:00") from None
    if not any(mark in text for mark in "T :"):
        raise PeriodError("start", f"{text!r} has no time of day")
    if found.tzinfo is not None:
        return found
    local = found.replace(tzinfo=LONDON)
    if moment_of(micros(local)).astimezone(LONDON).replace(tzinfo=None) != found:
        raise PeriodError("start", f"there was no {text!r} in London: the clocks went forward")
    return local


def _outside(calendar: Calendar) -> str:
    return f"this calendar runs from {calendar.first_year} to {calendar.last_year}"
