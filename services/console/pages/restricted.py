"""The page that hub staff get in a restricted record's place, and opening one with a reason."""

import secrets
from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Forbidden, NotFound
from contracts.codes import GLASS_BROKEN_BECAUSE
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, sent_form
from services.console.sessions import Session


def router(desk: Desk) -> APIRouter:
    """Where the page's form goes."""
    routes = pages(desk)

    @routes.post("/referrals/{referral_id}/break-glass")
    async def break_glass(request: Request, referral_id: UUID) -> Response:
        session, values = await sent_form(desk, request)
        typed = Typed(values)
        refusal = await desk.reads.order(
            session.token,
            f"/v1/intake/referrals/{referral_id}/break-glass",
            {"because": typed.one("because"), "why": typed.one("why")},
            etag=None,
            key=secrets.token_urlsafe(16),
        )
        if refusal is None or refusal.code == "not_restricted":
            return RedirectResponse(f"/referrals/{referral_id}", 303)
        if refusal.status in (403, 404):
            raise NotFound("referral_not_found", "There is no such referral.")
        sorry = SAY_WHY if refusal.status == 422 else refusal.detail
        told = await told_of(desk, session, referral_id)
        if told is None:
            return RedirectResponse(f"/referrals/{referral_id}", 303)
        return show(desk, request, session, referral_id, told, sorry=sorry)

    return routes


SAY_WHY = "Choose a reason and say in a sentence why it cannot wait."


async def told_of(desk: Desk, session: Session, referral_id: UUID) -> str | None:
    """What this person is told about a referral that is kept from them; None where it is not.
    Raises NotFound."""
    try:
        await desk.guard(session.caller, referral_id)
    except Forbidden as kept:
        return kept.detail
    return None


def show(
    desk: Desk, request: Request, session: Session, referral_id: UUID, told: str, sorry: str = ""
) -> Response:
    """The page."""
    context: Mapping[str, object] = {
        "referral_id": referral_id,
        "told": told,
        "sorry": sorry,
        "reasons": [
            {"value": one.code, "text": one.title} for one in GLASS_BROKEN_BECAUSE.values()
        ],
    }
    return desk.show(
        request, "restricted.html", context, session=session, status=422 if sorry else 403
    )


async def instead(
    desk: Desk, request: Request, session: Session, referral_id: UUID
) -> Response | None:
    """The page in a referral's place; None where this person may see it. Raises NotFound."""
    told = await told_of(desk, session, referral_id)
    return show(desk, request, session, referral_id, told) if told else None
