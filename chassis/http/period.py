"""The days over which something is counted."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query

from chassis.errors import FieldError, InvalidInput
from policy.working_time import LONDON

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MONTH: Final = timedelta(days=31)
LONGEST: Final = timedelta(days=366)
Day = Annotated[date | None, Query()]


@dataclass(frozen=True, slots=True)
class Period:
    """Days in England, `last` not included, and the moments at which they begin."""

    first: date
    last: date
    begin: datetime
    finish: datetime

    def told(self, items: "Iterable[DataclassInstance]", *, published: bool) -> dict[str, Any]:
        """What was counted over it, as it is answered."""
        return {
            "items": [asdict(one) for one in items],
            "start": self.first,
            "end": self.last,
            "published": published,
        }


def period(start: date | None, end: date | None, now: datetime) -> Period:
    """What was asked for, or the last 31 days. Raises InvalidInput for a period that is the wrong
    way round or too long."""
    last = end or now.astimezone(LONDON).date() + timedelta(days=1)
    first = start or last - MONTH
    if not timedelta(0) < last - first <= LONGEST:
        raise InvalidInput(
            "invalid_period",
            "Some fields are wrong.",
            errors=(FieldError("/end", "A period is a day at least, and a year at most."),),
        )
    begin, finish = (datetime.combine(day, time(0), LONDON) for day in (first, last))
    return Period(first, last, begin, finish)
