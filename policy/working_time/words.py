"""Due times in plain words, as they stand on screens and in messages. Times are London's."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_MOST_NAMES = 4
_PLACES = 4
_NOUNS = {
    "hours": ("hour", "minute"),
    "working_hours": ("working hour", "working minute"),
    "working_days": ("working day", ""),
}


def when(local: datetime, *, year: bool = False) -> str:
    """`Tue 7 Apr 15:00`, with the year after the month if asked."""
    years = f" {local.year}" if year else ""
    return (
        f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}{years}"
        f" {local.hour:02}:{local.minute:02}"
    )


def length(amount: int | Decimal, unit: str) -> str:
    """`1 working day`, `4 hours`, `30 minutes`, `1.5 working hours`."""
    noun, part = _NOUNS[unit]
    if part and amount < 1:
        amount, noun = amount * 60, part
    number = f"{round(Decimal(amount), _PLACES).normalize():f}"
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def not_counted(names: Sequence[str]) -> str:
    """`, Good Friday and Easter Monday not counted`; nothing if nothing was left out."""
    if not names:
        return ""
    shown = [*names[:_MOST_NAMES]]
    if len(names) > _MOST_NAMES:
        shown.append(f"{len(names) - _MOST_NAMES} more")
    text = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f", {text} not counted"
