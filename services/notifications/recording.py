"""What became of messages, recorded together: a commit of many costs little more than one of one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from services.notifications.batches import Job
from services.notifications.domain.following import Outcome

TOGETHER = 25
WAIT_SECONDS = 0.02
"""A process that dies in this time does not know what became of messages, and sends them again: it
is a few times a commit's."""

Record: TypeAlias = Callable[[Job, Outcome], Awaitable[None]]


@dataclass(slots=True)
class Recorder:
    """Hands the outcomes of one batch to `record` at the same moment: when there are TOGETHER, when
    one has waited for WAIT_SECONDS, or at the end."""

    record: Record
    _ended: list[tuple[Job, Outcome]] = field(default_factory=list)
    _recording: list[asyncio.Future[None]] = field(default_factory=list)
    _timer: asyncio.TimerHandle | None = None

    def add(self, job: Job, outcome: Outcome) -> None:
        """A message's conversation is over."""
        if not self._ended:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(WAIT_SECONDS, self.begin)
        self._ended.append((job, outcome))
        if len(self._ended) >= TOGETHER:
            self.begin()

    async def all(self) -> None:
        """Wait until all that was begun is recorded. Raises what `record` raises."""
        await asyncio.gather(*self._recording)

    def begin(self) -> None:
        """Wait for no more of them."""
        if self._timer:
            self._timer.cancel()
        self._recording += [asyncio.ensure_future(self.record(*each)) for each in self._ended]
        self._ended.clear()
