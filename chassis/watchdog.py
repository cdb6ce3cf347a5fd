"""The watchdog: the safety net outside all handlers (practice rule 1).

Every few minutes it compares what was accepted with what each service knows: everything accepted
is rated, clocked and on a queue, or stands on top of "to decide" as not processed, to be read by
hand and treated as Red. What a service has put aside, an event or a clock that cannot be fired, is
looked for every few seconds. It asks; it never repairs, because a repair by the same code would
fail in the same way.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx2

from chassis.clock import Clock
from chassis.errors import Unavailable
from chassis.rounds import go_round
from chassis.telemetry import logs, metrics

PARKED_EVERY_SECONDS = 2.0
LOOK_BACK = timedelta(days=3)
MOST = 5_000

AWAY = (Unavailable, httpx2.HTTPError)

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A referral that intake accepted, in UTC."""

    referral_id: UUID
    authority: str
    received_at: datetime


Knows = Callable[[Sequence[UUID]], Awaitable[set[UUID]]]
"""Which of some referrals a service knows."""

Found = tuple[UUID, str, str]
"""A referral, its authority, and the code of what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watchdog asks and whom it tells. `knowers`: for each reason code, the question
    which of some referrals a service knows. `stuck`: what services have put aside. `settle` replaces what was noted before by what is
    found now, and returns what is news."""

    accepted: Callable[[datetime, datetime], Awaitable[Sequence[Accepted]]]
    knowers: Mapping[str, Knows]
    stuck: Callable[[], Awaitable[Sequence[Found]]]
    settle: Callable[[Sequence[Found]], Awaitable[Sequence[Found]]]
    alert: Callable[[Found], Awaitable[None]]


class Watchdog:
    """Watches until cancelled. `every` and `grace` are in seconds: how often all is reconciled,
    and how old a referral has to be before a service should know it."""

    def __init__(self, watched: Watched, clock: Clock, *, every: float, grace: float) -> None:
        self._watched = watched
        self._clock = clock
        self._every = timedelta(seconds=every)
        self._grace = timedelta(seconds=grace)
        self._reconciled_at: datetime | None = None
        self._answered_at: dict[str, datetime] = {}
        self._unknown: list[Found] = []

    async def run(self) -> None:
        """Look every few seconds; reconcile when it is time."""
        await go_round(
            self.step,
            PARKED_EVERY_SECONDS,
            away=AWAY,
            waits=lambda _: log.warning("watchdog_cannot_ask"),
        )

    async def step(self) -> Sequence[Found]:
        """Look once. Returns everything that is wrong now."""
        now = self._clock()
        due = self._reconciled_at is None or now - self._reconciled_at >= self._every
        if due or self._unknown:
            try:
                self._unknown = await self._reconcile(now)
                self._reconciled_at = now
            except AWAY:
                # What was put aside is looked for all the same.
                log.warning("watchdog_cannot_reconcile")
        found = {one[0]: one for one in (*self._unknown, *await self._watched.stuck())}
        news = await self._watched.settle(tuple(found.values()))
        for one in news:
            log.error("referral_not_processed", referral_id=str(one[0]), reason=one[2])
            await self._watched.alert(one)
        return tuple(found.values())

    async def _reconcile(self, now: datetime) -> list[Found]:
        accepted = await self._watched.accepted(now - LOOK_BACK, now - self._grace)
        found: dict[UUID, Found] = {}
        for reason, knows in self._watched.knowers.items():
            missing = 0
            for start in range(0, len(accepted), MOST):
                part = accepted[start : start + MOST]
                for one in await self._missing(reason, knows, part, now):
                    missing += 1
                    found.setdefault(one.referral_id, (one.referral_id, one.authority, reason))
            metrics.WATCHDOG_UNRECONCILED.labels(reason).set(missing)
        return list(found.values())

    async def _missing(
        self, reason: str, knows: Knows, asked: Sequence[Accepted], now: datetime
    ) -> list[Accepted]:
        """Those that a service does not know. Of a service that cannot be asked: those that it did
        not know when it last could, and those that came since, because nobody can say that it
        knows them."""
        try:
            known = await knows([one.referral_id for one in asked])
        except AWAY:
            log.warning("watchdog_cannot_ask", reason=reason)
            since = self._answered_at.setdefault(reason, now)
            before = {one[0] for one in self._unknown if one[2] == reason}
            return [one for one in asked if one.received_at > since or one.referral_id in before]
        self._answered_at[reason] = now - self._grace
        return [one for one in asked if one.referral_id not in known]
