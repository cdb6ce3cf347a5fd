"""What somebody of a partner agency, who leads for a family, records of it: the same forms as the hub
has, beside their own work. They see no referral."""

import secrets
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from services.console import recording
from services.console.desk import Desk
from services.console.forms import Typed, Values
from services.console.pages.page import let_in, once_more, pages, sent_to
from services.console.people import Answer
from services.console.reads import Opened, Part
from services.console.recording.shapes import Entry, Subject, as_shown, read, refused, summary
from services.console.sessions import Session

ROOM: Final = "/my-work"
FORMS: Final = ("reached", "paper", "step", "closure")


def router(desk: Desk) -> APIRouter:
    """The forms, and where they go."""
    routes = pages(desk)

    @routes.get("/my-work/{allocation_id}/record/{name}")
    async def shown(request: Request, allocation_id: UUID, name: str) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _page(desk, request, session, allocation_id, name)

    @routes.post("/my-work/{allocation_id}/record/{name}")
    async def taken(request: Request, allocation_id: UUID, name: str) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        entry, typed = _entry(name), Typed(values)
        work = await _work(desk, session, allocation_id)
        subject = _subject(desk, work)
        step = typed.one("step")
        if step == "change":
            return await _page(desk, request, session, allocation_id, name, typed, status=200)
        sent = read(entry, typed, subject)
        if sent.errors:
            wrong = Typed(values, dict(sent.errors))
            return await _page(desk, request, session, allocation_id, name, wrong)
        if entry.checked and step != "record":
            return once_more(
                desk,
                request,
                session,
                typed,
                title=entry.title,
                summary=summary(entry, typed, subject),
                button=entry.button,
            )
        refusal = await desk.reads.order(
            session.token,
            entry.path.format(thing_id=allocation_id),
            sent.body,
            key=typed.one("key") or secrets.token_urlsafe(16),
        )
        if refusal is None:
            return RedirectResponse(f"/my-work/{allocation_id}?done={name}", 303)
        if refusal.status == 404:
            raise _nothing()
        problem, errors = refused(entry, sent, refusal)
        typed = Typed(values, errors)
        return await _page(desk, request, session, allocation_id, name, typed, problem=problem)

    return routes


async def reopen(
    desk: Desk, request: Request, session: Session, allocation_id: UUID, name: str, values: Values
) -> Response:
    """A form as somebody left it when their session ended."""
    said = "You are signed in again. What you typed is as you left it; it has not been sent yet."
    return await _page(
        desk, request, session, allocation_id, name, Typed(values), done=said, status=200
    )


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    allocation_id: UUID,
    name: str,
    typed: Typed | None = None,
    *,
    problem: str = "",
    done: str = "",
    status: int = 422,
) -> Response:
    entry = _entry(name)
    work = await _work(desk, session, allocation_id)
    subject = _subject(desk, work)
    context = {
        "here": f"/my-work/{allocation_id}",
        "reference": work["reference"],
        "name": name,
        "about": str(allocation_id),
        **as_shown(entry, subject, typed),
        "problem": problem,
        "done": done,
        "etag": "",
        "key": secrets.token_urlsafe(16),
    }
    return desk.show(
        request, "record.html", context, session=session, status=status if typed else 200
    )


def _entry(name: str) -> Entry:
    if name not in FORMS:
        raise _nothing()
    return recording.ENTRIES[name]


async def _work(desk: Desk, session: Session, allocation_id: UUID) -> Answer:
    part = await desk.reads.part(session.token, f"/v1/work/{allocation_id}")
    if part.missing or desk.there(part).data["state"] != "accepted":
        raise _nothing()
    return part.data


def _subject(desk: Desk, work: Answer) -> Subject:
    nothing = Opened(Part(), Part(), Part(), Part(), Part())
    return Subject(nothing, (), None, desk.clock(), work)


def _nothing() -> NotFound:
    return NotFound("allocation_not_found", "There is no such work.")
