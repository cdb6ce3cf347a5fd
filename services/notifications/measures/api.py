"""How soon referrers hear, over HTTP."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from chassis.http.period import Day, period
from chassis.identity import Caller, staff
from chassis.identity import service as of_the_house
from chassis.stream.kernel import Service
from services.notifications.domain import Case
from services.notifications.measures import domain, store

READERS = staff("manager", "analyst")
COLUMNS: Final = ("measure", "authority", "agency", "count", "total", "percent", "median_hours")


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
