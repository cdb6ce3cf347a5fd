"""Looks when the time has come whether help that a decision named is to be asked after."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import Unavailable
from chassis.rounds import go_round
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import logs
from policy.loading import PackSet
from services.notifications.domain import Audience, Case, Kind
from services.notifications.domain.outbox import known, queued
from services.notifications.helped import store
from services.notifications.helped.domain import to_be_asked
from services.notifications.reads import Reads, Unreadable

EVERY_SECONDS: Final = 60.0
MOST: Final = 50

log = logs.get_logger(__name__)


class AskingAfter:
    """Looks until cancelled."""

    def __init__(self, kernel: Kernel[Case], reads: Reads) -> None:
        self._kernel = kernel
        self._reads = reads

    async def run(self) -> None:
        """Look every minute. While something that it needs is away, wait."""
        await go_round(
            self.step,
            EVERY_SECONDS,
            most=MOST,
            away=(Unavailable,),
            waits=lambda _: log.warning("asking_after_waits"),
        )

    async def step(self) -> int:
        """Look at what is due; how many were looked at. What cannot be read waits for the next
        round. Raises Unavailable."""
        service, looked = self._kernel.service, 0
        async with service.database.connection() as connection:
            due = await store.due(connection, service.clock(), MOST)
        for decision_id, referral_id, authority in due:
            try:
                await self._look(decision_id, referral_id, authority)
            except Unreadable:
                log.warning("asking_after_not_read", decision_id=str(decision_id))
                continue
            async with service.database.transaction() as connection:
                await store.looked(connection, decision_id, service.clock())
            looked += 1
        return looked

    async def _look(self, decision_id: UUID, referral_id: UUID, authority: str) -> None:
        """Queue the question, where it is still to be asked. Done twice it asks once."""
        referrals = await self._reads.referrals([referral_id])
        decisions = await self._reads.decisions([referral_id])

        def ask(
            state: Case | None, policy: PackSet, ids: Ids, now: datetime
        ) -> tuple[Change[Case], Mapping[str, Any]]:
            case, who = known(state), referrals.get(referral_id)
            if not to_be_asked(case, decision_id, decisions.values(), who, policy, now):
                return Change(case), {}
            asked = queued(
                case, decision_id, Kind.HELP_ASKED_AFTER, Audience.REFERRER, ids, now,
                about=decision_id,
            )  # fmt: skip
            return asked, {}

        await self._kernel.submit(Command(referral_id, authority, ask))
