"""The page behind an emailed link: one question of the hub, and room for the answer. Whoever holds
the link may read and answer it, and nothing else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from services.console import times
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, typed_in
from services.console.reads import Part, Refusal

OPENED = "/internal/v1/triage/requests:opened"
ANSWERED = "/internal/v1/triage/requests:answered"
MISSING = {
    "information": "Write what you know, or say that you know nothing",
    "answered_by": "Write your name and your role",
    "handling": "Choose what the hub may do with your answer",
}
REFERRER = "referrer"


def router(desk: Desk) -> APIRouter:
    """Reading and answering."""
    routes = pages(desk)

    async def asked(token: str) -> Part | Refusal:
        return await desk.reads.ask_house(OPENED, {"token": token})

    def show(request: Request, question: Part, typed: Typed, status: int = 200) -> Response:
        said = question.data
        now = desk.clock()
        context = {
            "asked": said,
            "due": _moment(said["due_at"], now),
            "until": _moment(said["link_until"], now),
            "referrer": said["of"] == REFERRER,
            "typed": typed,
        }
        return desk.show(request, "reply.html", context, status=status)

    def ended(request: Request, refusal: Refusal) -> Response:
        context = {"code": refusal.code}
        return desk.show(request, "reply-ended.html", context, status=refusal.status)

    @routes.get("/reply/{token}")
    async def ask(request: Request, token: str) -> Response:
        question = await asked(token)
        if isinstance(question, Refusal):
            return ended(request, question)
        return show(request, question, Typed())

    @routes.post("/reply/{token}")
    async def answer(request: Request, token: str) -> Response:
        values = await typed_in(request)
        question = await asked(token)
        if isinstance(question, Refusal):
            return ended(request, question)
        body, errors = _read(Typed(values), referrer=question.data["of"] == REFERRER)
        if errors:
            return show(request, question, Typed(values, errors), 422)
        told = await desk.reads.ask_house(ANSWERED, {"token": token, "reply": body})
        if isinstance(told, Part):
            return desk.show(request, "reply-ended.html", {"code": "thank_you"})
        if told.status == 422:
            wrong = {_field(pointer): detail for pointer, detail in told.errors}
            return show(
                request, question, Typed(values, wrong or {"information": told.detail}), 422
            )
        return ended(request, told)

    return routes


def _read(typed: Typed, *, referrer: bool) -> tuple[Mapping[str, Any], dict[str, str]]:
    """The answer as triage takes it, and what is still missing."""
    nothing = typed.one("nothing_known") == "yes"
    information = typed.one("information").strip()
    handling = "professionals" if referrer else typed.one("handling")
    errors = {}
    if nothing == bool(information):
        errors["information"] = MISSING["information"]
    if not handling:
        errors["handling"] = MISSING["handling"]
    if not typed.one("answered_by").strip():
        errors["answered_by"] = MISSING["answered_by"]
    body: dict[str, Any] = {
        "information": information,
        "nothing_known": nothing,
        "handling": handling,
        "answered_by": typed.one("answered_by").strip(),
    }
    conditions = typed.one("conditions").strip()
    if conditions:
        body["conditions"] = conditions
    return body, errors


def _moment(at: str | None, now: datetime) -> str | None:
    return times.moment(datetime.fromisoformat(at), now) if at else None


def _field(pointer: str) -> str:
    return pointer.rstrip("/").split("/")[-1] or "information"
