"""Whether the help that was named happened, over HTTP: said by a link, counted for the hub."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from chassis.http.period import Day, period
from chassis.identity import Caller, service
from chassis.identity.links import Links
from chassis.stream.kernel import Service
from policy.helping import LOOK_AGAIN, Answer, summed
from policy.helping import published as without_small
from services.notifications.digests import store as digests
from services.notifications.domain import About, Case
from services.notifications.domain.helping import NO_HELP
from services.notifications.domain.nudging import nudge
from services.notifications.helped import store
from services.notifications.measures.api import READERS
from services.notifications.one_question import LINK_FOR, LinkBody, message_of, nowhere
from services.notifications.store import NotificationsStore


class AnswerBody(LinkBody):
    """What became of the help that was named."""

    answer: Answer


def router(asked: Service[Case]) -> APIRouter:
    """What managers and analysts read."""
    routes = APIRouter(tags=["messages"])

    @routes.get("/v1/messages/helped")
    async def helped(
        caller: Annotated[Caller, Depends(READERS)],
        start: Day = None,
        end: Day = None,
        published: Annotated[bool, Query()] = False,
    ) -> Mapping[str, Any]:
        """What whoever referred says became of the help that a decision named and no team took on,
        by authority and answer: `it_happened`, `began_and_stopped`, `never_got_there`, `no_room`
        (none there, or it could not be reached), `not_known`. Days in England on which they said so,
        `end` not included; the last 31 days by default. `published` leaves small numbers out."""
        chosen = period(start, end, asked.clock())
        async with asked.database.connection() as connection:
            rows = await store.counted(
                connection, sorted(caller.authorities), chosen.begin, chosen.finish
            )
        found = summed(rows)
        if published:
            found = without_small(found)
        return chosen.told(found, published=published)

    return routes


def internal_router(asked: Service[Case], cases: NotificationsStore, links: Links) -> APIRouter:
    """What the console asks for whoever holds a link. Never routed by a gateway."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/notifications/helped:opened")
    async def opened(
        caller: Annotated[Caller, Depends(service())], body: LinkBody
    ) -> Mapping[str, Any]:
        """What a link is about, and what was said. Opening it says nothing: scanners open links."""
        del caller
        since = asked.clock() - LINK_FOR
        async with asked.database.connection() as connection:
            row = await store.opened(connection, message_of(links, "helped", body.token), since)
        if row is None:
            raise nowhere()
        return {name: row[name] for name in ("reference", "answer")}

    @routes.post("/internal/v1/notifications/helped:sent")
    async def sent(
        caller: Annotated[Caller, Depends(service())], body: AnswerBody
    ) -> Mapping[str, Any]:
        """What became of it. Said again, the last counts. Where it never began, the team that has
        the referral gets a line in its digest, once: a person looks again."""
        del caller
        message_id, now = message_of(links, "helped", body.token), asked.clock()
        async with asked.database.transaction() as connection:
            row = await store.opened(connection, message_id, now - LINK_FOR)
            if row is None:
                raise nowhere()
            await store.keep(connection, message_id, body.answer, now)
            if body.answer in LOOK_AGAIN and row["answer"] not in LOOK_AGAIN:
                case = (await cases.load(connection, [row["referral_id"]]))[row["referral_id"]]
                told = nudge(
                    case, message_id, message_id, NO_HELP, About.BREACHED, now, None,
                    asked.policy, now,
                )  # fmt: skip
                await digests.add(connection, [(told, told.nudges[-1])])
        return {"reference": row["reference"], "answer": body.answer}

    return routes
