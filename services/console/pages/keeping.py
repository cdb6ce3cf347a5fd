"""How long referrals are kept: what need not be any longer, and what holds one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from contracts.codes import DESTROYED_BECAUSE, HELD_BECAUSE
from services.console import copying
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import let_in, pages, references_of, sent_to
from services.console.reads import Part
from services.console.rows import Titles
from services.console.sessions import Session
from services.console.times import LONDON

ROOM = "/records"
DONE = {
    "held": "It is held. Nobody destroys it until that is ended.",
    "ended": "Nothing holds it any more.",
}
WHY = "Choose why it is held."


def router(desk: Desk) -> APIRouter:
    """The list, and one referral."""
    routes = pages(desk)

    @routes.get("/records/keeping")
    async def due(request: Request, after: Annotated[str, Query(max_length=500)] = "") -> Response:
        session = await let_in(desk, request, ROOM)
        query = {"cursor": after} if after else None
        context = {
            "found": await desk.reads.part(session.token, "/v1/intake/retention", query),
            "held": HELD_BECAUSE,
            "titles": Titles(desk.policy, session, desk.clock()),
        }
        return desk.show(request, "keeping.html", context, session=session)

    @routes.get("/records/keeping/{referral_id}")
    async def shown(
        request: Request, referral_id: UUID, done: Annotated[str, Query(max_length=10)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _one(desk, request, session, referral_id, done=DONE.get(done, ""))

    @routes.post("/records/keeping/{referral_id}")
    async def hold(request: Request, referral_id: UUID) -> Response:
        """Hold it for a reason, or end that."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        ends = typed.one("what") == "end"
        if not ends and not typed.one("because"):
            return await _one(desk, request, session, referral_id, problem=WHY)
        told = await desk.reads.told(
            session.token,
            f"/v1/intake/referrals/{referral_id}/{'hold-end' if ends else 'hold'}",
            {} if ends else {"because": typed.one("because")},
        )
        if isinstance(told, Part):
            done = "ended" if ends else "held"
            return RedirectResponse(f"/records/keeping/{referral_id}?done={done}", 303)
        if told.status == 404:
            raise _nowhere()
        return await _one(desk, request, session, referral_id, problem=told.detail)

    return routes


async def _one(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    *,
    done: str = "",
    problem: str = "",
) -> Response:
    part = await desk.reads.part(session.token, f"/v1/intake/referrals/{referral_id}/retention")
    if part.missing:
        raise _nowhere()
    found = desk.there(part).data
    names = await references_of(desk, session, [str(referral_id)])
    today = desk.clock().astimezone(LONDON).date().isoformat()
    context: dict[str, Any] = {
        "found": found,
        "reference": names.get(str(referral_id), "Referral"),
        "over": bool(found["keep_until"]) and found["keep_until"] <= today,
        "held_because": HELD_BECAUSE,
        "destroyed_because": DESTROYED_BECAUSE,
        "who": lambda one: copying.who(one["staff_id"], str(session.staff_id)),
        "problem": problem,
        "done": done,
    }
    status = 422 if problem else 200
    return desk.show(request, "keeping-one.html", context, session=session, status=status)


def _nowhere() -> NotFound:
    return NotFound("referral_not_found", "There is no such referral.")
