"""What operators watch of a consumer: how far behind it is, and what it has put aside. The same
loop forgets idempotency keys and list readings whose time has passed."""

from datetime import timedelta
from typing import Any

from chassis.audit import store as audit_store
from chassis.errors import Unavailable
from chassis.http import store as key_store
from chassis.rounds import go_round
from chassis.stream import parked, store
from chassis.stream.kernel import Kernel
from chassis.stream.port import EventSource
from chassis.telemetry import metrics

EVERY_SECONDS = 5.0
KEYS_KEPT = timedelta(days=7)
SHOWN_KEPT = timedelta(days=2)


class Gauges:
    """Measures one consumer until cancelled."""

    def __init__(self, kernel: Kernel[Any], source: EventSource) -> None:
        self._kernel = kernel
        self._source = source

    async def run(self) -> None:
        """Measure every five seconds."""
        await go_round(self.step, EVERY_SECONDS, away=(Unavailable,))

    async def step(self) -> None:
        """Measure once."""
        service = self._kernel.service
        lag = await self._source.lag()
        metrics.CONSUMER_LAG_EVENTS.labels(service.name).set(lag.events)
        metrics.CONSUMER_LAG_SECONDS.labels(service.name).set(lag.seconds)
        now = service.clock()
        async with service.database.transaction() as connection:
            metrics.PARKED_REFERRALS.labels(service.name).set(
                await store.count_parked(connection, service.name)
            )
            since = await parked.oldest(connection, service.name)
            metrics.PARKED_OLDEST_SECONDS.labels(service.name).set(
                max(0.0, (now - since).total_seconds()) if since else 0
            )
            await key_store.forget(connection, now - KEYS_KEPT)
            await audit_store.forget_shown(connection, (now - SHOWN_KEPT).date())
