"""The stream as one process reads it: whether it is still looked at, and an end without a cut."""

import asyncio

from chassis.database import Connection
from chassis.stream.port import Batch, EventSource, Lag


class WatchedSource:
    """Knows when the stream was looked at last, and what of it is in hand."""

    def __init__(self, inner: EventSource) -> None:
        self._inner = inner
        self._in_hand = 0
        self._ending = False
        self._done = asyncio.Event()
        self._looked_at: float | None = None

    async def read(self, limit: int) -> Batch | None:
        self._looked_at = asyncio.get_running_loop().time()
        if self._ending:
            return None
        batch = await self._inner.read(limit)
        if batch is not None:
            self._in_hand += batch.passed
        return batch

    async def settle(self, connection: Connection, batch: Batch) -> None:
        await self._inner.settle(connection, batch)

    async def settled(self, batch: Batch) -> None:
        await self._inner.settled(batch)
        self._put_down(self._in_hand - batch.passed)

    async def rewind(self) -> None:
        await self._inner.rewind()
        self._put_down(0)

    async def lag(self) -> Lag:
        return await self._inner.lag()

    async def end(self, within: float) -> bool:
        """Read no more, and wait until what was read is settled. Whether it was, `within` seconds;
        what was not is read again by whoever comes next."""
        self._ending = True
        self._put_down(self._in_hand)
        try:
            async with asyncio.timeout(within):
                await self._done.wait()
        except TimeoutError:
            return False
        return True

    @property
    def unseen_seconds(self) -> float:
        """How long nobody has looked at the stream; 0 before the first time."""
        if self._looked_at is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._looked_at

    def _put_down(self, left: int) -> None:
        self._in_hand = left
        if self._ending and not left:
            self._done.set()
