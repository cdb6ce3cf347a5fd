"""The small orders on the page of a referral: claiming it, taking its work on or handing it back, and
saying that two records, or two referrals, tell of one person or one incident."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, sent_form
from services.console.sessions import Session

Sorry = Callable[[Request, Session, UUID, str], Awaitable[Response]]
"""The page of a referral, with why an order was refused."""

MATCH_FIELDS = ("person_id", "other_referral_id", "other_person_id", "state", "because")
INCIDENT_FIELDS = ("other_referral_id", "state")


def router(desk: Desk, sorry: Sorry) -> APIRouter:
    """Where these forms go."""
    routes = pages(desk)

    async def order(
        request: Request,
        session: Session,
        referral_id: UUID,
        path: str,
        body: Mapping[str, Any],
        done: str,
        key: str = "",
    ) -> Response:
        refusal = await desk.reads.order(
            session.token, path, body, etag=None, key=key or secrets.token_urlsafe(16)
        )
        if refusal is None:
            return RedirectResponse(f"/referrals/{referral_id}?done={done}", 303)
        return await sorry(request, session, referral_id, refusal.detail)

    @routes.post("/referrals/{referral_id}/acceptance")
    async def accept(request: Request, referral_id: UUID) -> Response:
        session, values = await sent_form(desk, request)
        allocation_id = _uuid(Typed(values).one("allocation_id"))
        path = f"/v1/allocations/{allocation_id}/acceptance"
        key = str(allocation_id)
        return await order(request, session, referral_id, path, {}, "acceptance", key)

    @routes.post("/referrals/{referral_id}/decline")
    async def decline(request: Request, referral_id: UUID) -> Response:
        """Hand an offer back, with a reason."""
        session, values = await sent_form(desk, request)
        typed = Typed(values)
        path = f"/v1/allocations/{_uuid(typed.one('allocation_id'))}/decline"
        note = typed.one("note").strip()
        body = {"reason": typed.one("reason"), **({"note": note} if note else {})}
        return await order(request, session, referral_id, path, body, "decline")

    @routes.post("/referrals/{referral_id}/claim")
    async def claim(request: Request, referral_id: UUID) -> Response:
        """Claim it, take it over from somebody, or give it back."""
        session, values = await sent_form(desk, request)
        typed = Typed(values)
        what = "release" if typed.one("what") == "release" else "claim"
        body = {"take_over": True} if typed.one("what") == "take_over" else {}
        path = f"/v1/triage/referrals/{referral_id}/{what}"
        return await order(request, session, referral_id, path, body, what)

    @routes.post("/referrals/{referral_id}/match")
    async def match(request: Request, referral_id: UUID) -> Response:
        session, values = await sent_form(desk, request)
        body = {name: Typed(values).one(name) for name in MATCH_FIELDS}
        path = f"/v1/referrals/{referral_id}/matches"
        return await order(request, session, referral_id, path, body, "match")

    @routes.post("/referrals/{referral_id}/incident")
    async def incident(request: Request, referral_id: UUID) -> Response:
        """Say that another agency tells of the same incident, or that it does not."""
        session, values = await sent_form(desk, request)
        body = {name: Typed(values).one(name) for name in INCIDENT_FIELDS}
        path = f"/v1/referrals/{referral_id}/incidents"
        return await order(request, session, referral_id, path, body, "incident")

    return routes


def _uuid(sent: str) -> UUID:
    try:
        return UUID(sent)
    except ValueError:
        raise NotFound("allocation_not_found", "There is no such work.") from None
