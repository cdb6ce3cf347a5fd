"""Giving news its places: after it was committed, one process at a time, in a moment of its own."""

from chassis.errors import Unavailable
from chassis.stream.bell import wait
from chassis.stream.kernel import Kernel
from services.notifications.callbacks.domain import CALLS
from services.notifications.domain import Case
from services.notifications.news import store

MOST = 500
IDLE_SECONDS = 0.5


class Listing:
    """Looks for news until cancelled."""

    def __init__(self, kernel: Kernel[Case]) -> None:
        self._service = kernel.service
        self._heard = kernel.service.bell.listener(kernel.service.name)

    async def run(self) -> None:
        """Look when notifications has saved something, and every half a second."""
        while True:
            try:
                full = await self.step() == MOST
            except Unavailable:
                full = False
            if not full:
                await wait(self._heard, IDLE_SECONDS)

    async def step(self) -> int:
        """Look once; how much news there was. Raises DatabaseAway."""
        async with self._service.database.connection() as connection:
            if not await store.waits(connection):
                return 0
        async with self._service.database.transaction() as connection:
            listed = await store.give_places(connection, MOST, self._service.clock())
        if listed:
            self._service.bell.ring(CALLS)
        return listed
