"""What is said of two referrals' telling of one incident. Pure."""

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
