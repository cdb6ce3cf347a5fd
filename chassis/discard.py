"""A decision to discard an event that a consumer has parked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Discard:
    """A practitioner's decision about one event that a consumer has parked. `reason` is a code; `source` and `sequence` name the event as `dead-letters show` does."""

    discard_id: UUID
    referral_id: UUID
    authority: str
    consumer: str
    source: str
    sequence: int
    reason: str
    staff_id: UUID
    decided_at: datetime
