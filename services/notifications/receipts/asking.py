"""Asks GOV.UK Notify how messages ended: a call of its own may be lost, or there may be nowhere for
it to call."""

from typing import TYPE_CHECKING

from chassis.errors import NotFound, Unavailable
from chassis.rounds import go_round
from chassis.stream.kernel import Service
from chassis.telemetry import logs
from services.notifications.bounces import store
from services.notifications.domain import Case
from services.notifications.ends import Ends
from services.notifications.receipts.domain import DELIVERED, ends

if TYPE_CHECKING:
    from services.notifications.channels.notify import NotifyChannel

EVERY_SECONDS = 60.0
FAILED = "failed"
MOST_PAGES = 4

log = logs.get_logger(__name__)


class Asking:
    """Asks until cancelled."""

    def __init__(self, service: Service[Case], channel: "NotifyChannel", told: Ends) -> None:
        self._service = service
        self._channel = channel
        self._ends = told

    async def run(self) -> None:
        """Ask every minute. While Notify or the database is away, wait."""
        await go_round(
            self.step,
            EVERY_SECONDS,
            away=(Unavailable,),
            waits=lambda away: log.warning("receipts_wait", reason=away.code),
        )

    async def step(self) -> int:
        """Ask once, and write down what is new; how many. Raises DatabaseAway."""
        statuses = [
            *await self._channel.statuses(FAILED, MOST_PAGES),
            *await self._channel.statuses(DELIVERED, MOST_PAGES),
        ]
        found = ends(statuses)
        async with self._service.database.connection() as connection:
            waiting = await store.on_their_way(connection, sorted(found))
        for message_id in waiting:
            try:
                end = found[message_id]
                await self._ends.told(message_id, end.failed, for_now=end.for_now, turn=end.turn)
            except NotFound:
                continue
        return len(waiting)
