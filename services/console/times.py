"""Times in words, as people in England read them. The browser says the same (frontend/scripts)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
SOON = timedelta(hours=1)
MANY_DAYS = timedelta(days=2)


class Pressure(StrEnum):
    """How much a due time presses."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Due:
    """A due time as a page shows it: how long is left, and when that is."""

    at: datetime
    words: str
    absolute: str
    pressure: Pressure


def due(at: datetime, now: datetime) -> Due:
    """A due time seen from `now`, both UTC."""
    if at <= now:
        return Due(at, f"Overdue {span(now - at)}", moment(at, now), Pressure.OVERDUE)
    pressure = Pressure.SOON if at - now < SOON else Pressure.LATER
    return Due(at, f"{span(at - now)} left", moment(at, now), pressure)


def span(length: timedelta) -> str:
    """A length in the largest two units: `52m`, `1h 26m`, `2 days 3h`."""
    minutes = int(length.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    if length >= MANY_DAYS:
        days, hours = divmod(hours, 24)
        return f"{days} days {hours}h" if hours else f"{days} days"
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"


def moment(at: datetime, now: datetime) -> str:
    """A time of the clock in England, with its day unless that is today."""
    local, today = at.astimezone(LONDON), now.astimezone(LONDON).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return f"today {clock}"
    if local.date() == today + timedelta(days=1):
        return f"tomorrow {clock}"
    if local.date() == today - timedelta(days=1):
        return f"yesterday {clock}"
    return f"{local:%a} {local.day} {local:%b}{_year(local, now)} {clock}"


def stamp(at: datetime) -> str:
    """The whole time: `14 March 2025 at 16:05`."""
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y} at {local:%H:%M}"


def day(said: date | str) -> str:
    """A day, as a date or as services write one: `14 March 2025`."""
    at = date.fromisoformat(said) if isinstance(said, str) else said
    return f"{at.day} {at:%B %Y}"


def day_of(said: str) -> str:
    """The day in England of a time as services write one: `14 March 2025`."""
    return day(datetime.fromisoformat(said).astimezone(LONDON).date())


def clock_face(at: datetime) -> str:
    """The time of day with seconds: `10:32:05`."""
    return f"{at.astimezone(LONDON):%H:%M:%S}"


def _year(local: datetime, now: datetime) -> str:
    return "" if local.year == now.astimezone(LONDON).year else f" {local:%Y}"
