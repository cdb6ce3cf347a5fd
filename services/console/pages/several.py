"""Claiming several referrals at once, or giving them back: nothing else is done to many together."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from chassis.errors import Forbidden
from chassis.restriction import seer_of
from services.console import lists
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.lists import Filters
from services.console.pages.page import pages, sent_form, signed_in
from services.console.pages.queue import asked_for, note_shown
from services.console.pages.referral import CLAIMING
from services.console.rows import RowView, Titles
from services.console.sessions import Session
from services.console.store import queue as store

PAGE = 50

What = Literal["claim", "release"]
ASKED: tuple[What, ...] = ("claim", "release")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them; `sorry` says why nothing did."""

    row: RowView
    sorry: str = ""


def router(desk: Desk) -> APIRouter:
    """Choosing, a last look, and what came of it."""
    routes = pages(desk)

    @routes.get("/queue/several")
    async def choose(request: Request, filters: Annotated[Filters, Depends(asked_for)]) -> Response:
        session = _may(await signed_in(desk, request))
        return await _choices(desk, request, session, filters)

    for what in ASKED:
        _take(desk, routes, what)
    return routes


def _take(desk: Desk, routes: APIRouter, what: What) -> None:
    @routes.post(f"/queue/several/{what}")
    async def take(request: Request) -> Response:
        session, values = await sent_form(desk, request)
        typed = Typed(values)
        filters = lists.read({name: typed.one(name) for name in Filters.model_fields})
        chosen = await _chosen(desk, _may(session), typed.every("referral_id")[:PAGE])
        if not chosen:
            return await _choices(desk, request, session, filters, sorry=what)
        context: dict[str, Any] = {"what": what, "filters": filters, "back": filters.href()}
        if typed.one("step") != "record":
            context["chosen"] = chosen
            return desk.show(request, "several-check.html", context, session=session)
        context["done"] = [await _order(desk, session, what, one) for one in chosen]
        return desk.show(request, "several-done.html", context, session=session)


def _may(session: Session) -> Session:
    if session.caller.roles.isdisjoint(CLAIMING):
        raise Forbidden("not_for_you", "This page is for other roles.")
    return session


async def _choices(
    desk: Desk,
    request: Request,
    session: Session,
    filters: Filters,
    sorry: What | None = None,
) -> Response:
    """What nobody has claimed, and what this person has, as far as the filters ask for it."""
    now = desk.clock()
    titles = Titles(desk.policy, session, now)
    wanted = replace(filters.wanted(session, now), mine=None, unclaimed=False)
    authorities = [one for one in session.authorities if filters.authority in ("", one)]
    asked: Mapping[What, store.Wanted] = {
        "claim": replace(wanted, unclaimed=True),
        "release": replace(wanted, mine=session.staff_id),
    }
    found: dict[What, list[RowView]] = {}
    async with desk.database.transaction() as connection:
        for what, of in asked.items():
            placed = await store.to_decide(connection, authorities, of, store.FIRST, PAGE)
            found[what] = [titles.row(row) for row, _ in placed]
        await note_shown(connection, session, [*found["claim"], *found["release"]], now)
    context = {
        "found": found,
        "filters": filters,
        "back": filters.href(),
        "sorry": sorry,
        "most": PAGE,
    }
    status = 422 if sorry else 200
    return desk.show(request, "several.html", context, session=session, status=status)


async def _chosen(desk: Desk, session: Session, ids: Sequence[str]) -> list[RowView]:
    """Those of what was chosen that this person may see."""
    now = desk.clock()
    titles = Titles(desk.policy, session, now)
    known = [one for sent in dict.fromkeys(ids) if (one := _uuid(sent))]
    async with desk.database.connection() as connection:
        rows = await store.some(
            connection, known, session.authorities, seer_of(session.caller, now)
        )
    return [titles.row(row) for row in rows]


def _uuid(sent: str) -> UUID | None:
    try:
        return UUID(sent)
    except ValueError:
        return None


async def _order(desk: Desk, session: Session, what: What, row: RowView) -> Outcome:
    refusal = await desk.reads.order(
        session.token,
        f"/v1/triage/referrals/{row.referral_id}/{what}",
        {},
        key=secrets.token_urlsafe(16),
    )
    return Outcome(row, refusal.detail if refusal else "")
