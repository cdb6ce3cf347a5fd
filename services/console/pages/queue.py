"""The queue: what is to decide, what was decided, and all of it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict

from chassis import audit
from chassis.database import Connection
from services.console import rows
from services.console.desk import Desk
from services.console.pages.page import cursor, pages, read_cursor, signed_in
from services.console.rows import RowView
from services.console.sessions import Session
from services.console.store import queue as store
from services.console.store.queue import FIRST, LATEST, Counts, Place, Wanted
from services.console.times import LONDON
from services.console.words import RAG, count

PAGE = 50
MOST_UNPROCESSED = 50

View = Literal["to_decide", "decided", "all"]
TITLES: Mapping[View, str] = {"to_decide": "To decide", "decided": "Decided", "all": "All"}


class Filters(BaseModel):
    """What the address of the queue asks for. What is not understood is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: View = "to_decide"
    rag: Literal["red", "amber", "green", "none", ""] = ""
    authority: str = ""
    locality: str = ""
    who: Literal["mine", "unclaimed", ""] = ""
    due: Literal["overdue", ""] = ""
    read: Literal["by_hand", ""] = ""
    after: str = ""

    def href(self, **changes: str) -> str:
        """The address of the queue with some of it changed, from the first page on."""
        asked = {**self.model_dump(), "after": "", **changes}
        if asked["state"] == "to_decide":
            del asked["state"]
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/queue?{query}" if query else "/queue"


@dataclass(frozen=True, slots=True)
class Card:
    """A number that is also a filter."""

    label: str
    number: int
    tone: str
    href: str
    chosen: bool


def router(desk: Desk) -> APIRouter:
    """The queue, its list alone, and its doorbell."""
    routes = pages(desk)

    @routes.get("/queue")
    async def queue(request: Request, filters: Annotated[Filters, Depends(_filters)]) -> Response:
        session = await signed_in(desk, request)
        return desk.show(
            request, "queue.html", await _queue(desk, session, filters), session=session
        )

    @routes.get("/queue/fragment")
    async def fragment(
        request: Request, filters: Annotated[Filters, Depends(_filters)]
    ) -> Response:
        session = await signed_in(desk, request, active=False)
        return desk.fragment("queue-list.html", await _queue(desk, session, filters))

    @routes.get("/find")
    async def find(
        request: Request, reference: Annotated[str, Query(max_length=40)] = ""
    ) -> Response:
        session = await signed_in(desk, request)
        async with desk.database.connection() as connection:
            found = await store.by_reference(connection, reference.strip(), session.authorities)
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

    routes.include_router(streams)
    return routes


def _listener(desk: Desk) -> Any:
    async def listener(request: Request) -> Session:
        return await signed_in(desk, request, active=False)

    return listener


def _filters(request: Request) -> Filters:
    kept: dict[str, str] = {}
    for name, value in request.query_params.items():
        try:
            Filters.model_validate({name: value})
        except ValueError:
            continue
        kept[name] = value[:200]
    return Filters.model_validate(kept)


async def _queue(desk: Desk, session: Session, filters: Filters) -> dict[str, Any]:
    now = desk.clock()
    authorities = [
        authority for authority in session.authorities if filters.authority in ("", authority)
    ]
    titles = rows.Titles(desk.policy, session, now)
    async with desk.database.transaction() as connection:
        revisions = await store.revisions(connection)
        numbers = await store.counts(
            connection, authorities, filters.locality or None, session.staff_id, now
        )
        listed, following = await _listed(connection, session, filters, authorities, titles, now)
        await _record(connection, session, listed, now)
    return {
        "filters": filters,
        "title": TITLES[filters.state],
        "cards": _cards(numbers, filters),
        "tabs": [
            (title, filters.href(state=view, who="", due="", read=""), view == filters.state)
            for view, title in TITLES.items()
        ],
        "rows": listed,
        "more": filters.href(after=following) if following else None,
        "fragment": filters.href(after=filters.after).replace("/queue", "/queue/fragment", 1),
        "filtered": filters != Filters(state=filters.state, after=filters.after),
        "authorities": titles.authorities(),
        "localities": titles.localities(authorities),
        "revision": sum(revisions.get(authority, 0) for authority in session.authorities),
        "summary": _summary(numbers),
    }


