"""The working calendar of a hub: every opening from its first year to its last, ready to search.

Moments are integers inside: microseconds since 1970 in UTC. So hours are always real hours, and
summer time is dealt with once, when the calendar is built.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from zoneinfo import ZoneInfo

from policy.working_time.hours import DAY, LONGEST_CLOSURE, HoursSection

LONDON = ZoneInfo("Europe/London")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST_YEAR, LAST_YEAR = 2012, 2045
# Part of every version: raise it when the rules of counting change, so that due times that were
# computed by the old rules are seen to be old.
RULES = "1"

# For a weekday on which the hub doesn't open, though the law counts it.
LAWFUL_HOURS = (9 * 60, 17 * 60)
_MONDAY_TO_FRIDAY = range(5)
# How much longer bank holidays and weekends around a closure may make it.
_HOLIDAYS = 14

Week = tuple[tuple[int, int] | None, ...]
Days = tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Openings of a hub. `days` are ordinals of its working days; `opens`, `closes` their bounds
    and `before` the open time before each, in microseconds. `closed` are the days that would be
    open but for a holiday or closure, `names` what they are called. `version` changes whenever
    anything does that could change a due time or its explanation. `lawful` is the calendar of
    statutory clocks, which no closure of the authority's own holds; None where it is this one.
    `no_school` are the days, by their ordinals, on which there is no school though it may be a
    weekday, and what they are called.
    """

    version: str
    first_year: int
    last_year: int
    days: tuple[int, ...]
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    before: tuple[int, ...]
    closed: tuple[int, ...]
    names: tuple[str, ...]
    lawful: "Calendar | None" = None
    no_school: Mapping[int, str] = field(default_factory=dict)

    @staticmethod
    def of(
        hours: HoursSection, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR
    ) -> "Calendar":
        """The calendar of a pack's hours, for these years. Built once, then remembered.

        Raises ValueError if the hub would never be open for weeks on end.
        """
        announced = tuple(sorted(hours.bank_holidays.items()))
        closures = tuple(sorted(hours.closures.items()))
        holidays = tuple(sorted(hours.school_holidays.items()))
        calendar = _with_lawful(hours.week, announced, closures, first_year, last_year)
        return _with_school(calendar, (*announced, *holidays), holidays)

    @property
    def statutory(self) -> "Calendar":
        """The calendar of statutory clocks: every Monday to Friday but bank holidays counts."""
        return self.lawful or self

    def open_before(self, moment: int) -> int:
        """Open microseconds from the start of the calendar to a moment."""
        number = bisect_right(self.opens, moment) - 1
        if number < 0:
            return 0
        return self.before[number] + min(moment, self.closes[number]) - self.opens[number]

    def when_open(self, total: int) -> int | None:
        """The earliest moment by which `total` open microseconds have passed; None past the end
        of the calendar."""
        number = max(bisect_left(self.before, total) - 1, 0)
        moment = self.opens[number] + total - self.before[number]
        return moment if moment <= self.closes[number] else None

    def names_between(self, first: int, last: int) -> tuple[str, ...]:
        """What kept the hub closed on days that it would have been open, each name once."""
        low, high = bisect_left(self.closed, first), bisect_right(self.closed, last)
        return tuple(dict.fromkeys(self.names[low:high])) if low < high else ()


