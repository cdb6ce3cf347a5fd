"""The page behind the link in a decision's email: disagreeing with it, and how that stands."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from services.console import times
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, typed_in
from services.console.reads import Part, Refusal

OPENED = "/internal/v1/triage/disagreements:opened"
SENT = "/internal/v1/triage/disagreements:sent"
RESOLVED = "resolved"


def router(desk: Desk) -> APIRouter:
    """Reading, raising, taking further, accepting."""
    routes = pages(desk)

    async def opened(token: str) -> Part | Refusal:
        return await desk.reads.ask_house(OPENED, {"token": token})

    def show(request: Request, found: Part, typed: Typed, status: int = 200) -> Response:
        items = [_readable(one, desk.clock()) for one in found.items]
        last = items[-1] if items else None
        context = {
            "reference": found.data["reference"],
            "items": items,
            "last": last,
            "may_raise": last is None or last["state"] == RESOLVED,
            "typed": typed,
        }
        return desk.show(request, "disagree.html", context, status=status)

    def ended(request: Request, refusal: Refusal) -> Response:
        return desk.show(request, "reply-ended.html", {"code": refusal.code}, status=refusal.status)

    @routes.get("/disagree/{token}")
    async def look(request: Request, token: str) -> Response:
        found = await opened(token)
        if isinstance(found, Refusal):
            return ended(request, found)
        return show(request, found, Typed())

    @routes.post("/disagree/{token}")
    async def send(request: Request, token: str) -> Response:
        values = await typed_in(request)
        found = await opened(token)
        if isinstance(found, Refusal):
            return ended(request, found)
        typed = Typed(values)
        body, errors = _read(typed)
        if errors:
            return show(request, found, Typed(values, errors), 422)
        told = await desk.reads.ask_house(SENT, {"token": token, **body})
        if isinstance(told, Refusal):
            if told.status == 404:
                return ended(request, told)
            wrong = {pointer.split("/")[-1]: detail for pointer, detail in told.errors}
            return show(request, found, Typed(values, wrong or {"because": told.detail}), 422)
        again = await opened(token)
        return (
            ended(request, again) if isinstance(again, Refusal) else show(request, again, Typed())
        )

    return routes


def _read(typed: Typed) -> tuple[Mapping[str, Any], dict[str, str]]:
    """What was asked for as triage takes it, and what is still missing."""
    what = typed.one("what")
    if what == "accepted":
        return {"what": what}, {}
    because = typed.one("because").strip()
    errors = {} if len(because) >= 10 else {"because": "Say why, in a sentence or more"}
    if what == "further":
        return {"what": what, "further": {"because": because}}, errors
    raised_by = typed.one("raised_by").strip()
    if not raised_by:
        errors["raised_by"] = "Write your name and your role"
    raised = {
        "because": because,
        "raised_by": raised_by,
        "immediate_risk": typed.one("immediate_risk") == "yes",
    }
    return {"what": "raised", "raised": raised}, errors


def _readable(one: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    due = one["due_at"]
    at = datetime.fromisoformat(due) if due else None
    return {
        **one,
        "due": times.moment(at, now) if at else None,
        "late": at is not None and at <= now,
    }
