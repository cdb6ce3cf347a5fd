"""The caller: claims calls that are due, makes them side by side, and records what became of them.
Any number of callers may run.

No endpoint waits for another. Each has a few calls in the air at most; those that fail share a part
of the lanes, one call each, so that however many are slow or dead, there is a lane for one that is
well. Everything about the database is done by one loop, in batches. A caller that dies leaves its
claims; when their time is over others make those calls again, under the same `webhook-id`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.errors import Unavailable
from chassis.stream.bell import wait
from chassis.stream.kernel import Kernel
from chassis.telemetry import logs, metrics
from services.notifications.callbacks.domain import CALLS, GONE, Call, CallState, followed
from services.notifications.callbacks.signing import letter_of
from services.notifications.callbacks.store import CallbackStore, Claimed
from services.notifications.channels.port import Channel, Delivery, NotTaken
from services.notifications.domain import Case

IDLE_SECONDS = 0.5
SOON_SECONDS = 0.01
AWAY_SECONDS = 2.0
EACH = 4
"""Calls to one endpoint at the same time, while it is well."""

FAILING_AT_ONCE = 50
"""Calls that are begun in one go to endpoints that fail: what comes next to one that is well waits
until they are on their way."""

KEPT = timedelta(days=30)
TIDIED_AT_ONCE = 1000
CHANNEL = "callback"

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """`lease` must exceed the channel's own time limit. `chance` gives numbers from 0 to 1."""

    lease: timedelta
    chance: Callable[[], float]
    shutdown_seconds: float = 3.0


class Caller:
    """Makes calls until cancelled."""

    def __init__(
        self,
        kernel: Kernel[Case],
        store: CallbackStore,
        channel: Channel,
        public_url: str,
        limits: Limits,
    ) -> None:
        self._service = kernel.service
        self._store = store
        self._channel = channel
        self._public_url = public_url
        self._limits = limits
        self._token = kernel.service.ids()
        self._heard = kernel.service.bell.listener(CALLS)
        self._in_air: Counter[UUID] = Counter()
        self._failing: set[UUID] = set()
        self._ended: list[tuple[Call, Delivery]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._more = False
        self._tidied_on = kernel.service.clock().date()

    async def run(self) -> None:
        """Call for ever. While the database is away, wait; what was called meanwhile is recorded
        when it is back."""
        try:
            while True:
                try:
                    await self.step()
                    await wait(self._heard, SOON_SECONDS if self._more else IDLE_SECONDS)
                except Unavailable as away:
                    log.warning("caller_waits", reason=away.code)
                    await asyncio.sleep(AWAY_SECONDS)
        finally:
            await self._finish()

    async def step(self) -> int:
        """Record what has ended, and begin what is due; how many calls were begun. Raises
        DatabaseAway."""
        await self._record()
        well, failing = await self._claim(failing=False), await self._claim(failing=True)
        self._more = failing == FAILING_AT_ONCE
        await self._tidy()
        return well + failing

    async def settle(self) -> None:
        """Wait for every call that is in the air, and record it."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._record()

    async def _claim(self, *, failing: bool) -> int:
        lanes = self._channel.lanes
        free = lanes - len(self._tasks)
        if failing:
            # Half of the lanes are for endpoints that are well.
            free = min(free, lanes // 2 - sum(self._in_air[one] for one in self._failing))
            free = min(free, FAILING_AT_ONCE)
        if free <= 0:
            return 0
        now = self._service.clock()
        async with self._service.database.transaction() as connection:
            claimed = await self._store.claim(
                connection,
                now,
                now + self._limits.lease,
                self._token,
                busy=list(self._in_air),
                failing=failing,
                each=1 if failing else EACH,
                most=free,
            )
            if not claimed:
                return 0
            ids = {one.call.callback_id for one in claimed}
            secrets = await self._store.secrets(connection, sorted(ids), now)
        for one in claimed:
            callback_id = one.call.callback_id
            self._in_air[callback_id] += 1
            (self._failing.add if failing else self._failing.discard)(callback_id)
            task = asyncio.create_task(self._make(one, secrets.get(callback_id, [])))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(claimed)

    async def _make(self, one: Claimed, secrets: list[str]) -> None:
        """Make one call. Its outcome waits for the next recording."""
        delivery: Delivery = NotTaken("not_signed", permanent=False)
        try:
            if secrets:
                now = self._service.clock()
                letter = letter_of(one.call, one.url, secrets, self._public_url, now)
                delivery = await self._channel.hand_over(letter)
        except Exception:
            log.exception("call_not_made", message_id=str(one.call.call_id))
            delivery = NotTaken("not_made", permanent=False)
        self._ended.append((one.call, delivery))
        self._heard.set()

    async def _record(self) -> None:
        ended = list(self._ended)
        if not ended:
            return
        now = self._service.clock()
        calls = [followed(call, how, now, self._limits.chance()) for call, how in ended]
        gone = [one.callback_id for one in calls if one.reason == GONE]
        async with self._service.database.transaction() as connection:
            await self._store.record(connection, calls, self._token, now)
            if gone:
                await self._store.switch_off(connection, gone, "gone", now)
        del self._ended[: len(ended)]
        # Until it is recorded that an endpoint failed, it would be called as one that is well.
        self._in_air -= Counter(call.callback_id for call in calls)
        for call in calls:
            metrics.MESSAGES.labels(CHANNEL, call.news, _NAMES[call.state]).inc()

    async def _tidy(self) -> None:
        """Once a day, forget calls that ended long ago."""
        now = self._service.clock()
        if now.date() == self._tidied_on:
            return
        async with self._service.database.transaction() as connection:
            forgotten = await self._store.tidy(connection, now - KEPT, TIDIED_AT_ONCE)
        if forgotten < TIDIED_AT_ONCE:
            self._tidied_on = now.date()

    async def _finish(self) -> None:
        """Give calls in the air a moment to end, and record those that did."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._limits.shutdown_seconds)
        for task in list(self._tasks):
            task.cancel()
        self._in_air.clear()
        try:
            await self._record()
        except Unavailable:
            log.warning("calls_not_recorded", count=len(self._ended))


_NAMES = {
    CallState.TAKEN: "sent",
    CallState.QUEUED: "put_off",
    CallState.FAILED: "failed",
    CallState.CALLING: "calling",
}
