"""The loop that fires clocks.

What is due is read over a partial index; the cases are locked in order of id, passing by those
that somebody else is working on; their clocks are read again under the lock; the firing, its state
and its event are one transaction. So a crash loses no firing and none happens twice, several
processes share the work, and after an outage everything due fires once, oldest first.

What cannot be fired is put off, a minute at first and half an hour at most, so that it holds up
nobody else; the watchdog puts such a referral on top of "to decide" (practice rule 1).

While events wait to be read, a stop may be among them: nothing is breached until the consumer has
caught up to within five seconds. Pages show such a clock as past due by its due time alone.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection, DatabaseAway
from chassis.rounds import go_round
from chassis.stream.kernel import Kernel
from chassis.stream.port import EventSource
from chassis.telemetry import metrics
from services.allocation import domain
from services.allocation.clocks import store

MOST = 500
EVERY_SECONDS = 0.5
COUNT_SECONDS = 15.0
MOST_LAG_SECONDS = 5.0


class Firing:
    """Fires the clocks of one process until cancelled."""

    def __init__(self, kernel: Kernel[domain.Case], source: EventSource) -> None:
        self._kernel = kernel
        self._source = source

    async def run(self) -> None:
        """Look for due clocks twice a second; at once again where there are many."""
        await go_round(self.step, EVERY_SECONDS, most=MOST)

    async def step(self) -> int:
        """Fire what is due now, up to a batch. Returns how many cases were due."""
        service = self._kernel.service
        now = service.clock()
        async with service.database.connection() as connection:
            due = await store.due(connection, now, MOST)
        metrics.OLDEST_DUE_CLOCK.set(_lateness(now, due[0]["fires_at"]) if due else 0)
        if not due:
            return 0
        if (await self._source.lag()).seconds > MOST_LAG_SECONDS:
            return 0
        authorities = {row["referral_id"]: row["authority"] for row in due}
        failed: set[UUID] = set()
        await self._kernel.sweep(authorities, domain.fire, failed)
        fired_at = service.clock()
        for row in due:
            if row["referral_id"] not in failed:
                metrics.CLOCK_LATENESS.labels("due").observe(_lateness(fired_at, row["fires_at"]))
        fired = [
            row["referral_id"] for row in due if row["failed"] and row["referral_id"] not in failed
        ]
        if failed or fired:
            async with service.database.transaction() as connection:
                await store.put_off(
                    connection, {one: authorities[one] for one in sorted(failed)}, fired, fired_at
                )
        return len(due)

    async def count(self) -> None:
        """Measure how many referrals are tried again, until cancelled."""
        service = self._kernel.service
        while True:
            with suppress(DatabaseAway):
                async with service.database.connection() as connection:
                    waiting = await store.unfired(connection, service.clock())
                metrics.UNFIRED_REFERRALS.set(len(waiting))
            await asyncio.sleep(COUNT_SECONDS)

    async def watched(self, connection: Connection, now: datetime) -> Mapping[str, Any]:
        """How long the clock is due that has waited longest to be fired, in seconds, and how many
        referrals have one that could not be."""
        due = await store.due(connection, now, 1)
        return {
            "oldest_due_clock_seconds": _lateness(now, due[0]["fires_at"]) if due else 0.0,
            "unfired_referrals": len(await store.unfired(connection, now)),
        }


def _lateness(now: datetime, due_at: datetime) -> float:
    return max(0.0, (now - due_at).total_seconds())
