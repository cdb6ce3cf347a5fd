"""Looking everything through, sending it, and what happens then."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from policy.working_time import is_open, opens_next
from services.console import times
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, typed_in
from services.console.pages.refer.held import (
    SENT,
    TASKS,
    Held,
    ask,
    cookie,
    held,
    kept,
    link_to,
    pack,
)
from services.console.reads import Part, Refusal
from services.console.referring.progress import said, where
from services.console.referring.shapes import Form

CHECK = "/refer/check"
CHANGED = "The form was changed meanwhile. Look at it again, then send it."
BEING_SENT = "draft_being_submitted"
LOOKS = 20
BETWEEN_LOOKS = 0.25
"""In seconds: a second press of the button waits for the first."""
# What intake's words name by the fields of the API.
PLAIN = {
    "give an address, or address_unknown_because": "give an address, or say why it is not known",
    "give a date of birth, an expected date of delivery or an age_estimate": (
        "say when the child was born, or about how old the child is"
    ),
    "give a name": "give the child's name",
    "say for which kind of agency": "say who you are",
    "say who refers": "give your name",
    "give an email address or a telephone number for the answer": "say how we can reach you",
    "say who refers, and how to answer them": "say who you are, and how we can reach you",
}


def router(desk: Desk) -> APIRouter:
    """Check, send, sent."""
    routes = pages(desk)

    def show(
        request: Request,
        draft: Held,
        *,
        notice: str = "",
        refused: Sequence[tuple[str, str]] = (),
        status: int = 200,
    ) -> Response:
        whole = draft.completeness
        needed = list(_named(((one["pointer"], one["detail"]) for one in draft.needed), draft.form))
        missing = ((one["pointer"], one["add"]) for one in whole["missing"]) if whole else ()
        paths = {path for _, path in needed}
        context = {
            "errors": [{"text": text, "href": path} for text, path in _named(refused, draft.form)],
            "notice": notice,
            "needed": needed,
            "more": [one for one in _named(missing, draft.form) if one[1] not in {*paths, TASKS}],
            "completeness": whole["score"] if whole else None,
            "sections": list(said(draft.form)),
            "files": draft.files,
            "can_be_sent": draft.can_be_sent,
            "version": draft.version,
            "back": TASKS,
        }
        return desk.show(request, "refer-check.html", context, status=status)

    @routes.get(CHECK)
    async def check(request: Request) -> Response:
        draft = await held(desk, request)
        return show(request, draft)

    @routes.post("/refer/send")
    async def send(request: Request) -> Response:
        version = Typed(await typed_in(request)).one("version")
        draft = await held(desk, request)
        if version != str(draft.version):
            return show(request, draft, notice=CHANGED, status=409)
        told = await ask(desk, "drafts:sent", token=draft.token)
        if isinstance(told, Refusal):
            if told.status == 422:
                return show(request, draft, refused=told.errors, status=422)
            if told.code == BEING_SENT and await _was_sent(desk, draft.token):
                return RedirectResponse(SENT, 303)
            # Whoever was first takes long, or the house is away.
            return kept(desk, request, {"version": [version]}, 503)
        return RedirectResponse(SENT, 303)

    @routes.get(SENT)
    async def sent(request: Request) -> Response:
        token = request.cookies.get(cookie(desk))
        if not token:
            return kept(desk, request, None, 410)
        found = await ask(desk, "drafts:opened", token=token)
        if isinstance(found, Refusal):
            return kept(desk, request, None, 503 if found.status >= 500 else 410)
        if "sent" not in found.data:
            return RedirectResponse(CHECK, 303)
        told = found.data["sent"]
        here = pack(desk, told["authority"])
        now = desk.clock()
        closed = not is_open(here.calendar, now)
        context = {
            "sent": told,
            "hub": here.messages,
            "closed": closed,
            "opens": times.moment(opens_next(here.calendar, now), now) if closed else "",
            "link": link_to(desk, request, where_it_stands(told)),
        }
        return desk.show(request, "refer-sent.html", context)

    return routes


async def _was_sent(desk: Desk, token: str) -> bool:
    """Whether a form that the same button sends already is sent within some seconds."""
    for _ in range(LOOKS):
        await asyncio.sleep(BETWEEN_LOOKS)
        found = await ask(desk, "drafts:opened", token=token)
        if isinstance(found, Part) and "sent" in found.data:
            return True
    return False


def where_it_stands(told: Mapping[str, Any]) -> str:
    """The page that says how far a form is that was sent: behind a link that a visitor keeps, or
    among the referrals of whoever is signed in."""
    return f"/status/{told['receipt']}" if told["receipt"] else f"/sent/{told['referral_id']}"


def _named(
    found: Iterator[tuple[str, str]] | Sequence[tuple[str, str]], form: Form
) -> Iterator[tuple[str, str]]:
    """(what to do, the page where it is done) of pointers with what is said of them, each once."""
    seen: Mapping[tuple[str, str], None] = dict.fromkeys(
        (PLAIN.get(words, words), where(at, form)) for at, words in found
    )
    yield from seen