async def _listed(
    connection: Connection,
    session: Session,
    filters: Filters,
    authorities: list[str],
    titles: rows.Titles,
    now: datetime,
) -> tuple[list[RowView], str]:
    """The rows of a page, and the place at which the next one starts, if there is one."""
    wanted = Wanted(
        rag=filters.rag or None,
        locality=filters.locality or None,
        mine=session.staff_id if filters.who == "mine" else None,
        unclaimed=filters.who == "unclaimed",
        overdue_at=now if filters.due else None,
    )
    if filters.state != "to_decide":
        stage = None if filters.state == "all" else filters.state
        found = await store.newest(
            connection, authorities, stage, wanted, _newest_after(filters.after), PAGE + 1
        )
        last = found[PAGE - 1] if len(found) > PAGE else None
        following = cursor(last.received_at, last.referral_id) if last else ""
        return [titles.row(row) for row in found[:PAGE]], following
    top: list[RowView] = []
    if not filters.after and filters.rag in ("", "red") and filters.who != "mine":
        top = [
            titles.unprocessed(unread)
            for unread in await store.unprocessed(connection, authorities, MOST_UNPROCESSED)
        ]
    if filters.read:
        return top, ""
    placed = await store.to_decide(connection, authorities, wanted, _after(filters.after), PAGE + 1)
    following = cursor(*placed[PAGE - 1][1]) if len(placed) > PAGE else ""
    return [*top, *(titles.row(row) for row, _ in placed[:PAGE])], following


async def _record(
    connection: Connection, session: Session, listed: list[RowView], now: datetime
) -> None:
    """Note in the audit trail what this person was newly shown today."""
    shown: dict[str, list[UUID]] = {}
    for row in listed:
        shown.setdefault(row.authority, []).append(row.referral_id)
    today = now.astimezone(LONDON).date()
    for authority, ids in sorted(shown.items()):
        await audit.note_list_read(connection, session.caller, authority, ids, today, now)


def _cards(numbers: Counts, filters: Filters) -> list[Card]:
    everything = {"state": "to_decide", "rag": "", "who": "", "due": "", "read": ""}
    here = filters.state == "to_decide"

    def card(label: str, number: int, tone: str, **asked: str) -> Card:
        chosen = here and all(
            getattr(filters, name) == {**everything, **asked}[name] for name in everything
        )
        return Card(label, number, tone, filters.href(**{**everything, **asked}), chosen)

    cards = [
        card("To decide", numbers.to_decide + numbers.unprocessed, "all"),
        *(card(RAG[rag], getattr(numbers, rag), rag, rag=rag) for rag in ("red", "amber", "green")),
        card("Overdue", numbers.overdue, "overdue", due="overdue"),
        card("Unclaimed", numbers.unclaimed, "quiet", who="unclaimed"),
        card("Mine", numbers.mine, "quiet", who="mine"),
    ]
    if numbers.unprocessed:
        cards.insert(0, card("Not processed", numbers.unprocessed, "unprocessed", read="by_hand"))
    return cards


def _summary(numbers: Counts) -> str:
    waiting = numbers.to_decide + numbers.unprocessed
    return f"{count(waiting, 'referral', 'referrals')} to decide, {numbers.overdue} overdue"


def _after(sent: str) -> Place:
    try:
        place, due_at, severity, referral_id = read_cursor(sent)
        return int(place), datetime.fromisoformat(due_at), int(severity), UUID(referral_id)
    except ValueError:
        return FIRST


def _newest_after(sent: str) -> tuple[datetime, UUID]:
    try:
        received_at, referral_id = read_cursor(sent)
        return datetime.fromisoformat(received_at), UUID(referral_id)
    except ValueError:
        return LATEST
