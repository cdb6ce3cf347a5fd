"""The queue: its lists a page at a time, the views that people saved, and its doorbell."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from chassis import audit
from chassis.database import Connection
from chassis.http.routing import joined
from chassis.restriction import seer_of
from services.console import lists, rows
from services.console.counting import Counting, Elsewhere
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.lists import Filters
from services.console.pages.page import (
    cursor,
    let_in,
    pages,
    read_cursor,
    sent_to,
    signed_in,
)
from services.console.pages.referral import CLAIMING
from services.console.reads import Part
from services.console.rows import RowView
from services.console.sessions import Session
from services.console.store import queue as store
from services.console.store import views
from services.console.store.queue import FIRST, LATEST, SOONEST, Place, Wanted
from services.console.times import LONDON

ROOM = "/queue"
PAGE = 50
MOST_UNPROCESSED = 50
LONGEST_NAME = 60


def router(desk: Desk) -> APIRouter:
    """The queue, its list alone, and its doorbell."""
    routes = pages(desk)
    counting, elsewhere = Counting(desk.database), Elsewhere(desk.database, desk.reads)

    @routes.get("/queue")
    async def queue(request: Request, filters: Annotated[Filters, Depends(asked_for)]) -> Response:
        session = await let_in(desk, request, ROOM)
        return desk.show(
            request,
            "queue.html",
            await _queue(desk, counting, elsewhere, session, filters),
            session=session,
        )

    @routes.get("/queue/fragment")
    async def fragment(
        request: Request, filters: Annotated[Filters, Depends(asked_for)]
    ) -> Response:
        session = await let_in(desk, request, ROOM, active=False)
        return desk.fragment(
            "queue-fragment.html", await _queue(desk, counting, elsewhere, session, filters)
        )

    @routes.post("/queue/views")
    async def save(request: Request) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        filters = lists.read({name: typed.one(name) for name in Filters.model_fields})
        name = " ".join(typed.one("name").split())[:LONGEST_NAME]
        if name:
            async with desk.database.transaction() as connection:
                await views.save_view(
                    connection,
                    views.SavedView(uuid4(), name, filters.query),
                    authority=min(session.authorities, default=""),
                    staff_id=session.staff_id,
                    now=desk.clock(),
                )
        return RedirectResponse(filters.href(), 303)

    @routes.post("/queue/views/{view_id}/removal")
    async def remove(request: Request, view_id: UUID) -> Response:
        session, _ = await sent_to(desk, request, ROOM)
        async with desk.database.transaction() as connection:
            await views.remove_view(connection, view_id, session.staff_id)
        return RedirectResponse("/queue", 303)

    @routes.get("/find")
    async def find(
        request: Request, reference: Annotated[str, Query(max_length=40)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        async with desk.database.connection() as connection:
            found = await store.by_reference(
                connection,
                reference.strip(),
                session.authorities,
                seer_of(session.caller, desk.clock()),
            )
        if found:
            return RedirectResponse(f"/referrals/{found}", 303)
        return desk.show(
            request, "not-found.html", {"reference": reference}, session=session, status=404
        )

    streams = APIRouter(include_in_schema=False)

    @streams.get("/queue/events", response_class=EventSourceResponse)
    async def events(
        session: Annotated[Session, Depends(_listener(desk))],
    ) -> AsyncIterator[ServerSentEvent]:
        """Rings when something changed for this person's authorities. Says nothing else."""
        async for number in desk.doorbell.rings(session.authorities):
            yield ServerSentEvent(raw_data=str(number))

    return joined((routes, streams))


def _listener(desk: Desk) -> Any:
    async def listener(request: Request) -> Session:
        # Open referrals listen too.
        return await signed_in(desk, request, active=False)

    return listener


def asked_for(request: Request) -> Filters:
    """The filters of an address."""
    return lists.read(request.query_params)


