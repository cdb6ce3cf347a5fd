"""Taking a call: search first, then the short form, then read it back (practice rule 20)."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Request, Response

from chassis.errors import Forbidden
from services.console import calling, story, words
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import let_in, pages, sent_to
from services.console.reads import Refusal
from services.console.recording.shapes import located
from services.console.referring.shapes import Kind
from services.console.rooms import room_at
from services.console.rows import Titles
from services.console.sessions import Session
from services.console.times import moment

ROOM = "/calls"
KEPT = "You are signed in again. What you typed is as you left it; it has not been sent yet."
ROLES = {"child": "Child", "adult": "Adult of the household"}


def router(desk: Desk) -> APIRouter:
    """The search, the form, and keeping it."""
    routes = pages(desk)

    @routes.get("/calls")
    async def ask(request: Request) -> Response:
        return _search(desk, request, await let_in(desk, request, ROOM), Typed())

    @routes.post("/calls")
    async def search(request: Request) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        sent = calling.searched(typed)
        if sent.errors:
            return _search(desk, request, session, Typed(values, sent.errors))
        authority = _authority(session, typed)
        told = await desk.reads.told(
            session.token, "/v1/intake/searches", {"authority": authority, **sent.body}
        )
        if isinstance(told, Refusal):
            errors = located(sent, told.errors)
            return _search(desk, request, session, Typed(values, errors), told.detail)
        now = desk.clock()
        found = [
            {
                **one,
                "role": words.said(ROLES, one["role"]),
                "received": moment(datetime.fromisoformat(one["received_at"]), now),
                "why": ", ".join(words.said(story.REASONS, why) for why in one["reasons"]),
            }
            for one in told.data["items"]
        ]
        context = {"found": found, "restricted": told.data.get("restricted"), "searched": True}
        search_id = str(told.data["search_id"])
        form = Typed(calling.begun(values))
        return _form(desk, request, session, form, authority, search_id, context=context)

    @routes.post("/calls/form")
    async def take(request: Request) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        authority, search_id = _authority(session, typed), typed.one("search_id")
        if typed.one("begin"):
            # A child is in danger: nothing has to be looked for first.
            danger = Typed({"immediate_danger": ["yes"], "channel": ["telephone"]})
            return _form(desk, request, session, danger, authority, "", status=200)
        sent = calling.taken(typed)
        if sent.errors:
            typed = Typed(values, sent.errors)
            return _form(desk, request, session, typed, authority, search_id)
        body = {
            "authority": authority,
            **sent.body,
            **({"search_id": search_id} if search_id else {}),
        }
        told = await desk.reads.told(
            session.token,
            "/v1/intake/calls",
            body,
            key=typed.one("key") or secrets.token_urlsafe(16),
        )
        if isinstance(told, Refusal):
            errors = located(sent, told.errors)
            typed = Typed(values, errors)
            problem = "" if errors else told.detail
            return _form(desk, request, session, typed, authority, search_id, problem=problem)
        return desk.show(request, "call-taken.html", {"taken": told.data}, session=session)

    return routes


def reopen(
    desk: Desk, request: Request, session: Session, values: Mapping[str, list[str]]
) -> Response:
    """The form as somebody left it when their session ended. The search was theirs, and holds."""
    if session.caller.roles.isdisjoint(room_at(ROOM).roles):
        raise Forbidden("not_for_you", "This page is for other roles.")
    typed = Typed(values)
    return _form(
        desk,
        request,
        session,
        typed,
        _authority(session, typed),
        typed.one("search_id"),
        done=KEPT,
        status=200,
    )


def _authority(session: Session, typed: Typed) -> str:
    """The authority that is called. Raises Forbidden for one that is not the person's."""
    authority = typed.one("authority") or next(iter(session.authorities), "")
    if authority not in session.authorities:
        raise Forbidden("authority_needed", "You do not work for this authority.")
    return authority


def _search(
    desk: Desk, request: Request, session: Session, typed: Typed, problem: str = ""
) -> Response:
    titles = Titles(desk.policy, session, desk.clock())
    wrong = bool(typed.errors or problem)
    return desk.show(
        request,
        "call-search.html",
        {
            "fields": calling.SEARCH,
            "authorities": titles.authorities(),
            "typed": typed,
            "problem": "" if typed.errors else problem,
            "days": ["date_of_birth"],
        },
        session=session,
        status=422 if wrong else 200,
    )


def _form(
    desk: Desk,
    request: Request,
    session: Session,
    typed: Typed,
    authority: str,
    search_id: str,
    *,
    context: Mapping[str, object] | None = None,
    problem: str = "",
    done: str = "",
    status: int = 422,
) -> Response:
    return desk.show(
        request,
        "call.html",
        {
            "groups": calling.GROUPS,
            "days": [one.name for one in calling.FIELDS if one.kind is Kind.DAY],
            "authority": authority,
            "search_id": search_id,
            "typed": typed,
            "problem": problem,
            "done": done,
            "key": typed.one("key") or secrets.token_urlsafe(16),
            "found": [],
            "restricted": None,
            "searched": False,
            **(context or {}),
        },
        session=session,
        status=200 if context else status,
    )
