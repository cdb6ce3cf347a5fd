"""Saving some cases of a batch while the next of them are folded: the database works as we do."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Saving(Generic[T]):
    """Calls `write` for one group after the other, never two at once: they share a connection.
    What a call raises is raised by the next one, or at the end of the block, and at the end of the
    block none is still running."""

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._write = write
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def save(self, group: Sequence[T]) -> None:
        """Write `group` once what came before is written. Returns when that has begun."""
        await self._finish()
        self._running = asyncio.create_task(self._run(group))
        # The task runs up to its first wait, and what it sends leaves, before we go on.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _run(self, group: Sequence[T]) -> None:
        await self._write(group)

    async def _finish(self) -> None:
        if self._running is not None:
            await self._running
            self._running = None

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            await self._finish()
        elif self._running is not None:
            await asyncio.wait([self._running])
