"""What every service keeps of every referral, whatever else it does with it: who may see it, and
that it was erased.

Both come from intake's events, and are written in the transaction that handles or appends them, so
that no service ever shows a referral without them. An erased referral has no case any more; what
others still say of it is passed over.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis import erasing
from chassis.database import Connection
from chassis.restriction import store as restrictions
from chassis.restriction.seeing import restriction
from contracts.codes import RESTRICTED_TO
from contracts.envelope import EventData
from contracts.events import (
    ReferralErased,
    ReferralGlassBroken,
    ReferralRestricted,
    ReferralSubmitted,
    ReferralUnrestricted,
)
from contracts.registry import type_of

KEPT: tuple[type[EventData], ...] = (
    ReferralRestricted,
    ReferralUnrestricted,
    ReferralGlassBroken,
    ReferralErased,
)
"""What a service hears of beside the events that it answers."""

Fact = tuple[UUID, str, EventData]
"""What was said of a referral of an authority."""


def types(service: str) -> tuple[str, ...]:
    """The event types that `service` hears of without answering them."""
    return tuple(type_of(one).type for one in KEPT if type_of(one).owner != service)


def is_kept(said: EventData) -> bool:
    """Whether something said is kept by every service."""
    # Asked of every event: a model's own isinstance takes ten times as long.
    return type(said) in KEPT or (type(said) is ReferralSubmitted and said.restricted)


async def keep(connection: Connection, facts: Sequence[Fact], now: datetime) -> None:
    """Write down what was said, in its order."""
    for referral_id, authority, said in facts:
        match said:
            case ReferralSubmitted():
                # Restricted from the first second (practice rule 10).
                await restrictions.restrict(
                    connection, referral_id, authority, restriction(RESTRICTED_TO)
                )
            case ReferralRestricted(roles=roles, allowed=allowed, denied=denied):
                await restrictions.restrict(
                    connection, referral_id, authority, restriction(roles, allowed, denied)
                )
            case ReferralUnrestricted():
                await restrictions.unrestrict(connection, [referral_id])
            case ReferralGlassBroken(staff_id=staff_id, until=until):
                await restrictions.open_to(connection, referral_id, staff_id, until)
            case ReferralErased(reason=reason):
                await erasing.erase(connection, [(referral_id, authority)], reason, now)
