"""How soon referrers hear, over HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from chassis.errors import FieldError, InvalidInput
from chassis.identity import Caller, staff
from chassis.identity import service as of_the_house
from chassis.stream.kernel import Service
from policy.working_time import LONDON
from services.notifications.domain import Case
from services.notifications.measures import domain, store

READERS = staff("manager", "analyst")
MONTH: Final = timedelta(days=31)
LONGEST: Final = timedelta(days=366)
COLUMNS: Final = ("measure", "authority", "agency", "count", "total", "percent", "median_hours")
Day = Annotated[date | None, Query()]


@dataclass(frozen=True, slots=True)
class Period:
    """Days in England, `last` not included, and the moments at which they begin."""

    first: date
    last: date
    begin: datetime
    finish: datetime


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


def router(service: Service[Case]) -> APIRouter:
    """What managers and analysts read."""
    routes = APIRouter(tags=["messages"])

    @routes.get("/v1/messages/measures")
    async def measures(
        caller: Annotated[Caller, Depends(READERS)],
        start: Day = None,
        end: Day = None,
        by: Annotated[Literal["authority", "agency"], Query()] = "agency",
        published: Annotated[bool, Query()] = False,
    ) -> Mapping[str, Any]:
        """How soon the referrers of a period's referrals heard, by agency; days in England, `end`
        not included; the last 31 days by default. `published` leaves small numbers out. Restricted
        and erased referrals are in no figure."""
        now = service.clock()
        chosen = period(start, end, now)
        known = sorted(caller.authorities & service.policy.packs.keys())
        async with service.database.connection() as connection:
            told = await store.told(connection, known, chosen.begin, chosen.finish)
        calendars = {one: service.policy.packs[one][-1].calendar.statutory for one in known}
        # A year of a large authority takes a second to count.
        found = await asyncio.to_thread(
            domain.figures, told, calendars, now, by_agency=by == "agency"
        )
        if published:
            found = domain.published(found)
        return {
            "items": [{name: getattr(one, name) for name in COLUMNS} for one in found],
            "start": chosen.first,
            "end": chosen.last,
            "by": by,
            "published": published,
            "definitions": domain.DEFINITIONS,
        }

    return routes


class LookBody(BaseModel):
    """Whose page was opened."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    referral_id: UUID


def internal_router(service: Service[Case]) -> APIRouter:
    """What the console tells. Never routed by a gateway."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/notifications/looks")
    async def looked(
        caller: Annotated[Caller, Depends(of_the_house())], body: LookBody
    ) -> Mapping[str, Any]:
        """Whoever referred has opened the page that says where it stands."""
        del caller
        async with service.database.transaction() as connection:
            await store.looked(connection, body.referral_id, service.clock())
        return {}

    return routes
