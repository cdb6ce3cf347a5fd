"""The `hours` section of a pack: when the hub is open, and the days on which it is not."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
Name = Annotated[str, Field(min_length=1, max_length=80)]
DAY = 24 * 60
LONGEST_CLOSURE = 21
LONGEST_HOLIDAY = 70
_CLOCKS_CHANGE = range(61, 120)
_SPAN = re.compile(r"(\d{2}):(\d{2}) to (\d{2}):(\d{2})")
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2}) to (\d{4}-\d{2}-\d{2})")


class Opening(BaseModel):
    """Opening and closing time of one weekday, in minutes after midnight in Europe/London.

    Written as `08:30 to 17:00`; `24:00` is the end of the day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    opens: Annotated[int, Field(ge=0, lt=DAY)]
    closes: Annotated[int, Field(gt=0, le=DAY)]

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        if isinstance(value, dict | cls):
            return value
        found = _SPAN.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError("write opening hours as '08:30 to 17:00', or 'closed'")
        hours, minutes, last_hours, last_minutes = (int(part) for part in found.groups())
        if max(minutes, last_minutes) > 59:
            raise ValueError("there are sixty minutes in an hour")
        return {"opens": hours * 60 + minutes, "closes": last_hours * 60 + last_minutes}

    @model_validator(mode="after")
    def _in_order(self) -> "Opening":
        if self.closes <= self.opens:
            raise ValueError("the closing time must come after the opening time of the same day")
        return self

    def __str__(self) -> str:
        return " to ".join(f"{at // 60:02}:{at % 60:02}" for at in (self.opens, self.closes))


class HoursSection(BaseModel):
    """The nation's bank holidays, opening hours by weekday, and the authority's own closures.

    A weekday that is left out is closed. A closure is a whole day: `2026-12-24: Christmas Eve`.
    `bank_holidays` are those that the nation announced late; the others are known. No closure of
    the authority's own holds a statutory clock. `school_holidays` are days without school in the
    authority's own schools, written as a day or as `2026-12-21 to 2027-01-01: Christmas`; they
    close no hub.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    nation: Literal["england"] = "england"
    open: dict[Weekday, Opening | None]
    bank_holidays: dict[date, Name] = Field(default_factory=dict)
    closures: dict[date, Name] = Field(default_factory=dict)
    school_holidays: dict[date, Name] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _closed(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("open"), dict):
            return value
        days = {day: None if span == "closed" else span for day, span in value["open"].items()}
        return {**value, "open": days}

    @model_validator(mode="before")
    @classmethod
    def _days_of_holidays(cls, value: Any) -> Any:
        held = value.get("school_holidays") if isinstance(value, dict) else None
        if not isinstance(held, dict):
            return value
        days = {day: name for span, name in held.items() for day in _each_day(span)}
        return {**value, "school_holidays": days}

    @model_validator(mode="after")
    def _some_day_is_open(self) -> "HoursSection":
        if not any(self.open.values()):
            raise ValueError("every day is marked as closed: no working time could ever pass")
        sunday = self.open.get("sunday")
        if sunday and not {sunday.opens, sunday.closes}.isdisjoint(_CLOCKS_CHANGE):
            raise ValueError(
                "open.sunday: the hub can't open or close between 01:00 and 02:00, the hour that"
                " is missing or comes twice when the clocks change"
            )
        return self

    @model_validator(mode="after")
    def _opens_again(self) -> "HoursSection":
        days = {*self.bank_holidays, *self.closures}
        closed = 0
        for day in range(
            min(days, default=date.max).toordinal(), max(days, default=date.min).toordinal() + 1
        ):
            is_closed = self.week[(day - 1) % 7] is None or date.fromordinal(day) in days
            closed = closed + 1 if is_closed else 0
            if closed > LONGEST_CLOSURE:
                since = date.fromordinal(day - closed + 1)
                raise ValueError(f"closures: the hub is closed for over three weeks from {since}")
        return self

    @model_validator(mode="after")
    def _school_begins_again(self) -> "HoursSection":
        known = {day.toordinal() for day in self.school_holidays}
        for first in (day for day in known if day - 1 not in known):
            last = first
            while last + 1 in known:
                last += 1
            if last - first >= LONGEST_HOLIDAY:
                since = date.fromordinal(first)
                raise ValueError(
                    f"school_holidays: there is no school for over ten weeks from {since}"
                )
        return self

    @property
    def week(self) -> tuple[tuple[int, int] | None, ...]:
        """Opening and closing minute of each weekday from Monday; None where closed."""
        spans = (self.open.get(day) for day in WEEKDAYS)
        return tuple((span.opens, span.closes) if span else None for span in spans)


def closed_as_known(earlier: HoursSection, newer: HoursSection, since: date) -> HoursSection:
    """The opening hours of one section, closed from a day on when another says."""
    return earlier.model_copy(
        update={
            "bank_holidays": _days(earlier.bank_holidays, newer.bank_holidays, since),
            "closures": _days(earlier.closures, newer.closures, since),
            "school_holidays": _days(earlier.school_holidays, newer.school_holidays, since),
        }
    )


def _days(earlier: dict[date, Name], newer: dict[date, Name], since: date) -> dict[date, Name]:
    return {
        **{day: name for day, name in earlier.items() if day < since},
        **{day: name for day, name in newer.items() if day >= since},
    }


def _each_day(span: Any) -> list[Any]:
    """Every day of `2026-12-21 to 2027-01-01`; what is written otherwise, as it is."""
    found = _DAYS.fullmatch(span) if isinstance(span, str) else None
    if found is None:
        return [span]
    first, last = (date.fromisoformat(each) for each in found.groups())
    if last < first:
        raise ValueError(f"school_holidays: {span} ends before it begins")
    if (last - first).days >= LONGEST_HOLIDAY:
        raise ValueError(f"school_holidays: {span} is longer than ten weeks")
    return [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]
