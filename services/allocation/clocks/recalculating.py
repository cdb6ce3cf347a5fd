"""The loop that counts open clocks again when the pack or the calendar in force has changed.

Packs and announced days are read when a process starts, and a version may come into force at
midnight: so it looks once at the start, when what is in force changes, and every hour for clocks
that another process counted by what it knew. It goes by what stands beside each clock, not by how
far it came: killed in the middle, it goes on with what is left.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from chassis.rounds import go_round
from chassis.stream.kernel import Kernel
from chassis.telemetry import logs
from policy.working_time import LONDON
from services.allocation import domain
from services.allocation.clocks import store

BATCH = 500
EVERY_SECONDS = 30.0
LOOK_AGAIN = timedelta(hours=1)

log = logs.get_logger(__name__)


class Recalculation:
    """Counts the open clocks of one process's authorities again until cancelled."""

    def __init__(self, kernel: Kernel[domain.Case]) -> None:
        self._kernel = kernel
        self._looked: dict[str, tuple[frozenset[str], datetime]] = {}

    async def run(self) -> None:
        """Look twice a minute."""
        await go_round(self.step, EVERY_SECONDS, waits=lambda _: log.info("recalculation_waits"))

    async def step(self) -> int:
        """Count again what is to be counted again now. Returns how many referrals that was."""
        policy, now = self._kernel.service.policy, self._kernel.service.clock()
        return sum([await self._authority(authority, now) for authority in policy.authorities])

    async def _authority(self, authority: str, now: datetime) -> int:
        service = self._kernel.service
        day = now.astimezone(LONDON).date()
        versions = service.policy.packs[authority]
        counted_by = frozenset(
            f"{pack.version} {service.policy.calendar(authority, pack.version, day).version}"
            for pack in versions
        )
        try:
            current = service.policy.current(authority, day).version
        except KeyError:
            # No version is in force today: what runs goes on by the one that it began with.
            return 0
        mark = counted_by | {current}
        known, looked_at = self._looked.get(authority, (frozenset(), now))
        if known == mark and now - looked_at < LOOK_AGAIN:
            return 0
        async with service.database.connection() as connection:
            ids = await store.outdated(
                connection, authority, counted_by=sorted(counted_by), compared_with=current
            )
        seen = 0
        failed: set[UUID] = set()
        for begin in range(0, len(ids), BATCH):
            cases: Mapping[UUID, str] = dict.fromkeys(ids[begin : begin + BATCH], authority)
            seen += await self._kernel.sweep(cases, domain.bring_up_to_date, failed)
        # A case that somebody else was working on is looked at in the next round.
        if seen == len(ids):
            self._looked[authority] = (mark, now)
        if ids:
            log.info("clocks_recalculated", authority=authority, referrals=seen, failed=len(failed))
        return seen
