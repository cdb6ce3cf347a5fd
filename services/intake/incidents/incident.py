"""What is said of two referrals' telling of one incident. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.matching import State


@dataclass(frozen=True, slots=True)
class Incident:
    """Kept in the case of each of the two. `state` is linked or not_same; `how`: `matched`, or
    `person`. Once a person has said something, `said_by`, the software leaves it alone."""

    other_referral_id: UUID
    state: State
    how: str
    said_by: UUID | None = None
    said_at: datetime | None = None


def said_of(incidents: Sequence[Incident], other_referral_id: UUID) -> Incident | None:
    """What a case keeps of it and another referral."""
    kept = (one for one in incidents if one.other_referral_id == other_referral_id)
    return next(kept, None)
