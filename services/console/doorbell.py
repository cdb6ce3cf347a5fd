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
    """Rung for every change of the read model."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revisions: dict[str, int] = {}
        self._listeners: set[asyncio.Event] = set()
        self._wanted = asyncio.Event()
        self._closed = False

    async def run(self) -> None:
        """Look for changes until cancelled. A database that is away is looked for again."""
        while True:
            await self._wanted.wait()
            try:
                async with self._database.connection() as connection:
                    found = await revisions(connection)
            except DatabaseAway:
                found = self._revisions
            if found != self._revisions:
                self._revisions = found
                self._wake()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def rings(self, authorities: Collection[str]) -> AsyncIterator[int]:
        """A number for each time that something of `authorities` changed, the first at once."""
        heard: int | None = None
        woken = asyncio.Event()
        self._listeners.add(woken)
        self._wanted.set()
        try:
            while not self._closed:
                number = sum(self._revisions.get(authority, 0) for authority in authorities)
                if number != heard:
                    heard = number
                    yield number
                await woken.wait()
                woken.clear()
        finally:
            self._listeners.discard(woken)
            if not self._listeners:
                self._wanted.clear()

    def close(self) -> None:
        """End every stream: a web server that stops waits for its answers to end."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        for woken in self._listeners:
            woken.set()
