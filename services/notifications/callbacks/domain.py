"""Call-backs: what one may look like, when a call is tried again, and when that ends.

A call is thin: it says that there is something to read. Whoever is called answers 2xx to take it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.errors import FieldError, InvalidInput
from chassis.outside.addresses import Networks, fault_of
from contracts.codes import News
from services.notifications.channels.port import Away, Cut, Delivery, NotTaken, Taken

LONGEST_URL = 500
MOST_CALLBACKS = 20
"""So many may one organisation have."""

LONGEST_TRY = timedelta(days=3)
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=8)
GROWTH = 4
OLD_SECRET = timedelta(hours=24)
"""For so long calls are signed with the former secret too."""

GONE = "http_410"

CALLS = "calls"
"""What the bell rings for when calls were queued."""

NEWS = tuple(News)
"""What can be subscribed to."""


class CallState(StrEnum):
    """Where a call stands. `calling` is committed before the partner is spoken to."""

    QUEUED = "queued"
    CALLING = "calling"
    TAKEN = "taken"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Callback:
    """Where an organisation's system wants to be called, and about what. `reason` says as a code why
    it is switched off; `failing_since` since when every call has failed."""

    callback_id: UUID
    organisation_id: UUID
    client_id: str
    url: str
    news: tuple[str, ...]
    version: int
    created_at: datetime
    reason: str | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One notice to one call-back. `attempt` counts conversations; `begun_at` is from when the
    three days of trying count, `due_at` when it is tried next. A ping has no referral."""

    call_id: UUID
    callback_id: UUID
    notice_id: UUID
    referral_id: UUID | None
    news: str
    stage: str | None
    at: datetime
    state: CallState
    attempt: int
    queued_at: datetime
    begun_at: datetime
    due_at: datetime
    ended_at: datetime | None = None
    reason: str | None = None
    about: UUID | None = None


def checked_url(url: str, allowed: Networks) -> str:
    """An address that may be called, as far as can be told without looking it up. Plain http is for
    the networks that the operator allows (`allowed`) alone. Raises InvalidInput."""
    if fault := fault_of(url, allowed, LONGEST_URL):
        raise InvalidInput(
            "invalid_callback", "The address cannot be called.", errors=(FieldError("/url", fault),)
        )
    return url


def checked_news(news: Sequence[str]) -> tuple[str, ...]:
    """What a call-back is about, each once, in our order. Raises InvalidInput."""
    unknown = [place for place, one in enumerate(news) if one not in NEWS]
    if unknown or not news:
        errors = tuple(
            FieldError(f"/news/{place}", f"One of {', '.join(NEWS)}.") for place in unknown
        )
        raise InvalidInput(
            "invalid_callback",
            "Say what the call-back is about.",
            errors=errors or (FieldError("/news", f"One or more of {', '.join(NEWS)}."),),
        )
    return tuple(one for one in NEWS if one in news)


def followed(call: Call, delivery: Delivery, now: datetime, chance: float) -> Call:
    """What becomes of a call after a conversation. `chance` is from 0 to 1.

    Delays grow fourfold from 5 seconds to 8 hours, with up to a fifth taken off; what isn't taken
    within three days has failed. 410 fails at once. A partner may ask for a longer pause.
    """
    match delivery:
        case Taken():
            return replace(call, state=CallState.TAKEN, ended_at=now, reason=None)
        case NotTaken(reason, permanent=True):
            return replace(call, state=CallState.FAILED, ended_at=now, reason=reason)
        case NotTaken(reason) | Cut(reason) | Away(reason):
            asked = delivery.after if isinstance(delivery, NotTaken) else None
            delay = max(_delay(call.attempt, chance), asked or timedelta(0))
            if now + delay > call.begun_at + LONGEST_TRY:
                return replace(call, state=CallState.FAILED, ended_at=now, reason=reason)
            return replace(call, state=CallState.QUEUED, due_at=now + delay, reason=reason)


def _delay(attempts: int, chance: float) -> timedelta:
    grown = FIRST_DELAY * int(GROWTH ** min(attempts - 1, 10))
    return min(LONGEST_DELAY, grown) * (1 - chance / 5)
