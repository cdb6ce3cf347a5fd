"""Trying a version of the guidance on past referrals before it is adopted: for managers and
operators. It is posted, since it takes a while and is written to the audit trail."""

from typing import Any

from fastapi import APIRouter, Request, Response

from chassis.errors import Forbidden
from services.console import guidance, trying
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import let_in, pages, sent_to
from services.console.reads import Refusal
from services.console.sessions import Session
from services.console.times import LONDON

ROOM = "/guidance"
TRYING = frozenset({"manager", "operator"})


def router(desk: Desk) -> APIRouter:
    """The form, and what was found."""
    routes = pages(desk)

    @routes.get("/guidance/trial")
    async def ask(request: Request) -> Response:
        session = _may(await let_in(desk, request, ROOM))
        today = desk.clock().astimezone(LONDON).date()
        typed = Typed(trying.begun(desk.policy, session.authorities, today))
        return _page(desk, request, session, typed)

    @routes.post("/guidance/trial")
    async def tried(request: Request) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        _may(session)
        body, errors = trying.asked(Typed(values))
        if errors:
            return _page(desk, request, session, Typed(values, errors), status=422)
        told = await desk.reads.told(session.token, trying.PATH, body, seconds=trying.SECONDS)
        if isinstance(told, Refusal):
            found = {pointer.strip("/"): why for pointer, why in told.errors}
            problem = "" if found else told.detail
            typed = Typed(values, found)
            return _page(desk, request, session, typed, problem=problem, status=told.status)
        result = trying.result(told.data, desk.policy)
        return _page(desk, request, session, Typed(values), result=result)

    return routes


def _may(session: Session) -> Session:
    if session.caller.roles.isdisjoint(TRYING):
        raise Forbidden("not_for_you", "This page is for other roles.")
    return session


def _page(
    desk: Desk,
    request: Request,
    session: Session,
    typed: Typed,
    *,
    result: trying.Result | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    known = [one for one in session.authorities if one in desk.policy.authorities]
    context: dict[str, Any] = {
        "packs": [pack for one in known for pack in guidance.versions(desk.policy, one)],
        "typed": typed,
        "result": result,
        "problem": problem,
        "is_manager": session.is_manager,
    }
    return desk.show(request, "guidance-trial.html", context, session=session, status=status)
