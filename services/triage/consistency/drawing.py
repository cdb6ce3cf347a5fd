"""Drawing the quarterly audit sample, asked for or by itself: each quarter has one, once."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.identity import Caller
from chassis.rounds import go_round
from chassis.stream.kernel import Service
from chassis.telemetry import logs
from services.triage.consistency import store
from services.triage.consistency.domain import last_quarters, quarter_of
from services.triage.domain import Case

SIZE = 20
"""How many are rated again where nobody asked for another number."""
LOOK_BACK = 4
"""How many quarters that are over are looked at: the house may have been off at their end."""
EVERY_SECONDS = 3600.0

Draw = Callable[[Sequence[tuple[UUID, str]], int], list[tuple[UUID, str]]]
"""Picks some at random."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Drawn:
    """How many were drawn, of how many that were decided."""

    drawn: int
    of: int


class Drawing:
    """Draws samples. Several workers may: one of them draws, the others find it drawn."""

    def __init__(self, service: Service[Case], draw: Draw = random.SystemRandom().sample) -> None:
        self._service = service
        self._draw = draw

    async def run(self) -> None:
        """Look every hour whether a quarter is over that has no sample."""
        await go_round(self.step, EVERY_SECONDS)

    async def step(self) -> int:
        """Draw what is missing. Answers how many samples it drew. Raises DatabaseAway."""
        drawn = 0
        for quarter in last_quarters(self._service.clock(), LOOK_BACK):
            for authority in self._service.policy.authorities:
                async with self._service.database.transaction() as connection:
                    found = await self.draw(connection, None, authority, quarter)
                if found and found.drawn:
                    drawn += 1
                    log.info("audit_sample_drawn", quarter=quarter, drawn=found.drawn)
        return drawn

    async def draw(
        self,
        connection: Connection,
        caller: Caller | None,
        authority: str,
        quarter: str,
        size: int = SIZE,
    ) -> Drawn | None:
        """Draw a quarter's sample for somebody, or by itself; None where it was drawn before. Fewer
        are drawn where fewer were decided. Nothing is noted of a quarter in which nothing was."""
        # Who comes second waits here, and then sees what the first drew.
        await store.hold_quarter(connection, authority, quarter)
        if await store.is_drawn(connection, authority, quarter):
            return None
        now: datetime = self._service.clock()
        found = await store.drawable(connection, ([authority], *quarter_of(quarter)))
        picked = self._draw(found, min(size, len(found)))
        if not picked and caller is None:
            return Drawn(0, 0)
        await store.add_sample(
            connection,
            [
                (self._service.ids(), authority, quarter, referral_id, now, rag)
                for referral_id, rag in picked
            ],
        )
        details = {"quarter": quarter, "drawn": len(picked), "of": len(found)}
        entry = AuditEntry("audit_sample_drawn", caller, authority, None, details)
        await append_audit(connection, [entry], now)
        return Drawn(len(picked), len(found))
