"""Lengths of time as people write them in a pack: `4 hours`, `1 working day`, `30 minutes`, `before
08:30 on the next school day`."""

import re
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from policy.working_time import Count, Unit, length

_WRITTEN = re.compile(
    r"(?P<amount>\d+(?:\.\d+)?) (?P<noun>(?:working )?(?:minute|hour)|working day)s?"
    r"(?P<inclusive>, the first day counted)?(?P<opening>, from opening)?"
)
_SCHOOL = re.compile(r"before ([01]\d|2[0-3]):([0-5]\d) on the next school day")
_UNITS: dict[str, Unit] = {
    "minute": "hours",
    "hour": "hours",
    "working minute": "working_hours",
    "working hour": "working_hours",
    "working day": "working_days",
}
_HOW = (
    "write a period as '30 minutes', '4 hours', '4 working hours', '1 working day',"
    " '1 working day, the first day counted', '4 hours, from opening' or"
    " 'before 08:30 on the next school day'"
)


class Period(BaseModel):
    """How long a clock runs. Minutes are kept as parts of hours. `begins` is the rule for a start
    while the hub is closed: at that moment, or when the hub next opens. `before_school`: it runs,
    day and night, until that time in London on the next school day, and `amount` and `unit` say no
    more than that."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Annotated[Decimal, Field(gt=0, le=10_000)]
    unit: Unit
    count: Count = "exclusive"
    begins: Literal["at_once", "at_opening"] = "at_once"
    before_school: time | None = None

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        if isinstance(value, dict | cls):
            return value
        school = _SCHOOL.fullmatch(value) if isinstance(value, str) else None
        if school is not None:
            at = time(int(school[1]), int(school[2]))
            return {"amount": Decimal(1), "unit": "hours", "before_school": at}
        found = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(_HOW)
        amount, noun = Decimal(found["amount"]), found["noun"]
        return {
            "amount": amount / 60 if noun.endswith("minute") else amount,
            "unit": _UNITS[noun],
            "count": "inclusive" if found["inclusive"] else "exclusive",
            "begins": "at_opening" if found["opening"] else "at_once",
        }

    @model_validator(mode="after")
    def _can_be_counted(self) -> "Period":
        if self.unit == "working_days" and self.amount % 1:
            raise ValueError("working days are whole: use working hours for parts of one")
        if self.unit != "working_days" and self.count == "inclusive":
            raise ValueError("only working days can be counted with their first day")
        return self

    def __str__(self) -> str:
        if self.before_school is not None:
            return f"before {self.before_school:%H:%M} on the next school day"
        words = length(self.amount, self.unit)
        words += ", the first day counted" if self.count == "inclusive" else ""
        return f"{words}, from opening" if self.begins == "at_opening" else words


def _lasts(period: Period) -> Period:
    if period.before_school is not None:
        raise ValueError("write how long, such as '4 hours': only a clock waits for a school day")
    return period


Lasting = Annotated[Period, AfterValidator(_lasts)]
"""A period that is a length of time, whenever it begins."""


class Warn(BaseModel):
    """When a clock warns: `75%` of the way, or `2 working hours before` it is due."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Annotated[Decimal, Field(gt=0, lt=1)] | None = None
    before: Lasting | None = None

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        if isinstance(value, dict | cls):
            return value
        if isinstance(value, str) and re.fullmatch(r"\d{1,2}%", value):
            return {"part": Decimal(value[:-1]) / 100}
        if isinstance(value, str) and value.endswith(" before"):
            return {"before": value.removesuffix(" before")}
        raise ValueError("write a warning as '75%' or '2 working hours before'")

    @model_validator(mode="after")
    def _one_of_them(self) -> "Warn":
        if (self.part is None) == (self.before is None):
            raise ValueError("a warning comes part of the way, or some time before: one of them")
        return self

    def __str__(self) -> str:
        return f"{self.part:.0%}" if self.part is not None else f"{self.before} before"
