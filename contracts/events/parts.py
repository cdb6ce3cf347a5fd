"""Parts that events are made of."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from contracts.envelope import EventData
from contracts.events.values import (
    AgeBand,
    Duty,
    Enquiry,
    Impact,
    KnownAs,
    Outcome,
    Rag,
    ReasonSource,
    Urgency,
)


class ChildFacts(EventData):
    """One child of a referral. `non_mobile`: cannot yet, or cannot, move about by themselves."""

    child_id: UUID
    age_band: AgeBand
    non_mobile: bool = False


class ConcernFact(EventData):
    """A concern that the referrer ticked. Empty `children` means every child of the referral."""

    code: str
    children: tuple[UUID, ...] = ()
    impact: Impact | None = None
    current: bool = True


class NarrativeSignal(EventData):
    """An indicator that the reader found in a text. `start` and `end` are character offsets in
    that text; the text itself stays in intake. Empty `children` means that it is not clear whom
    it is about, so it is taken to be about every child."""

    indicator: str
    text: str
    start: int
    end: int
    children: tuple[UUID, ...] = ()


CUT: Final = "cut"
"""Why a text was not read: it was longer than a form's may be, and its end was set aside."""


class TextReading(EventData):
    """Whether the reader read a text. `reason` is a code, given when it was not read."""

    text: str
    read: bool
    reason: str | None = None


class ExactLink(EventData):
    """The same child in an earlier referral, by an identical verified number."""

    child_id: UUID
    earlier_referral_id: UUID
    earlier_child_id: UUID
    key: str
    earlier_received_at: datetime


class Home(EventData):
    """Where a family lives, in codes of the pack: None where no locality or cluster has it."""

    locality: str | None = None
    school_cluster: str | None = None


class KnownElsewhere(EventData):
    """A child is known already: since `at`, or until then where it is closed. `team` has it, in the other
    system's words, or by its code in the pack where the case is open here. `worker` has it, by the
    authority's own code for them, or by their id on the register where the case is open here."""

    child_id: UUID
    kind: KnownAs
    at: datetime
    team: str | None = None
    worker: str | None = None


class Reason(EventData):
    """Why a rating was suggested. `start` and `end` point into the text named by `text`."""

    indicator: str
    clause: str
    level: int
    source: ReasonSource
    children: tuple[UUID, ...] = ()
    text: str | None = None
    start: int | None = None
    end: int | None = None
    hard: bool = False


class ChildRating(EventData):
    child_id: UUID
    rag: Rag
    level: int
    urgency: Urgency


class ChildDecision(EventData):
    child_id: UUID
    rag: Rag
    outcome: Outcome
    duties: tuple[Duty, ...] = ()


class ChildDiscussed(EventData):
    """What a discussion agreed for one child. `enquiry`: an enquiry under section 47 is made, by
    social care alone or with the police; none where it is left out."""

    child_id: UUID
    enquiry: Enquiry | None = None


class AgreedAction(EventData):
    """An action that a decision names. Its words stay in triage, sealed."""

    action_id: UUID
    by: date | None = None
