"""What a family says of help later, written down by whoever sent the referral; and that they take
their agreement back."""

from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import let_in, pages, sent_to
from services.console.pages.sent import LISTED, ROOM
from services.console.reads import Refusal
from services.console.recording.shapes import located, values_of
from services.console.recording.talking import AGREED, agreed
from services.console.referring.shapes import Kind
from services.console.sessions import Session

FIELDS = [one for group in AGREED for one in group.fields]
DAYS = [one.name for one in FIELDS if one.kind is Kind.DAY]


def router(desk: Desk) -> APIRouter:
    """What they say, who said so, when and of what."""
    routes = pages(desk)

    @routes.get("/sent/{referral_id}/agreement")
    async def shown(request: Request, referral_id: UUID) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _page(desk, request, session, referral_id, Typed())

    @routes.post("/sent/{referral_id}/agreement")
    async def taken(request: Request, referral_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        read, wrong = values_of(FIELDS, typed)
        sent = agreed(read)
        errors, problem = {**sent.errors, **wrong}, ""
        if not errors:
            told = await desk.reads.told(
                session.token,
                f"{LISTED}/{referral_id}/agreement",
                sent.body,
                key=typed.one("key")[:80] or str(uuid4()),
            )
            if not isinstance(told, Refusal):
                return RedirectResponse(f"{ROOM}/{referral_id}?done=agreement", 303)
            if told.status == 404:
                raise _nowhere()
            errors = located(sent, told.errors)
            problem = "" if errors else told.detail
        return await _page(desk, request, session, referral_id, Typed(values, errors), problem)

    return routes


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    typed: Typed,
    problem: str = "",
) -> Response:
    part = desk.there(await desk.reads.part(session.token, f"{LISTED}/{referral_id}"))
    if part.missing:
        raise _nowhere()
    context = {
        "here": f"{ROOM}/{referral_id}",
        "reference": part.data["reference"],
        "groups": AGREED,
        "days": DAYS,
        "typed": typed,
        "problem": problem,
        "key": typed.one("key") or str(uuid4()),
    }
    status = 422 if typed.errors or problem else 200
    return desk.show(request, "sent-agreement.html", context, session=session, status=status)


def _nowhere() -> NotFound:
    return NotFound("referral_not_found", "There is no such referral.")
