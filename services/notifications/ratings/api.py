"""Whether decisions' messages were useful, over HTTP: said by a link, counted for the hub."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query
from pydantic import model_validator

from chassis.http.period import Day, period
from chassis.identity import Caller, service, staff
from chassis.identity.links import Links
from chassis.stream.kernel import Service
from services.notifications.domain import Case
from services.notifications.one_question import LINK_FOR, LinkBody, message_of, nowhere
from services.notifications.ratings import domain, store

READERS = staff("practitioner", "manager", "analyst")


class RatingBody(LinkBody):
    """Whether a message was useful, and where it was not, why."""

    useful: bool
    because: domain.Because | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.useful == (self.because is not None):
            raise ValueError("a reason belongs to what was not useful, and to nothing else")
        return self


def router(asked: Service[Case]) -> APIRouter:
    """What the hub's staff read."""
    routes = APIRouter(tags=["messages"])

    @routes.get("/v1/messages/ratings")
    async def ratings(
        caller: Annotated[Caller, Depends(READERS)],
        start: Day = None,
        end: Day = None,
        published: Annotated[bool, Query()] = False,
    ) -> Mapping[str, Any]:
        """How many said that a message was useful, or why not, by authority, kind of message and
        `template`: `shipped`, or the version of the pack with the authority's own; days in England,
        `end` not included; the last 31 days by default. `published` leaves small numbers out."""
        chosen = period(start, end, asked.clock())
        async with asked.database.connection() as connection:
            rows = await store.counted(
                connection, sorted(caller.authorities), chosen.begin, chosen.finish
            )
        found = domain.summed(rows)
        if published:
            found = domain.published(found)
        return chosen.told(found, published=published)

    return routes


def internal_router(asked: Service[Case], links: Links) -> APIRouter:
    """What the console asks for whoever holds a link. Never routed by a gateway."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/notifications/ratings:opened")
    async def opened(
        caller: Annotated[Caller, Depends(service())], body: LinkBody
    ) -> Mapping[str, Any]:
        """What a link is about, and what was said. Opening it says nothing: scanners open links."""
        del caller
        since = asked.clock() - LINK_FOR
        async with asked.database.connection() as connection:
            row = await store.opened(connection, message_of(links, "useful", body.token), since)
        if row is None:
            raise nowhere()
        return {name: row[name] for name in ("reference", "useful", "because")}

    @routes.post("/internal/v1/notifications/ratings:sent")
    async def sent(
        caller: Annotated[Caller, Depends(service())], body: RatingBody
    ) -> Mapping[str, Any]:
        """Whether it was useful. Said again, the last counts."""
        del caller
        message_id, now = message_of(links, "useful", body.token), asked.clock()
        async with asked.database.transaction() as connection:
            row = await store.opened(connection, message_id, now - LINK_FOR)
            if row is None:
                raise nowhere()
            await store.keep(connection, message_id, body.useful, body.because, now)
        return {"reference": row["reference"], "useful": body.useful, "because": body.because}

    return routes
