"""The loop that ends claims whose time has passed.

A claim that has lapsed holds nobody up before this has seen it: whoever claims or decides looks at
its time. This tells the queue. Cases that somebody is working on are passed by, and looked at again.
"""

from chassis.errors import Unavailable
from chassis.rounds import go_round
from chassis.stream.kernel import Kernel
from services.triage.claims import store
from services.triage.domain import Case
from services.triage.domain.claiming import lapse

MOST = 500
EVERY_SECONDS = 5.0


class Lapsing:
    """Ends claims until cancelled."""

    def __init__(self, kernel: Kernel[Case]) -> None:
        self._kernel = kernel

    async def run(self) -> None:
        """Look every few seconds; at once again where there are many."""
        await go_round(self.step, EVERY_SECONDS, most=MOST, away=(Unavailable,))

    async def step(self) -> int:
        """End what has lapsed by now, up to a batch. Returns how many claims were looked at."""
        service = self._kernel.service
        async with service.database.connection() as connection:
            due = await store.lapsed(connection, service.clock(), MOST)
        return await self._kernel.sweep(due, lapse) if due else 0
