"""What becomes of a digest, as far as it is decided and not stored. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.events import Rag
from services.notifications.channels.port import Cut, Delivery, NotTaken, Taken
from services.notifications.domain import About

MOST_CUTS = 3
LONGEST_TRY = timedelta(hours=12)
"""After that it says nothing that the next one does not say better."""


class DigestState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Digest:
    """One email for one recipient. `morning`: it is the list of a day. All times are UTC."""

    digest_id: UUID
    authority: str
    recipient: str
    morning: bool
    made_at: datetime
    due_at: datetime
    state: DigestState = DigestState.SENDING
    cuts: int = 0
    sent_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a digest says of one clock: a reference, and no more of the referral."""

    digest_id: UUID
    referral_id: UUID
    reference: str
    clock: str
    about: About
    due_at: datetime
    rag: Rag | None


def empty(digest: Digest) -> Digest:
    """Everything in it was done before it went."""
    return replace(digest, state=DigestState.CANCELLED, reason="nothing_left")


def unsendable(digest: Digest, reason: str) -> Digest:
    """It cannot be written, or there is no address for it."""
    return replace(digest, state=DigestState.FAILED, reason=reason)


def followed(digest: Digest, delivery: Delivery, now: datetime, delay: timedelta) -> Digest:
    """The digest after somebody tried to hand it over. What may have been taken is sent again
    under the same Message-ID, a few times."""
    if isinstance(delivery, Taken):
        return replace(digest, state=DigestState.SENT, sent_at=now, reason=None)
    reason, cuts = delivery.reason, digest.cuts + isinstance(delivery, Cut)
    refused = isinstance(delivery, NotTaken) and delivery.permanent
    if refused or cuts >= MOST_CUTS or now - digest.made_at >= LONGEST_TRY:
        return replace(digest, state=DigestState.FAILED, cuts=cuts, reason=reason)
    return replace(digest, state=DigestState.QUEUED, cuts=cuts, due_at=now + delay, reason=reason)
