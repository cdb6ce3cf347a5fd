"""A question for advice without names, and where a referral stands: for whoever holds a link."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.http.routing import joined
from policy.local_services import named
from services.console import naming, times, words
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.helped import ANSWERS
from services.console.pages.page import Instead, pages, typed_in
from services.console.pages.refer.held import TASKS, address, ask, hold, link_to, places
from services.console.reads import Part, Refusal
from services.console.referring.shapes import WORRIES

SAYS = {
    "authority": "Choose where the child lives",
    "question": "Write your question, in a sentence or more",
}
LEAST = 10
IDENTITY = "identity_in_consultation"
USED = "key_used_before"
NOT_ASKED = "help_not_asked_after"
ASKER = ("name", "role", "phone", "email")


def router(desk: Desk) -> APIRouter:
    """Asking, the answer, and the status of a referral."""
    routes = pages(desk)

    def form(request: Request, typed: Typed, key: str, *, unsure: bool = False) -> Response:
        context = {
            "typed": typed,
            "key": key,
            "unsure": unsure,
            "places": [(one["value"], one["text"]) for one in places(desk)],
            "ages": [(code, words.begin(text)) for code, text in words.AGE_BANDS.items()],
            "worries": WORRIES,
            "back": "/refer",
        }
        return desk.show(request, "consult.html", context, status=422 if typed.errors else 200)

    @routes.get("/consult")
    async def consult(request: Request) -> Response:
        return form(request, Typed(), str(uuid4()))

    @routes.post("/consult")
    async def asked(request: Request) -> Response:
        sent = await typed_in(request)
        typed = Typed(sent)
        key = typed.one("key")[:80] or str(uuid4())
        errors = _missing(typed, desk.policy.authorities)
        if errors:
            return form(request, Typed(sent, errors), key)
        await desk.doors.enter(address(request))
        told = await ask(desk, "consultations:asked", key=key, question=_question(typed))
        if isinstance(told, Part):
            said = {**told.data, "question": typed.one("question")}
            return _advice(desk, request, said, told.data["token"], 201)
        if told.status == 422:
            again = str(uuid4()) if told.code == USED else key
            unsure = told.code == IDENTITY
            return form(request, Typed(sent, _wrong(told)), again, unsure=unsure)
        raise _ended(desk, request, told)

    @routes.get("/status/{token}")
    async def status(request: Request, token: str) -> Response:
        told = await ask(desk, "referrals:opened", token=token[:200])
        if isinstance(told, Refusal):
            raise _ended(desk, request, told)
        await desk.reads.looked(told.data["referral_id"])
        now, by = desk.clock(), told.data.get("by")
        context = {
            "told": told.data,
            "received": times.stamp(datetime.fromisoformat(told.data["received_at"])),
            "by": times.moment(datetime.fromisoformat(by), now) if by else "",
        }
        return desk.show(request, "status.html", context)

    return joined((routes, _advising(desk)))


def _advising(desk: Desk) -> APIRouter:
    """The answer, going on as a referral, and what became of the help that was named."""
    routes = pages(desk)

    @routes.get("/advice/{token}")
    async def answered(request: Request, token: str) -> Response:
        told = await ask(desk, "consultations:opened", token=token[:200])
        if isinstance(told, Refusal):
            raise _ended(desk, request, told)
        return _advice(desk, request, told.data, token)

    @routes.post("/advice/{token}/helped")
    async def helped(request: Request, token: str) -> Response:
        values = await typed_in(request)
        answer, thanks = Typed(values).one("answer"), False
        if answer in ANSWERS:
            said = await ask(desk, "consultations:helped", token=token[:200], answer=answer)
            if isinstance(said, Refusal) and said.code != NOT_ASKED:
                raise _ended(desk, request, said)
            thanks = isinstance(said, Part)
        told = await ask(desk, "consultations:opened", token=token[:200])
        if isinstance(told, Refusal):
            raise _ended(desk, request, told)
        if answer not in ANSWERS:
            typed = Typed(values, {"answer": "Select what happened"})
            return _advice(desk, request, told.data, token, 422, typed=typed)
        return _advice(desk, request, told.data, token, thanks=thanks)

    @routes.post("/advice/{token}/referral")
    async def refer(request: Request, token: str) -> Response:
        await typed_in(request)
        told = await ask(desk, "consultations:referred", token=token[:200])
        if isinstance(told, Refusal):
            raise _ended(desk, request, told)
        return hold(desk, RedirectResponse(TASKS, 303), told.data["token"])

    return routes


def _ended(desk: Desk, request: Request, refusal: Refusal) -> Instead:
    code = "away" if refusal.status >= 500 else refusal.code
    return Instead(desk.show(request, "reply-ended.html", {"code": code}, status=refusal.status))


def _advice(
    desk: Desk,
    request: Request,
    told: Mapping[str, Any],
    token: str,
    status: int = 200,
    *,
    typed: Typed | None = None,
    thanks: bool = False,
) -> Response:
    """What was answered so far. Weeks after an answer that named help it asks whether that happened."""
    helped = told.get("help") or {}
    context = {
        "told": told,
        "token": token,
        "question": told["question"] or "",
        "due": times.moment(datetime.fromisoformat(told["due_at"]), desk.clock()),
        # A partner's own system goes on with what it asked.
        "may_refer": told["state"] != "referred" and told.get("by_web", True),
        "link": link_to(desk, request, f"/advice/{token}"),
        "named": [(named(one), naming.joined(one)) for one in told.get("services", ())],
        "helped": helped,
        "answers": ANSWERS,
        "typed": typed or Typed({"answer": [helped.get("answer") or ""]}),
        "thanks": thanks,
    }
    return desk.show(request, "advice.html", context, status=status)


def _missing(typed: Typed, authorities: Collection[str]) -> dict[str, str]:
    errors = {}
    if typed.one("authority") not in authorities:
        errors["authority"] = SAYS["authority"]
    if len(typed.one("question").strip()) < LEAST:
        errors["question"] = SAYS["question"]
    return errors


def _wrong(refusal: Refusal) -> dict[str, str]:
    """What intake refused, by the field's name."""
    if refusal.code == USED:
        # The page was gone back to, and asks something else now.
        return {"question": "Press Ask once more"}
    if refusal.code == IDENTITY:
        found = "; ".join(detail for _, detail in refusal.errors)
        return {"question": f"{refusal.detail} Here: {found}"}
    found_at = {_field(pointer): detail for pointer, detail in refusal.errors}
    return found_at or {"question": refusal.detail}


def _question(typed: Typed) -> dict[str, Any]:
    asker = {name: typed.one(name).strip() for name in ASKER}
    return {
        "authority": typed.one("authority"),
        "question": typed.one("question"),
        "concerns": [one for one in typed.every("concerns") if one][:20],
        "age_band": typed.one("age_band") or "unknown",
        "worried": typed.one("worried") == "yes",
        "child_identifiable": typed.one("identifiable") == "yes",
        "no_names": typed.one("no_names") == "yes",
        "asker": {name: said for name, said in asker.items() if said},
    }


def _field(pointer: str) -> str:
    parts = [part for part in pointer.split("/") if part and not part.isdecimal()]
    return parts[-1] if parts else "question"
