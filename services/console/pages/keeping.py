"""How long referrals are kept: what need not be any longer, what holds one, and the two managers who
destroy one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from contracts.codes import DESTROYED_BECAUSE, HELD_BECAUSE, LEGAL_STATUSES
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
    "proposed": "It is proposed. Another manager looks anew, and destroys it.",
    "destroyed": "It is destroyed, in every service.",
}
STATUS = "Choose what you found of the children's legal status."
SAYS = {
    "hold": {"because": "Choose why it is held."},
    "hold-end": {},
    "destruction": {"because": "Choose why it goes.", "legal_status": STATUS},
    "destruction-confirmation": {"legal_status": STATUS},
}
"""What each order of intake's says, and what is said where something is missing."""

DONE_BY = {
    "hold": "held",
    "hold-end": "ended",
    "destruction": "proposed",
    "destruction-confirmation": "destroyed",
}


def router(desk: Desk) -> APIRouter:
    """The list, and one referral."""
    routes = pages(desk)

    @routes.get("/records/keeping")
    async def due(
        request: Request,
        after: Annotated[str, Query(max_length=500)] = "",
        done: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        query = {"cursor": after} if after else None
        context = {
            "found": await desk.reads.part(session.token, "/v1/intake/retention", query),
            "held": HELD_BECAUSE,
            "done": DONE.get(done, ""),
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
    async def change(request: Request, referral_id: UUID) -> Response:
        """Hold it for a reason, or end that; propose to destroy it, or be the second who does."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        what = typed.one("what") if typed.one("what") in SAYS else "hold"
        said = {name: typed.one(name) for name in SAYS[what]}
        missing = {name: words for name, words in SAYS[what].items() if not said[name]}
        if missing:
            typed = Typed(values, missing)
            return await _one(desk, request, session, referral_id, typed=typed)
        told = await desk.reads.told(
            session.token, f"/v1/intake/referrals/{referral_id}/{what}", said
        )
        if isinstance(told, Part):
            of = "" if what == "destruction-confirmation" else f"/{referral_id}"
            return RedirectResponse(f"/records/keeping{of}?done={DONE_BY[what]}", 303)
        if told.status == 404:
            raise _nowhere()
        return await _one(
            desk, request, session, referral_id, typed=Typed(values), problem=told.detail
        )

    return routes


async def _one(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    *,
    typed: Typed | None = None,
    done: str = "",
    problem: str = "",
) -> Response:
    typed = typed or Typed()
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
        "legal_statuses": LEGAL_STATUSES,
        "mine": (found["proposed"] or {}).get("staff_id") == str(session.staff_id),
        "what": typed.one("what"),
        "typed": typed,
        "who": lambda one: copying.who(one["staff_id"], str(session.staff_id)),
        "problem": problem,
        "done": done,
    }
    status = 422 if problem or typed.errors else 200
    return desk.show(request, "keeping-one.html", context, session=session, status=status)


def _nowhere() -> NotFound:
    return NotFound("referral_not_found", "There is no such referral.")
