"""What staff record about one referral, each on a page of its own."""

import secrets
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Forbidden, NotFound
from contracts import codes
from services.console import people as people_of
from services.console import recording, rows, words
from services.console.desk import Desk
from services.console.forms import Typed, Values
from services.console.pages import restricted
from services.console.pages.looking import look
from services.console.pages.page import (
    CHANGED,
    on_register,
    once_more,
    pages,
    sent_form,
    signed_in,
)
from services.console.people import Answer
from services.console.recording.shapes import (
    Entry,
    Subject,
    as_shown,
    read,
    refused,
    summary,
)
from services.console.referring.shapes import Options
from services.console.sessions import Session

FOUND = 20
"""As many organisations as intake names at once."""


def router(desk: Desk) -> APIRouter:
    """The pages, and where their forms go."""
    routes = pages(desk)

    @routes.get("/referrals/{referral_id}/record/{name}")
    async def shown(
        request: Request,
        referral_id: UUID,
        name: str,
        about: Annotated[str, Query(max_length=300)] = "",
    ) -> Response:
        session = await signed_in(desk, request)
        return await _page(desk, request, session, referral_id, name, about)

    @routes.post("/referrals/{referral_id}/record/{name}")
    async def taken(request: Request, referral_id: UUID, name: str) -> Response:
        session, values = await sent_form(desk, request)
        return await _take(desk, request, session, referral_id, name, values)

    return routes


async def reopen(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    name: str,
    values: Mapping[str, list[str]],
) -> Response:
    """A form as somebody left it when their session ended."""
    typed = Typed(values)
    said = "You are signed in again. What you typed is as you left it; it has not been sent yet."
    return await _page(
        desk, request, session, referral_id, name, typed.one("about"), typed, done=said, status=200
    )


def _entry(session: Session, name: str) -> Entry:
    """Raises NotFound for a form that there is none such, Forbidden for whoever may not fill it
    in."""
    entry = recording.ENTRIES.get(name)
    if entry is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    may = session.may_decide if entry.qualified else True
    if session.caller.roles.isdisjoint(entry.roles) or not may:
        raise Forbidden("not_for_you", "This page is for other roles.")
    return entry


async def _subject(
    desk: Desk, session: Session, referral_id: UUID, entry: Entry, of: str, choices: Options = ()
) -> tuple[Subject, str]:
    """What a form is about, and the reference of its referral. Raises NotFound where there is no
    such thing, or no longer."""
    looked = await look(desk, session, referral_id)
    now = desk.clock()
    subject = Subject(
        read=looked.read,
        people=people_of.children(looked.read),
        pack=rows.Titles(desk.policy, session, now).pack(looked.authority),
        now=now,
        choices=choices,
    )
    thing = (
        await _work(desk, session, referral_id, of) if entry.of_work else entry.find(subject, of)
    )
    if thing is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    if entry.of_register:
        choices = await _register(desk, session, looked.authority)
    if entry.of_authorities:
        choices = rows.Titles(desk.policy, session, now).others(looked.authority)
    about = Subject(subject.read, subject.people, subject.pack, now, thing, choices)
    return about, looked.reference


async def _register(desk: Desk, session: Session, authority: str) -> Options:
    """Those on an authority's register whom somebody may ask, by name."""
    found = []
    for one in await on_register(desk, session):
        if one["authority"] == authority:
            title = f"{one['name']}, {words.said(codes.AGENCIES, one['agency'])}"
            found.append((str(one["id"]), title))
    return tuple(found)


async def _work(desk: Desk, session: Session, referral_id: UUID, of: str) -> Answer | None:
    """A piece of work of this referral that somebody has taken on, with what came of it."""
    try:
        part = await desk.reads.part(session.token, f"/v1/work/{UUID(of)}")
    except ValueError:
        return None
    if part.missing:
        return None
    work = desk.there(part).data
    theirs = work["referral_id"] == str(referral_id)
    return work if theirs and work["state"] == "accepted" else None


async def _take(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    name: str,
    values: Values,
) -> Response:
    entry, typed = _entry(session, name), Typed(values)
    of = typed.one("about")
    choices, unknown = await _organisations(desk, session, typed)
    subject, _ = await _subject(desk, session, referral_id, entry, of, choices)
    step = typed.one("step")
    if step == "change":
        return await _page(
            desk, request, session, referral_id, name, of, typed, choices=choices, status=200
        )
    sent = read(entry, typed, subject)
    errors = {**sent.errors, **unknown}
    if errors:
        typed = Typed(values, errors)
        return await _page(desk, request, session, referral_id, name, of, typed, choices=choices)
    if typed.one("etag") != (subject.read.case.etag or ""):
        return await _page(
            desk, request, session, referral_id, name, of, typed, problem=CHANGED, choices=choices
        )
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
        entry.path.format(referral_id=referral_id, thing_id=of),
        sent.body,
        etag=typed.one("etag") or None,
        key=typed.one("key") or secrets.token_urlsafe(16),
    )
    if refusal is None:
        return RedirectResponse(f"/referrals/{referral_id}?done={name}", 303)
    if refusal.status == 404:
        raise NotFound("referral_not_found", "There is no such referral.")
    problem, errors = (CHANGED, {}) if refusal.status == 412 else refused(entry, sent, refusal)
    typed = Typed(values, errors)
    return await _page(
        desk, request, session, referral_id, name, of, typed, problem=problem, choices=choices
    )


async def _organisations(
    desk: Desk, session: Session, typed: Typed
) -> tuple[Options, dict[str, str]]:
    """The organisations that somebody may have meant by a name, and what is wrong with it."""
    name = typed.one("organisation").strip()
    if typed.one("way") != "system" or not name:
        return (), {}
    part = await desk.reads.part(session.token, "/v1/intake/organisations", {"name": name})
    found = [one for one in desk.there(part).items if one.get("open") is not False]
    choices = tuple((str(one["organisation_id"]), str(one["name"])) for one in found[:FOUND])
    if not choices:
        return (), {"organisation": "No organisation of that name is registered here"}
    if typed.one("organisation_id") not in dict(choices):
        return choices, {"organisation_id": "Choose the organisation that you mean"}
    return choices, {}


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    name: str,
    of: str,
    typed: Typed | None = None,
    *,
    choices: Options = (),
    problem: str = "",
    done: str = "",
    status: int = 422,
) -> Response:
    entry = _entry(session, name)
    if instead := await restricted.instead(desk, request, session, referral_id):
        return instead
    subject, reference = await _subject(desk, session, referral_id, entry, of, choices)
    return desk.show(
        request,
        "record.html",
        {
            "here": f"/referrals/{referral_id}",
            "reference": reference,
            "name": name,
            "about": of,
            **as_shown(entry, subject, typed),
            "problem": problem,
            "done": done,
            "etag": subject.read.case.etag,
            "key": secrets.token_urlsafe(16),
        },
        session=session,
        status=status if typed else 200,
    )
