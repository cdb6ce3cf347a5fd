"""Events that a service could not answer: shown by code and trace, tried again, and discarded on a
practitioner's word alone (practice rule 1). Nothing here says what an event says.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from contracts.codes import DISCARDED_BECAUSE
from services.console import words
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.health import SERVICES
from services.console.pages.page import let_in, pages, references_of, sent_to
from services.console.reads import Part, Refusal
from services.console.rows import Titles
from services.console.sessions import Session
from services.console.times import moment

ROOM = "/unprocessed"
DONE = {
    "replay": "Asked. The service tries again within a second; reload to see what became of it.",
    "decided": "Your decision is recorded. It can be carried out now.",
    "discarded": "Discarded. The events behind it are tried again within a second.",
}


def router(desk: Desk) -> APIRouter:
    """The list, one referral's events, and what is done about them."""
    routes = pages(desk)

    @routes.get("/unprocessed")
    async def listed(request: Request) -> Response:
        session = await let_in(desk, request, ROOM)
        told = await asyncio.gather(
            *(desk.reads.house(f"/internal/v1/{name}/parked") for name in SERVICES)
        )
        rows = [
            _row(desk, name, one)
            for name, part in zip(SERVICES, told, strict=True)
            for one in part.items
            if one["authority"] in session.authorities
        ]
        known = await references_of(desk, session, [row["referral_id"] for row in rows])
        away = [name for name, part in zip(SERVICES, told, strict=True) if part.away]
        return desk.show(
            request,
            "unprocessed.html",
            {
                "rows": rows,
                "away": away,
                "references": known,
                "titles": Titles(desk.policy, session, desk.clock()),
            },
            session=session,
        )

    @routes.get("/unprocessed/{consumer}/{referral_id}")
    async def shown(
        request: Request,
        consumer: str,
        referral_id: UUID,
        done: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _page(desk, request, session, consumer, referral_id, done=DONE.get(done, ""))

    @routes.post("/unprocessed/{consumer}/{referral_id}/replay")
    async def replay(request: Request, consumer: str, referral_id: UUID) -> Response:
        session, _ = await sent_to(desk, request, ROOM)
        path = f"{_inside(consumer)}/parked/{referral_id}/replay"
        told = await desk.reads.ask_house(path, {"person": session.person})
        return await _answered(desk, request, session, (consumer, referral_id), told, "replay")

    @routes.post("/unprocessed/{consumer}/{referral_id}/decision")
    async def decide(request: Request, consumer: str, referral_id: UUID) -> Response:
        """The practitioner's decision, which triage takes or refuses."""
        session, values = await sent_to(desk, request, ROOM)
        first = (await _events(desk, session, consumer, referral_id))[0]
        typed = Typed(values)
        body = {
            "consumer": consumer,
            "source": first["source"],
            "sequence": first["sequence"],
            "reason": typed.one("reason"),
        }
        path = f"/v1/triage/referrals/{referral_id}/parked-discard"
        told = await desk.reads.told(session.token, path, body)
        return await _answered(desk, request, session, (consumer, referral_id), told, "decided")

    @routes.post("/unprocessed/{consumer}/{referral_id}/discard")
    async def discard(request: Request, consumer: str, referral_id: UUID) -> Response:
        """Carries out what a practitioner decided about the first event."""
        session, _ = await sent_to(desk, request, ROOM)
        first = (await _events(desk, session, consumer, referral_id))[0]
        decided = await _decision(desk, consumer, referral_id, first)
        if decided is None:
            raise NotFound("discard_not_decided", "Nobody has decided that.")
        kept = ("discard_id", "source", "sequence", "reason", "staff_id", "decided_at")
        body = {"person": session.person, **{name: decided[name] for name in kept}}
        path = f"{_inside(consumer)}/parked/{referral_id}/discard"
        told = await desk.reads.ask_house(path, body)
        return await _answered(desk, request, session, (consumer, referral_id), told, "discarded")

    return routes


async def _answered(
    desk: Desk,
    request: Request,
    session: Session,
    where: tuple[str, UUID],
    told: Part | Refusal,
    done: str,
) -> Response:
    consumer, referral_id = where
    if isinstance(told, Part):
        gone = done == "discarded"
        return RedirectResponse(
            ROOM if gone else f"{ROOM}/{consumer}/{referral_id}?done={done}", 303
        )
    if told.status == 404:
        raise NotFound("nothing_parked", "Nothing of this referral is parked there.")
    return await _page(desk, request, session, consumer, referral_id, problem=told.detail)


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    consumer: str,
    referral_id: UUID,
    *,
    done: str = "",
    problem: str = "",
) -> Response:
    events = await _events(desk, session, consumer, referral_id)
    known = await references_of(desk, session, [str(referral_id)])
    return desk.show(
        request,
        "unprocessed-one.html",
        {
            "events": [_row(desk, consumer, one) for one in events],
            "consumer": consumer,
            "referral_id": referral_id,
            "reference": known.get(str(referral_id)),
            "decided": await _decision(desk, consumer, referral_id, events[0]),
            "reasons": [
                {"value": one.code, "text": one.title} for one in DISCARDED_BECAUSE.values()
            ],
            "reason": lambda code: DISCARDED_BECAUSE[code].title,
            "done": done,
            "problem": problem,
        },
        session=session,
        status=422 if problem else 200,
    )


async def _events(
    desk: Desk, session: Session, consumer: str, referral_id: UUID
) -> Sequence[Mapping[str, Any]]:
    """A referral's parked events, of which there are some. Raises NotFound, Unavailable."""
    part = desk.there(await desk.reads.house(f"{_inside(consumer)}/parked/{referral_id}"))
    if part.data.get("authority") not in session.authorities or not part.items:
        raise NotFound("nothing_parked", "Nothing of this referral is parked there.")
    return part.items


async def _decision(
    desk: Desk, consumer: str, referral_id: UUID, event: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """What was decided about an event."""
    part = await desk.reads.house(f"/internal/v1/triage/discards/{referral_id}")
    about = (consumer, event["source"], event["sequence"])
    for one in part.items:
        if (one["consumer"], one["source"], one["sequence"]) == about:
            return one
    return None


def _row(desk: Desk, consumer: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """A parked event, its codes in words where there are some."""
    kind = one["type"].removeprefix("uk.frontdoor.").rpartition(".v")[0]
    return {
        **one,
        "consumer": consumer,
        "kind": words.said(words.EVENTS, kind),
        "since": moment(datetime.fromisoformat(one["parked_at"]), desk.clock()),
    }


def _inside(consumer: str) -> str:
    if consumer not in SERVICES:
        raise NotFound("consumer_not_found", "There is no such service.")
    return f"/internal/v1/{consumer}"
