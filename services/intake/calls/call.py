"""How a referral was taken down by the hub."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Channel(StrEnum):
    """How it reached the hub."""

    TELEPHONE = "telephone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Call:
    """A referral that staff took down. `read_back`: what was written was read to the caller.
    `written_at`: when the written form came that a call is followed by; `written_referral_id`: the
    referral that it came as, where it is one of its own."""

    channel: Channel
    taken_by: UUID
    read_back: bool
    written_at: datetime | None = None
    written_referral_id: UUID | None = None

    @property
    def form_awaited(self) -> bool:
        """Whether the written form is still to come."""
        return self.channel is Channel.TELEPHONE and self.written_at is None