def micros(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(value: int) -> datetime:
    """Microseconds since 1970 as a datetime in UTC."""
    return EPOCH + timedelta(microseconds=value)


def instant(day: int, at: time) -> int:
    """The moment of a local time in London, on a day given by its ordinal.

    A time that comes twice (clocks go back) is the first of the two. A time that doesn't exist
    (clocks go forward) is the moment of the change. Either way nobody gains an hour.
    """
    local = datetime.combine(date.fromordinal(day), at.replace(fold=0), LONDON)
    found = micros(local)
    if at.hour == 1 and moment_of(found).astimezone(LONDON).hour != 1:
        # The clocks of Europe/London change at 01:00 UTC.
        return micros(datetime.combine(local.date(), time(1), UTC))
    return found


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the hub is open at a moment: from the opening on, and no longer at the closing."""
    moment = micros(at)
    number = bisect_right(calendar.opens, moment) - 1
    return number >= 0 and moment < calendar.closes[number]


def opens_next(calendar: Calendar, at: datetime) -> datetime:
    """When the hub is next open, in UTC: `at` itself while it is open.

    Raises ValueError past the end of the calendar.
    """
    if is_open(calendar, at):
        return at.astimezone(UTC)
    number = bisect_left(calendar.opens, micros(at))
    if number == len(calendar.opens):
        raise ValueError(f"this calendar ends with {calendar.last_year}")
    return moment_of(calendar.opens[number])


def closes_next(calendar: Calendar, at: datetime) -> datetime | None:
    """When the hub, open at `at`, closes, in UTC. None while it is closed."""
    moment = micros(at)
    number = bisect_right(calendar.opens, moment) - 1
    if number < 0 or moment >= calendar.closes[number]:
        return None
    return moment_of(calendar.closes[number])


@lru_cache(maxsize=64)
def _with_lawful(week: Week, announced: Days, closures: Days, first: int, last: int) -> Calendar:
    calendar = _build(week, (*announced, *closures), first, last)
    lawful_week = tuple(
        span or LAWFUL_HOURS if number in _MONDAY_TO_FRIDAY else span
        for number, span in enumerate(week)
    )
    if not closures and lawful_week == week:
        return calendar
    return replace(calendar, lawful=_build(lawful_week, announced, first, last))


@lru_cache(maxsize=64)
def _with_school(calendar: Calendar, closed: Days, holidays: Days) -> Calendar:
    """A calendar that knows when there is no school. Its version changes with what a pack says of
    that: without, it is what it was."""
    known = (*_bank_holidays(calendar.first_year, calendar.last_year), *closed)
    no_school = {day.toordinal(): name for day, name in known}
    version = calendar.version
    if holidays:
        version = f"england-{sha256(repr((version, holidays)).encode()).hexdigest()[:12]}"
    return replace(calendar, no_school=no_school, version=version)


@lru_cache(maxsize=64)
def _build(week: Week, closures: Days, first: int, last: int) -> Calendar:
    if last < first:
        raise ValueError(f"a calendar can't run from {first} to {last}")
    why_closed = {day.toordinal(): name for day, name in _bank_holidays(first, last)}
    why_closed |= {day.toordinal(): name for day, name in closures}
    days: list[int] = []
    spans: list[tuple[int, int]] = []
    closed: list[int] = []
    for day in range(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1):
        span = week[(day - 1) % 7]
        if span is None:
            continue
        if day in why_closed:
            closed.append(day)
            continue
        days.append(day)
        spans.append((_bound(day, span[0]), _bound(day, span[1])))
    _refuse_long_closures(days, first, last)
    before, total = [], 0
    for opens, closes in spans:
        before.append(total)
        total += closes - opens
    # The bounds are in UTC: a change of the rules of summer time changes the version too.
    inputs = (RULES, week, sorted(why_closed.items()), spans)
    return Calendar(
        version=f"england-{sha256(repr(inputs).encode()).hexdigest()[:12]}",
        first_year=first,
        last_year=last,
        days=tuple(days),
        opens=tuple(opens for opens, _ in spans),
        closes=tuple(closes for _, closes in spans),
        before=tuple(before),
        closed=tuple(closed),
        names=tuple(why_closed[day] for day in closed),
    )


def _bound(day: int, minute: int) -> int:
    if minute == DAY:
        return instant(day + 1, time(0))
    return instant(day, time(minute // 60, minute % 60))


def _refuse_long_closures(days: list[int], first: int, last: int) -> None:
    """A calendar in which working time stands still is a mistake, not a calendar. The section is
    checked when it is loaded; here its bank holidays count too."""
    edges = [date(first, 1, 1).toordinal() - 1, *days, date(last, 12, 31).toordinal() + 1]
    for earlier, later in pairwise(edges):
        if later - earlier > LONGEST_CLOSURE + _HOLIDAYS:
            since, until = date.fromordinal(earlier + 1), date.fromordinal(later - 1)
            raise ValueError(f"closures: every day from {since} to {until} is closed")


@lru_cache(maxsize=8)
def _bank_holidays(first: int, last: int) -> Days:
    """England's bank holidays, substitute days included."""
    # Importing it loads every country of the world: two thirds of a second that a command which
    # counts no working time shouldn't pay.
    from holidays import country_holidays

    found = country_holidays("GB", subdiv="ENG", years=range(first, last + 1))
    named = ((day, name.replace("(observed)", "(substitute day)")) for day, name in found.items())
    return tuple(sorted(named))
