"""What stands before every endpoint of staff that has a referral's id in its path."""

from datetime import datetime
from uuid import UUID

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import Forbidden, NotFound
from chassis.identity.callers import Caller
from chassis.restriction import store
from chassis.restriction.seeing import Seer
from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import LONDON


def seer_of(caller: Caller, at: datetime) -> Seer:
    """Staff who look at `at` (UTC)."""
    return Seer(caller.id, tuple(sorted(caller.roles)), at)


def ring_about(pack: Pack) -> str:
    """Whom to ring about a restricted record, and the number."""
    return f"{pack.records.restricted_ring}, {pack.messages.phone}"


class Guard:
    """Lets staff through to referrals that they may see, by what one service has kept."""

    def __init__(self, database: Database, policy: PackSet, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    async def __call__(self, caller: Caller, referral_id: UUID) -> None:
        """Raises what `refuse` raises, and DatabaseAway."""
        async with self._database.connection() as connection:
            found = await store.read(connection, [referral_id])
        if referral_id in found and found[referral_id].authority in caller.authorities:
            self.refuse(caller, found[referral_id])

    def refuse(self, caller: Caller, kept: store.Kept) -> None:
        """Raises NotFound for staff who may not know that there is such a referral, and for those
        whom it is kept from by name; Forbidden for others of the hub, saying whom to ring
        (practice rule 18)."""
        now = self._clock()
        seer = seer_of(caller, now)
        if kept.restriction.shows(seer):
            return
        if not seer.in_hub or seer.staff_id in kept.restriction.denied:
            raise NotFound("referral_not_found", "There is no such referral.")
        pack = self._policy.current(kept.authority, now.astimezone(LONDON).date())
        raise Forbidden(
            "restricted_record",
            f"A restricted record bears on this child. Ring {ring_about(pack)}.",
        )
