"""What became of messages, recorded together: a commit of many costs little more than one of one."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from services.notifications.batches import Job
from services.notifications.domain.following import Outcome

TOGETHER = 25
WAIT_SECONDS = 0.02
"""A process that dies in this time does not know what became of messages, and sends them again: it
is a few times a commit's."""

Record: TypeAlias = Callable[[Job, Outcome], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Recorder:
    """Hands the outcomes of messages to `record` at the same moment, in tasks of `tasks`: when there
    are TOGETHER, when one has waited for WAIT_SECONDS, or when `begin` is called."""

    record: Record
    tasks: asyncio.TaskGroup
    _ended: list[tuple[Job, Outcome]] = field(default_factory=list)
    _timer: asyncio.Task[None] | None = None

    def add(self, job: Job, outcome: Outcome) -> None:
        """A message's conversation is over."""
        if not self._ended:
            self._timer = self.tasks.create_task(self._begin_soon())
        self._ended.append((job, outcome))
        if len(self._ended) >= TOGETHER:
            self.begin()

    def begin(self) -> None:
        """Wait for no more of them."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        for each in self._ended:
            self.tasks.create_task(self.record(*each))
        self._ended.clear()

    async def _begin_soon(self) -> None:
        await asyncio.sleep(WAIT_SECONDS)
        self._timer = None
        self.begin()
