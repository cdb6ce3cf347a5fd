"""Who read or did what. Searching is written to the trail itself."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.restriction import seer_of
from services.console import audit
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.health import SERVICES
from services.console.pages.page import let_in, pages, references_of, sent_to
from services.console.reads import Part
from services.console.sessions import Session
from services.console.store.queue import by_reference
from services.console.times import LONDON

ROOM = "/audit"
NOBODY = "Nobody signs in by that name here."
NO_REFERRAL = "There is no such referral, or it is not one that you may see."
NAMES = "/internal/v1/intake/staff:batch"
ORGANISATIONS = "/internal/v1/intake/organisations:batch"


def router(desk: Desk) -> APIRouter:
    """The form, and what it finds. A search is posted: what is looked for stands in no address."""
    routes = pages(desk)

    @routes.get("/audit")
    async def ask(request: Request) -> Response:
        session = await let_in(desk, request, ROOM)
        return _page(desk, request, session, Typed())

    @routes.post("/audit")
    async def search(request: Request) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        today = desk.clock().astimezone(LONDON).date()
        wanted, errors = audit.wanted(typed, today)
        referral_id = await _referral(desk, session, wanted.reference, errors)
        actor_id = await _actor(desk, wanted.person, errors)
        if errors:
            return _page(desk, request, session, Typed(values, errors), status=422)
        since, until = wanted.span
        asked: dict[str, Any] = {
            "since": since.isoformat(),
            "until": until.isoformat(),
            "referral_id": str(referral_id) if referral_id else None,
            "actor_id": actor_id,
            "action": wanted.action.lower().replace(" ", "_") or None,
        }
        await _note(desk, session, asked)
        body = {"person": session.person, "limit": audit.SHOWN, **asked}
        told = await asyncio.gather(
            *(desk.reads.ask_house(f"/internal/v1/{one}/audit:search", body) for one in SERVICES)
        )
        parts = dict(zip(SERVICES, told, strict=True))
        found = [
            (name, one)
            for name, part in parts.items()
            if isinstance(part, Part)
            for one in part.items
        ]
        about = audit.people([one for _, one in found])
        names = {**await _names(desk, ids=about), **await _organisations(desk, about)}
        entries = audit.shown(found, names)
        cases = {entry.referral_id for entry in entries if entry.referral_id}
        result = {
            "entries": entries,
            "references": await references_of(desk, session, cases),
            "away": [name for name, part in parts.items() if not isinstance(part, Part)],
            "more": len(found) > len(entries) or len(entries) == audit.SHOWN,
        }
        return _page(desk, request, session, typed, result)

    return routes


def _page(
    desk: Desk,
    request: Request,
    session: Session,
    typed: Typed,
    result: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> Response:
    context = {"typed": typed, "result": result, "shown": audit.SHOWN, "actions": audit.OFFERED}
    return desk.show(request, "audit.html", context, session=session, status=status)


async def _note(desk: Desk, session: Session, asked: dict[str, Any]) -> None:
    """Write down that somebody searched, before they see what is found."""
    said = {name: value for name, value in asked.items() if value and name != "referral_id"}
    referral_id = UUID(asked["referral_id"]) if asked["referral_id"] else None
    entries = [
        AuditEntry("audit_searched", session.caller, authority, referral_id, said)
        for authority in session.authorities
    ]
    async with desk.database.transaction() as connection:
        await append_audit(connection, entries, desk.clock())


async def _referral(
    desk: Desk, session: Session, reference: str, errors: dict[str, str]
) -> UUID | None:
    if not reference:
        return None
    async with desk.database.connection() as connection:
        seer = seer_of(session.caller, desk.clock())
        found = await by_reference(connection, reference, session.authorities, seer)
    if found is None:
        errors["reference"] = NO_REFERRAL
    return found


async def _actor(desk: Desk, person: str, errors: dict[str, str]) -> str | None:
    if not person:
        return None
    found = await _names(desk, usernames=[person])
    if not found:
        errors["person"] = NOBODY
    return next(iter(found), None)


async def _organisations(desk: Desk, ids: list[str]) -> dict[str, str]:
    """What partner organisations are called, by id; none while intake is away."""
    asked = {"ids": ids, "purpose": "audit_search"}
    told = await desk.reads.ask_house(ORGANISATIONS, asked) if ids else None
    items = told.items if isinstance(told, Part) else []
    return {one["organisation_id"]: one["name"] for one in items}


async def _names(desk: Desk, **asked: list[str]) -> dict[str, str]:
    """What staff are called, by id; nobody while intake is away."""
    told = await desk.reads.ask_house(NAMES, asked)
    items = told.items if isinstance(told, Part) else []
    return {one["staff_id"]: one["username"] for one in items}
