"""Working time as slowly as it can be counted, for tests and `bench.working_time`: it knows England's
bank holidays by rule, and counts by walking through the minutes. Nothing in it comes from the code
that it judges."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from policy.working_time import HoursSection

LONDON = ZoneInfo("Europe/London")
FIRST, LAST = 2015, 2035
ORIGIN = datetime(FIRST, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

OFFICE = HoursSection.model_validate(
    {
        "open": {**dict.fromkeys(WEEKDAYS[:4], "08:30 to 17:30"), "friday": "08:30 to 16:45"},
        "closures": {date(year, 12, 24): "Christmas Eve" for year in range(FIRST, LAST + 1)},
    }
)
SIX_DAYS = HoursSection.model_validate(
    {
        "open": {**dict.fromkeys(WEEKDAYS[:5], "07:00 to 20:15"), "saturday": "09:00 to 13:00"},
    }
)
ALWAYS = HoursSection.model_validate({"open": dict.fromkeys(WEEKDAYS, "00:00 to 24:00")})
SECTIONS = {"office": OFFICE, "six days": SIX_DAYS, "day and night": ALWAYS}


def easter(year: int) -> date:
    """Easter Sunday by the anonymous Gregorian algorithm."""
    golden, century, rest = year % 19, year // 100, year % 100
    skipped, kept = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - skipped - moon + 15) % 30
    leap, years = divmod(rest, 4)
    weekday = (32 + 2 * kept + 2 * leap - epact - years) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def bank_holidays(year: int) -> set[date]:
    """England's, with the substitutes and the days that came but once."""

    def monday_from(day: date) -> date:
        return day + timedelta(days=-day.weekday() % 7)

    def last_monday(month: int) -> date:
        return monday_from(date(year, month, 25))

    days = {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)}
    days |= {easter(year) - 2 * ONE_DAY, easter(year) + ONE_DAY}
    days |= {monday_from(date(year, 5, 1)), last_monday(5), last_monday(8)}
    if date(year, 1, 1).weekday() >= 5:
        days.add(monday_from(date(year, 1, 1)))
    christmas = date(year, 12, 25).weekday()
    days |= {
        4: {date(year, 12, 28)},
        5: {date(year, 12, 27), date(year, 12, 28)},
        6: {date(year, 12, 27)},
    }.get(christmas, set())
    if year == 2020:
        days = days - {date(2020, 5, 4)} | {date(2020, 5, 8)}
    if year == 2022:
        days = days - {date(2022, 5, 30)}
        days |= {date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)}
    if year == 2023:
        days.add(date(2023, 5, 8))
    return days


HOLIDAYS = set().union(*(bank_holidays(year) for year in range(FIRST, LAST + 2)))


class Slow:
    """The rules of working time, by walking through minutes and days."""

    def __init__(self, section: HoursSection) -> None:
        self.closed = HOLIDAYS | set(section.closures)
        self.hours: dict[int, tuple[int, int]] = {
            number: (span.opens, span.closes)
            for number, name in enumerate(WEEKDAYS)
            if (span := section.open.get(name)) is not None  # type: ignore[call-overload]
        }
        self.minutes = bytearray()
        at = ORIGIN
        while at.year <= LAST:
            local = at.astimezone(LONDON)
            first = local.hour * 60
            opens, closes = (0, 0)
            if local.date() not in self.closed:
                opens, closes = self.hours.get(local.weekday(), (0, 0))
            self.minutes += bytes(opens <= minute < closes for minute in range(first, first + 60))
            at += timedelta(hours=1)

    def works_on(self, day: date) -> bool:
        return day.weekday() in self.hours and day not in self.closed

    def closing(self, day: date) -> datetime:
        minute = self.hours[day.weekday()][1]
        midnight = datetime.combine(day + (ONE_DAY if minute == 1440 else 0 * ONE_DAY), time(0))
        return (midnight + minute % 1440 * MINUTE).replace(tzinfo=LONDON).astimezone(UTC)

    def working_minutes(self, start: datetime, amount: int) -> datetime:
        at = (start - ORIGIN) // MINUTE
        while amount:
            amount -= self.minutes[at]
            at += 1
        return ORIGIN + at * MINUTE

    def working_days(self, start: datetime, amount: int, *, inclusive: bool) -> datetime:
        local = start.astimezone(LONDON)
        day = local.date()
        started_on_working_day = self.works_on(day)
        if inclusive and started_on_working_day and start < self.closing(day):
            amount -= 1
            if amount == 0:
                return self.closing(day)
        while amount:
            day += ONE_DAY
            amount -= self.works_on(day)
        if not started_on_working_day:
            return self.closing(day)
        return min(self.same_time(day, local), self.closing(day))

    @staticmethod
    def same_time(day: date, local: datetime) -> datetime:
        """The first minute of that day whose local clock shows the time, or is past it."""
        at = datetime.combine(day, time(local.hour, local.minute), UTC) - timedelta(hours=2)
        wanted = (day, local.hour, local.minute)
        while True:
            shown = at.astimezone(LONDON)
            if (shown.date(), shown.hour, shown.minute) >= wanted:
                return at
            at += MINUTE


@cache
def slow(name: str) -> Slow:
    return Slow(SECTIONS[name])


def starts(seed: str, count: int) -> Iterator[tuple[random.Random, datetime]]:
    """Random minutes of 2015 to 2035, a quarter of them near Christmas, Easter or the changes of
    the clocks."""
    chance = random.Random(seed)
    for number in range(count):
        year = chance.randint(FIRST, LAST - 1)
        if number % 4:
            day = date(year, 1, 1) + chance.randint(0, 364) * ONE_DAY
        else:
            near = (easter(year), date(year, 12, 27), date(year, 3, 28), date(year, 10, 28))
            day = chance.choice(near) + chance.randint(-6, 4) * ONE_DAY
        yield chance, datetime.combine(day, time(0), UTC) + chance.randint(0, 1439) * MINUTE
