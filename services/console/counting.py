"""The numbers over a queue, counted once for all who look at the same moment."""

import asyncio
from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from chassis.database import Database
from chassis.restriction import Seer
from services.console.store import queue
from services.console.store.numbers import Counted, Counts, counted, hidden_from

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
