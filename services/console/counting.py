"""The numbers over a queue, counted once for all who look at the same moment; and how much stands on
the lists of other rooms.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from chassis.database import Database
from chassis.restriction import Seer, seer_of
from services.console.reads import Part, Reads
from services.console.sessions import Session
from services.console.store import queue
from services.console.store.numbers import Counted, Counts, counted, hidden_from

FRESH: Final = timedelta(seconds=30)
PATIENCE: Final = 0.05
"""Seconds that the first who looks waits for the numbers of other rooms."""

_Key: TypeAlias = tuple[tuple[str, ...], str | None, tuple[int, ...], tuple[UUID, ...]]


class Counting:
    """Counts queues. With many referrals open that is dear, and a change is heard by every open
    queue at once: those of the same authorities whose people see the same share one counting, as
    long as it runs and nothing has changed since it began."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: dict[_Key, asyncio.Task[Counted]] = {}

    async def numbers(self, authorities: Sequence[str], locality: str | None, seer: Seer) -> Counts:
        """The numbers as they are when `seer` looks. Raises DatabaseAway."""
        async with self._database.connection() as connection:
            revisions = await queue.revisions(connection)
            unseen = await hidden_from(connection, authorities, seer)
        heard = tuple(revisions.get(authority, 0) for authority in authorities)
        key = (tuple(authorities), locality, heard, unseen)
        running = self._running.get(key)
        if running is None:
            running = asyncio.create_task(self._count(authorities, locality, seer))
            self._running[key] = running
            running.add_done_callback(lambda _: self._running.pop(key, None))
        # Whoever began it may leave; the others still want it.
        return (await asyncio.shield(running)).of(seer.staff_id)

    async def _count(self, authorities: Sequence[str], locality: str | None, seer: Seer) -> Counted:
        async with self._database.connection() as connection:
            return await counted(connection, authorities, locality, seer)


def _rows(part: Part) -> str:
    more = "+" if part.data.get("next") else ""
    return f"{len(part.items)}{more}"


def _on_agendas(part: Part) -> str:
    listed = (
        meeting["items"]
        for one in part.items
        for meeting in (*one["meetings"], *one.get("to_conclude", ()))
    )
    return str(sum(listed))


ELSEWHERE: Final[Mapping[str, tuple[str, str, Callable[[Part], str]]]] = {
    "Disagreements": ("/duty", "/v1/triage/disagreements", _rows),
    "To telephone": ("/duty", "/v1/messages/undelivered", _rows),
    "Panels": ("/panels", "/v1/panels", _on_agendas),
}
"""Lists of other rooms: whose they are, what is asked, and what of the answer is counted."""

_Seen: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], tuple[UUID, ...]]


class Elsewhere:
    """How much stands on the lists of other rooms. Their services are asked at most every half
    minute for all who see the same, and no queue waits for them."""

    def __init__(self, database: Database, reads: Reads) -> None:
        self._database = database
        self._reads = reads
        self._known: dict[_Seen, tuple[datetime, Mapping[str, str]]] = {}
        self._asking: dict[_Seen, asyncio.Task[None]] = {}

    async def numbers(self, session: Session, now: datetime) -> Mapping[str, str]:
        """The numbers by list, as they were lately; none where a service did not say. Raises
        DatabaseAway."""
        async with self._database.connection() as connection:
            unseen = await hidden_from(
                connection, session.authorities, seer_of(session.caller, now)
            )
        theirs = {room.path for room in session.rooms}
        wanted = tuple(name for name, (room, _, _) in ELSEWHERE.items() if room in theirs)
        key = (session.authorities, wanted, unseen)
        known = self._known.get(key)
        if known is None or now - known[0] >= FRESH:
            asking = self._asking.get(key)
            if asking is None:
                asking = asyncio.create_task(self._ask(key, session.token, now))
                self._asking[key] = asking
                asking.add_done_callback(lambda _: self._asking.pop(key, None))
            if known is None:
                await asyncio.wait({asking}, timeout=PATIENCE)
        return self._known.get(key, (now, {}))[1]

    async def _ask(self, key: _Seen, token: str, now: datetime) -> None:
        asked = {name: ELSEWHERE[name] for name in key[1]}
        told: list[Any] = await asyncio.gather(
            *(self._reads.part(token, path) for _, path, _ in asked.values()),
            return_exceptions=True,
        )
        numbers = {
            name: count(part)
            for (name, (_, _, count)), part in zip(asked.items(), told, strict=True)
            if isinstance(part, Part) and not part.away and not part.missing
        }
        lately = {one: at for one, at in self._known.items() if now - at[0] < FRESH}
        self._known = {**lately, key: (now, numbers)}
