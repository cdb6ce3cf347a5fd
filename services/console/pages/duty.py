"""The shift on one page: who is on duty and what they hold, signing for the night, whom to telephone,
which disagreements are owed an answer, what falls due, and what another system has yet to take."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from contracts import codes
from services.console import words
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.guidance import clock_titles
from services.console.pages.page import let_in, pages, references_of, sent_to
from services.console.pages.transfers import REFUSED, TRANSFERRED, TRANSFERS
from services.console.reads import Part
from services.console.rows import Titles
from services.console.times import due, moment

ROOM = "/duty"
TAKERS = frozenset({"duty", "manager"})
PARTS = (
    ("duty", "/v1/allocations/duty"),
    ("rota", "/v1/rota"),
    ("signed", "/v1/allocations/handovers"),
    ("forecast", "/v1/clocks/forecast"),
    ("untold", "/v1/messages/undelivered"),
    ("disputed", "/v1/triage/disagreements"),
)
FOR_MANAGERS = (("bundles", "/v1/case-system/bundles"), *TRANSFERS)
HANDOVERS = 5
TOLD = {
    "by_telephone": "By telephone",
    "in_person": "In person",
    "by_letter": "By letter",
    "not_needed": "They knew",
}
REASONS: Mapping[str, str] = {
    "no_address": "They gave no email address",
    "bad_address": "The address is none",
    "not_safe_to_write": "It is not known to be safe to write to them: ring with care",
}
DONE = {
    "signed": "You have signed for what the night held. It is with the day\u2019s duty team.",
    "told": "It is recorded that they were told.",
    **TRANSFERRED,
}
SORRY = {
    "handover": "The emergency duty team holds something else now. Look again, then sign.",
    "told": "That message went after all, or somebody has told them meanwhile.",
    "answer": REFUSED,
}


def router(desk: Desk) -> APIRouter:
    """The page, and what is done on it."""
    routes = pages(desk)

    @routes.get("/duty")
    async def shown(
        request: Request,
        done: Annotated[str, Query(max_length=10)] = "",
        sorry: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        asked = (*PARTS, *(FOR_MANAGERS if session.is_manager else ()))
        told = await asyncio.gather(*(desk.reads.part(session.token, path) for _, path in asked))
        found = {name: part for (name, _), part in zip(asked, told, strict=True)}
        now = desk.clock()
        titles = Titles(desk.policy, session, now)
        clocks = {
            authority: clock_titles(titles.pack(authority)) for authority in session.authorities
        }
        return desk.show(
            request,
            "duty.html",
            {
                "found": found,
                "references": await references_of(desk, session, _referrals(found)),
                "titles": titles,
                "clock": lambda authority, name: words.said(clocks.get(authority, {}), name),
                "due": lambda at: due(datetime.fromisoformat(at), now),
                "moment": lambda at: moment(datetime.fromisoformat(at), now),
                "agency": lambda code: words.said(codes.AGENCIES, code),
                "message": lambda kind: words.said(words.MESSAGES, kind),
                "reason": _reason,
                "handovers": HANDOVERS,
                "may_sign": not session.caller.roles.isdisjoint(TAKERS),
                "told": TOLD,
                "installed": set(desk.policy.authorities),
                "done": DONE.get(done, ""),
                "sorry": SORRY.get(sorry, ""),
            },
            session=session,
        )

    @routes.post("/duty/handover")
    async def sign(request: Request) -> Response:
        """Sign for all that the emergency duty team was shown to hold."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        body = {
            "authority": typed.one("authority"),
            "allocation_ids": list(typed.every("allocation_id")),
        }
        refusal = await desk.reads.order(session.token, "/v1/allocations/handovers", body)
        said = "done=signed" if refusal is None else "sorry=handover"
        return RedirectResponse(f"/duty?{said}", 303)

    @routes.post("/duty/messages/{message_id}")
    async def tell(request: Request, message_id: UUID) -> Response:
        """Say that somebody was told whom a message did not reach."""
        session, values = await sent_to(desk, request, ROOM)
        refusal = await desk.reads.order(
            session.token, f"/v1/messages/{message_id}/told", {"how": Typed(values).one("how")}
        )
        if refusal is not None and refusal.status in (403, 404, 422):
            raise NotFound("message_not_found", "There is no such message.")
        said = "done=told" if refusal is None else "sorry=told"
        return RedirectResponse(f"/duty?{said}#telephone", 303)

    return routes


def _referrals(found: Mapping[str, Part]) -> set[str]:
    """Every referral that the page names."""
    held = (
        one for duty in found["duty"].items for queue in duty["queues"] for one in queue["items"]
    )
    listed = (
        one
        for name in ("untold", "disputed", "bundles", "transfers", "unasked")
        if name in found
        for one in found[name].items
    )
    return {str(one["referral_id"]) for one in (*held, *listed) if one.get("referral_id")}


def _reason(one: Mapping[str, Any]) -> str:
    """Why a message did not reach somebody."""
    code = str(one.get("reason") or "")
    if code.startswith("bounced_"):
        return "It came back"
    return REASONS.get(code) or words.sentence(code) or "It could not be sent"
