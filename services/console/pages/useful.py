"""The page behind the link at the end of a decision's email: was it useful?"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, typed_in
from services.console.reads import Part, Refusal

OPENED = "/internal/v1/notifications/ratings:opened"
SENT = "/internal/v1/notifications/ratings:sent"


def router(desk: Desk) -> APIRouter:
    """Asking, and thanking."""
    routes = pages(desk)

    def show(
        request: Request, found: Part, typed: Typed, *, thanks: bool = False, status: int = 200
    ) -> Response:
        context = {"reference": found.data["reference"], "typed": typed, "thanks": thanks}
        return desk.show(request, "useful.html", context, status=status)

    @routes.get("/useful/{token}")
    async def ask(request: Request, token: str) -> Response:
        found = await desk.reads.ask_house(OPENED, {"token": token})
        if isinstance(found, Refusal):
            return ended(desk, request, found)
        useful = {None: "", True: "yes", False: "no"}[found.data["useful"]]
        because = found.data["because"] or ""
        return show(request, found, Typed({"useful": [useful], "because": [because]}))

    @routes.post("/useful/{token}")
    async def send(request: Request, token: str) -> Response:
        values = await typed_in(request)
        found = await desk.reads.ask_house(OPENED, {"token": token})
        if isinstance(found, Refusal):
            return ended(desk, request, found)
        body, errors = _read(Typed(values))
        if errors:
            return show(request, found, Typed(values, errors), status=422)
        told = await desk.reads.ask_house(SENT, {"token": token, **body})
        if isinstance(told, Refusal):
            return ended(desk, request, told)
        return show(request, told, Typed(), thanks=True)

    return routes


def ended(desk: Desk, request: Request, refusal: Refusal) -> Response:
    """The page of a link to one question that leads nowhere any more."""
    code = "useful_ended" if refusal.code == "link_ended" else refusal.code
    return desk.show(request, "reply-ended.html", {"code": code}, status=refusal.status)


def _read(typed: Typed) -> tuple[Mapping[str, Any], dict[str, str]]:
    """What was chosen as notifications takes it, and what is still missing."""
    useful, because = typed.one("useful"), typed.one("because")
    if useful not in {"yes", "no"}:
        return {}, {"useful": "Select yes or no"}
    if useful == "yes":
        return {"useful": True}, {}
    if because not in REASONS:
        return {}, {"because": "Select what was missing"}
    return {"useful": False, "because": because}, {}


REASONS = frozenset({"why_unclear", "next_unclear", "too_late", "not_agreed", "other"})