async def _queue(
    desk: Desk, counting: Counting, elsewhere: Elsewhere, session: Session, filters: Filters
) -> dict[str, Any]:
    now = desk.clock()
    wanted, away = filters.wanted(session, now), False
    nothing = lists.EMPTY[filters.state]
    if filters.state == "team":
        told = await desk.reads.part(session.token, "/v1/workers/teams")
        wanted, away = replace(wanted, held_by=_holders(told)), told.away
        nothing = nothing if told.items else lists.NO_TEAM
    authorities = [
        authority for authority in session.authorities if filters.authority in ("", authority)
    ]
    titles = rows.Titles(desk.policy, session, now)
    numbers = await counting.numbers(
        authorities, filters.locality or None, seer_of(session.caller, now)
    )
    async with desk.database.transaction() as connection:
        revisions = await store.revisions(connection)
        listed, following = await _listed(connection, filters, wanted, authorities, titles)
        saved = await views.views_of(connection, session.staff_id, list(session.authorities))
        await note_shown(connection, session, listed, now)
    known = titles.authorities()
    here = filters.href(after=filters.after, page=filters.page)
    return {
        "filters": filters,
        "title": lists.TITLES[filters.state],
        "away": away,
        "several": _several(filters) if session.caller.roles & CLAIMING else None,
        "beside": lists.beside(
            session.rooms, numbers.unprocessed, await elsewhere.numbers(session, now)
        ),
        "nothing": nothing,
        "cards": lists.cards(numbers, filters) if filters.state == "to_decide" else [],
        "tabs": lists.tabs(filters, numbers),
        "choices": lists.choices(filters, numbers, known, titles.localities(authorities)),
        "rows": listed,
        "more": filters.href(after=following, page=filters.page + 1) if following else None,
        "first": filters.href() if filters.after else None,
        "page": lists.page_of(filters, numbers, PAGE),
        "here": here,
        "fragment": here.replace("/queue", "/queue/fragment", 1),
        "filtered": filters.href() != Filters(state=filters.state).href(),
        "saved": [(view, f"/queue?{view.query}", view.query == filters.query) for view in saved],
        "authorities": known,
        "revision": sum(revisions.get(authority, 0) for authority in session.authorities),
    }


def _several(filters: Filters) -> str | None:
    """Where several of a list are claimed at once; None where there is nothing to claim."""
    return f"/queue/several?{filters.query}" if filters.deciding else None


def _holders(told: Part) -> tuple[str, ...]:
    """The teams in which somebody stands, and who else does: whatever work can be with."""
    return tuple(one for team in told.items for one in (team["team"], *team["workers"]))


async def _listed(
    connection: Connection,
    filters: Filters,
    wanted: Wanted,
    authorities: list[str],
    titles: rows.Titles,
) -> tuple[list[RowView], str]:
    """The rows of a page, and the place at which the next one starts, if there is one."""
    which = lists.BY_DUE.get(filters.state)
    if which:
        due = await store.by_due(
            connection, authorities, which, wanted, _due_after(filters.after), PAGE + 1
        )
        following = cursor(*due[PAGE - 1][1]) if len(due) > PAGE else ""
        return [titles.row(row) for row, _ in due[:PAGE]], following
    if not filters.deciding:
        stage = None if filters.state == "all" else filters.state
        found = await store.newest(
            connection, authorities, stage, wanted, _newest_after(filters.after), PAGE + 1
        )
        last = found[PAGE - 1] if len(found) > PAGE else None
        following = cursor(last.received_at, last.referral_id) if last else ""
        return [titles.row(row) for row in found[:PAGE]], following
    top: list[RowView] = []
    whole = filters.state == "to_decide" and filters.who != "mine" and not filters.after
    if whole and filters.rag in ("", "red"):
        top = [
            titles.unprocessed(unread)
            for unread in await store.unprocessed(
                connection, authorities, MOST_UNPROCESSED, wanted.seer
            )
        ]
    if filters.read:
        return top, ""
    placed = await store.to_decide(connection, authorities, wanted, _after(filters.after), PAGE + 1)
    following = cursor(*placed[PAGE - 1][1]) if len(placed) > PAGE else ""
    return [*top, *(titles.row(row) for row, _ in placed[:PAGE])], following


async def note_shown(
    connection: Connection, session: Session, listed: list[RowView], now: datetime
) -> None:
    """Note in the audit trail what this person was newly shown today."""
    shown: dict[str, list[UUID]] = {}
    for row in listed:
        shown.setdefault(row.authority, []).append(row.referral_id)
    today = now.astimezone(LONDON).date()
    for authority, ids in sorted(shown.items()):
        await audit.note_list_read(connection, session.caller, authority, ids, today, now)


def _after(sent: str) -> Place:
    try:
        place, due_at, severity, referral_id = read_cursor(sent)
        return int(place), datetime.fromisoformat(due_at), int(severity), UUID(referral_id)
    except ValueError:
        return FIRST


def _due_after(sent: str) -> tuple[datetime, UUID]:
    return _timed(sent) or SOONEST


def _newest_after(sent: str) -> tuple[datetime, UUID]:
    return _timed(sent) or LATEST


def _timed(sent: str) -> tuple[datetime, UUID] | None:
    try:
        at, referral_id = read_cursor(sent)
        return datetime.fromisoformat(at), UUID(referral_id)
    except ValueError:
        return None
