"""The loop that brings a service its events.

It never ends by itself. When the database or the stream is away it waits, a little longer each
time up to five seconds, and reads the same events again. A fault of its own is logged and counted,
and the loop goes on: what stands still is seen by lag and by the watchdog, not by silence.
"""

import asyncio
from typing import Generic, TypeVar

from chassis.errors import Unavailable
from chassis.stream.bell import wait
from chassis.stream.kernel import Kernel
from chassis.stream.lull import Lull
from chassis.stream.port import Batch, EventSource, Superseded
from chassis.telemetry import logs, metrics
from policy.loading import UnknownVersion

S = TypeVar("S")

BATCH = 500
IDLE_SECONDS = 0.5
LONGEST_LULL_SECONDS = 0.25
HURRIED_LULL_SECONDS = 0.03
LONGEST_WAIT_SECONDS = 5.0
REPLAY_EVERY_SECONDS = 1.0

log = logs.get_logger(__name__)


class Consumer(Generic[S]):
    """Reads `source` for `kernel` until cancelled."""

    def __init__(self, kernel: Kernel[S], source: EventSource) -> None:
        self._kernel = kernel
        self._source = source
        self._heard = kernel.service.bell.listener(*kernel.service.types)
        self._lull = Lull(HURRIED_LULL_SECONDS if kernel.service.hurried else LONGEST_LULL_SECONDS)
        self._failures = 0
        self._ahead: asyncio.Task[Batch | None] | None = None

    async def run(self) -> None:
        """Read and answer, for ever. Where the house is busy, events are let come together for a
        moment before the next batch."""
        loop = asyncio.get_running_loop()
        next_replay = loop.time()
        while True:
            try:
                if loop.time() >= next_replay:
                    # First, so that a replay that fails is not all that is ever tried.
                    next_replay = loop.time() + REPLAY_EVERY_SECONDS
                    await self._kernel.replay()
                began = loop.time()
                worked = await self.step()
                took = loop.time() - began
                self._failures = 0
            except Superseded:
                continue
            except (Unavailable, UnknownVersion) as away:
                await self._rest(type(away).__name__)
                continue
            except Exception:
                log.exception("consumer_fault", consumer=self._kernel.service.name)
                await self._rest("fault")
                continue
            if not worked:
                self._lull.rested()
                await wait(self._heard, IDLE_SECONDS)
            elif worked < BATCH:
                await asyncio.sleep(self._lull.after(took))

    async def step(self) -> int:
        """Answer one batch. How far it went along the stream, 0 when there was none."""
        batch = await self._next()
        if batch is None:
            return 0
        if len(batch.events) == BATCH:
            # There is more: it is read while this is answered.
            self._ahead = asyncio.create_task(self._kernel.read(self._source, BATCH))
        try:
            await self._kernel.answer_events(self._source, batch)
        except BaseException:
            await self._forget()
            raise
        return batch.passed

    async def _next(self) -> Batch | None:
        if self._ahead is None:
            return await self._kernel.read(self._source, BATCH)
        ahead, self._ahead = self._ahead, None
        return await ahead

    async def _forget(self) -> None:
        """Give up what was read ahead of a batch that failed."""
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            ahead.cancel()
            await asyncio.wait([ahead])
            await self._source.rewind()

    async def _rest(self, why: str) -> None:
        self._failures += 1
        metrics.CONSUMER_WAITS.labels(self._kernel.service.name, why).inc()
        await asyncio.sleep(min(LONGEST_WAIT_SECONDS, 0.1 * 2**self._failures))
