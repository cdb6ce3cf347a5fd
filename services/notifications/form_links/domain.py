"""What becomes of a link that is to be mailed. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from chassis.errors import DomainError
from services.notifications.channels.port import Cut, Delivery, NotTaken, Taken

About = Literal["form", "answer", "help"]
"""What a link leads to: a form that was begun, the answer to a question for advice, or the question
whether help that this answer named happened."""

MOST_OF_FORM, MOST_TO_ADDRESS = 3, 5
COUNTED_FOR = timedelta(days=1)
"""How many links of one form, and to one address, may be mailed in so long: whoever asks is nobody
that we know, and could mean somebody else's mailbox."""

AGAIN_AFTER = timedelta(seconds=30)
MOST_CUTS = 3


class TooManyLinks(DomainError):
    """Enough was mailed about this form, or to this address."""

    status = 429

    def __init__(self) -> None:
        super().__init__("too_many_form_links", "No more links can be sent for now.")


class LinkState(StrEnum):
    """`late`: the form's time had passed before the mail server could be reached."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    LATE = "late"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done, so that address and link can be forgotten."""
        return self not in {LinkState.QUEUED, LinkState.SENDING}


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """What is sealed until it went: where the email goes, and the last part of the link, which only
    intake can make."""

    address: str
    token: str


@dataclass(frozen=True, slots=True)
class FormLink:
    """One email. What it leads to is there until `until`. All times are UTC."""

    link_id: UUID
    authority: str
    until: datetime
    asked_at: datetime
    due_at: datetime
    state: LinkState = LinkState.QUEUED
    cuts: int = 0
    about: About = "form"
    reason: str | None = None


def allow(of_form: int, to_address: int) -> None:
    """Raises TooManyLinks. Both were asked for within `COUNTED_FOR`."""
    if of_form >= MOST_OF_FORM or to_address >= MOST_TO_ADDRESS:
        raise TooManyLinks


def unsendable(link: FormLink, reason: str) -> FormLink:
    """It cannot be written."""
    return replace(link, state=LinkState.FAILED, reason=reason)


def late(link: FormLink) -> FormLink:
    """The form cannot be come back to any more."""
    return replace(link, state=LinkState.LATE, reason="form_ended")


def followed(link: FormLink, delivery: Delivery, now: datetime) -> FormLink:
    """After somebody tried to hand it over. What may have been taken is sent again under the same
    Message-ID, a few times."""
    if isinstance(delivery, Taken):
        return replace(link, state=LinkState.SENT, reason=None)
    reason, cuts = delivery.reason, link.cuts + isinstance(delivery, Cut)
    refused = isinstance(delivery, NotTaken) and delivery.permanent
    state = LinkState.FAILED if refused or cuts >= MOST_CUTS else LinkState.QUEUED
    return replace(link, state=state, cuts=cuts, due_at=now + AGAIN_AFTER, reason=reason)
