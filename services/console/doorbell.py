"""Tells open pages that something changed, and nothing else.

One loop for each process looks at the revisions of all authorities while anybody listens, and
wakes the listeners. A page then fetches what its own session may see.
"""

import asyncio
from collections.abc import AsyncIterator, Collection

from chassis.database import Database, DatabaseAway
from services.console.store.queue import revisions

LOOK_EVERY_SECONDS = 0.4


class Doorbell:
    """Rung for every change of the read model. `close` ends every open stream."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revisions: dict[str, int] = {}
        self._changed = asyncio.Condition()
        self._listening = asyncio.Event()
        self._listeners = 0
        self._closed = False

    async def run(self) -> None:
        """Look for changes until cancelled. A database that is away is looked for again."""
        while True:
            await self._listening.wait()
            try:
                async with self._database.connection() as connection:
                    found = await revisions(connection)
            except DatabaseAway:
                found = self._revisions
            if found != self._revisions:
                self._revisions = found
                async with self._changed:
                    self._changed.notify_all()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def rings(self, authorities: Collection[str]) -> AsyncIterator[int]:
        """A number for each time that something of `authorities` changed, the first at once."""
        def number() -> int:
            return sum(self._revisions.get(authority, 0) for authority in authorities)

        heard: int | None = None
        self._listeners += 1
        self._listening.set()
        try:
            while True:
                async with self._changed:
                    await self._changed.wait_for(lambda: self._closed or number() != heard)
                if self._closed:
                    return
                heard = number()
                yield heard
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._listening.clear()

    async def close(self) -> None:
        """End every stream: a server that stops waits for its answers to end."""
        self._closed = True
        async with self._changed:
            self._changed.notify_all()
