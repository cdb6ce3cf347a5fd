"""One request for information, as codes, ids and times. Its words are sealed beside it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.codes import Handling
from contracts.events import Rag

REFERRER: Final = "referrer"
"""Whom a request is sent to where it is not an agency: whoever referred."""


class RequestState(StrEnum):
    """`open` until it is answered, or the hub takes it back."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class By(StrEnum):
    """How it reaches whoever is asked: their own system, a link by email, or a telephone call
    whose answer a practitioner writes down."""

    SYSTEM = "system"
    LINK = "link"
    TELEPHONE = "telephone"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of one agency, or of the referrer.

    `of` is an agency's code or `referrer`; `organisation_id` the one whose systems may answer.
    `rag` is the colour when it was asked, which its clock runs by. `parents_told`: whether the
    parents know that this is asked; `not_told_because` a code. `link_until`: when the emailed link
    ends. `about` is a code where the house itself asks, and `asked_by` nobody. `handling` is the mark that the answer's source put on it.
    """

    request_id: UUID
    of: str
    by: By
    state: RequestState
    asked_at: datetime
    asked_by: UUID | None
    rag: Rag
    basis: str
    parents_told: bool
    due_at: datetime | None
    link_until: datetime
    organisation_id: UUID | None = None
    not_told_because: str | None = None
    ended_at: datetime | None = None
    nothing_known: bool = False
    handling: Handling | None = None
    recorded_by: UUID | None = None
    about: str | None = None
