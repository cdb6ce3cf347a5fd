"""Questions for advice: what waits for an answer, and answering one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from contracts import codes
from policy.local_services import named
from services.console import guidance, naming, times, words
from services.console.desk import Desk
from services.console.forms import Typed, chosen, pointed
from services.console.pages.helped import ANSWERS
from services.console.pages.page import let_in, pages, sent_to
from services.console.reads import Refusal
from services.console.rows import Titles
from services.console.sessions import Session

ROOM = "/consultations"
API = "/v1/intake/consultations"
DONE = "The answer is kept. Whoever asked finds it where they asked."
KEPT = "You are signed in again. What you typed is as you left it; it has not been sent yet."
STATES = {"asked": "To answer", "answered": "Answered", "referred": "Became a referral"}
REFER_BECAUSE = {
    "guidance": "the guidance says so",
    "worried": "the asker is worried",
    "identifiable": "the child can be identified",
}
LEAST = 10
IDENTITY = "identity_in_consultation"
NEEDED = {
    "signed_name": "Write your name",
    "signed_role": "Write your role",
}


def router(desk: Desk) -> APIRouter:
    """The list, and one question with the form to answer it."""
    routes = pages(desk)

    @routes.get("/consultations")
    async def listed(
        request: Request,
        state: Annotated[str, Query(max_length=20)] = "asked",
        after: Annotated[str, Query(max_length=500)] = "",
        done: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        now = desk.clock()
        chosen = state if state in STATES else "asked"
        asked = {"state": chosen, **({"cursor": after} if after else {})}
        found = await desk.reads.part(session.token, API, asked)
        context = {
            "found": found,
            "rows": [_row(one, now) for one in found.items],
            "states": STATES,
            "state": chosen,
            "titles": Titles(desk.policy, session, now),
            "done": DONE if done else "",
        }
        return desk.show(request, "consultations.html", context, session=session)

    @routes.get("/consultations/{consultation_id}")
    async def opened(request: Request, consultation_id: UUID) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _page(desk, request, session, consultation_id, Typed())

    @routes.post("/consultations/{consultation_id}")
    async def answer(request: Request, consultation_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        errors = _missing(typed)
        if errors:
            return await _page(desk, request, session, consultation_id, Typed(values, errors))
        told = await desk.reads.order(
            session.token, f"{API}/{consultation_id}/answer", _body(typed)
        )
        if told is None:
            return RedirectResponse(f"{ROOM}?done=answer", 303)
        if told.status in (403, 404):
            raise NotFound("consultation_not_found", "There is no such question.")
        typed = Typed(values, _wrong(told))
        problem = "" if typed.errors else told.detail
        unsure = told.code == IDENTITY
        return await _page(
            desk, request, session, consultation_id, typed, problem=problem, unsure=unsure
        )

    return routes


async def reopen(
    desk: Desk,
    request: Request,
    session: Session,
    consultation_id: UUID,
    values: Mapping[str, list[str]],
) -> Response:
    """The answer as somebody left it when their session ended."""
    return await _page(desk, request, session, consultation_id, Typed(values), done=KEPT)


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    consultation_id: UUID,
    typed: Typed,
    *,
    problem: str = "",
    done: str = "",
    unsure: bool = False,
) -> Response:
    read = await desk.reads.part(session.token, f"{API}/{consultation_id}")
    if read.missing:
        raise NotFound("consultation_not_found", "There is no such question.")
    told, now = desk.there(read).data, desk.clock()
    titles = Titles(desk.policy, session, now)
    pack = titles.pack(told["authority"])
    # What a directory offers is asked for where somebody answers, and nowhere else.
    offered = (
        await naming.offered(desk.reads, session.token, told["authority"], told["concerns"])
        if told["state"] == "asked"
        else []
    )
    at_once = [clause["id"] for clause in told["clauses"]]
    context = {
        "told": told,
        "row": _row(told, now),
        "asker": [one for one in (told["asker"] or {}).values() if one],
        "answered_at": _stamp(told["answered_at"]),
        "refer_because": words.said(REFER_BECAUSE, told["refer_because"]),
        "authority": titles.authority(told["authority"]),
        "clauses": guidance.clauses_for(pack, at_once),
        "named": _named(pack, told["answer_clauses"]),
        "offered": offered,
        "services": [(named(one), naming.joined(one)) for one in told.get("services", ())],
        "helped": words.said(ANSWERS, (told.get("help") or {}).get("answer")),
        "typed": typed,
        "problem": problem,
        "done": done,
        "unsure": unsure or typed.one("no_names") == "yes",
    }
    status = 422 if typed.errors or problem else 200
    return desk.show(request, "consultation.html", context, session=session, status=status)


def _row(told: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    return {
        **told,
        "helped": words.said(ANSWERS, told.get("help_answer")),
        "about": [words.said(codes.CONCERNS, code) for code in told["concerns"]],
        "asked": times.moment(datetime.fromisoformat(told["asked_at"]), now),
        "due": times.due(datetime.fromisoformat(told["due_at"]), now),
        "answered": _stamp(told["answered_at"]),
    }


def _stamp(at: str | None) -> str:
    return times.stamp(datetime.fromisoformat(at)) if at else ""


def _named(pack: Any, ids: list[str]) -> list[str]:
    known = pack.clauses if pack else {}
    return [f"{one} {known[one].title}" if one in known else one for one in ids]


def _missing(typed: Typed) -> dict[str, str]:
    errors = {}
    if len(typed.one("advice").strip()) < LEAST:
        errors["advice"] = "Write your advice, in a sentence or more"
    return errors | {name: said for name, said in NEEDED.items() if not typed.one(name).strip()}


def _wrong(refusal: Refusal) -> dict[str, str]:
    """What intake refused, by the field's name."""
    if refusal.code == IDENTITY:
        found = "; ".join(detail for _, detail in refusal.errors)
        return {"advice": f"An answer names nobody, as the question does. Here: {found}"}
    return pointed(refusal.errors)


def _body(typed: Typed) -> dict[str, Any]:
    body: dict[str, Any] = {
        "advice": typed.one("advice").strip(),
        "clauses": list(typed.every("clauses")),
        "services": chosen(typed.every("services")),
        "refer": typed.one("refer") == "yes",
        "no_names": typed.one("no_names") == "yes",
        "signed_name": typed.one("signed_name").strip(),
        "signed_role": typed.one("signed_role").strip(),
    }
    if typed.one("telephone").strip():
        body["telephone"] = typed.one("telephone").strip()
    return body
