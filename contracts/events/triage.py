"""What triage says."""

from datetime import date, datetime
from uuid import UUID

from contracts.envelope import EventData
from contracts.events.parts import (
    AgreedAction,
    ChildDecision,
    ChildDiscussed,
    ChildRating,
    Reason,
)
from contracts.events.values import (
    AgeBand,
    AgreementStatus,
    ContinuedBecause,
    DiscussionKind,
    Rag,
    ReturnedBecause,
    Urgency,
)


class TriageRated(EventData):
    """What the rules suggest. People decide. `domestic_abuse`: the form, or a text, tells of it.
    `school_to_tell`: it does, and a child of school age has a school that did not refer it."""

    reference: str
    received_at: datetime
    rag: Rag
    level: int
    urgency: Urgency
    children: tuple[ChildRating, ...]
    reasons: tuple[Reason, ...] = ()
    clauses: tuple[str, ...] = ()
    pack_version: str
    agreement: AgreementStatus = AgreementStatus.UNKNOWN
    agreement_withdrawn_at: datetime | None = None
    locality: str | None = None
    school_cluster: str | None = None
    source_agency: str | None = None
    raised_from: Rag | None = None
    domestic_abuse: bool = False
    school_to_tell: bool = False


class TriageClaimed(EventData):
    """Somebody is reading it. `taken_from`: whom a manager took it over from."""

    staff_id: UUID
    role: str
    lapses_at: datetime | None = None
    taken_from: UUID | None = None


class TriageReleased(EventData):
    staff_id: UUID | None = None
    role: str | None = None
    lapsed: bool = False


class InformationRequested(EventData):
    """The hub asks an agency, or the referrer, for information. `of` names the clock: `referrer`,
    `agency`, or an agency that has one of its own; `agency` is the code of who is asked. `by_link`:
    they are to be sent a link by email. `organisation_id`: whose systems may answer."""

    request_id: UUID
    of: str
    by: datetime | None = None
    agency: str | None = None
    by_link: bool = False
    organisation_id: UUID | None = None


class InformationReceived(EventData):
    request_id: UUID
    of: str


class InformationWithdrawn(EventData):
    """The hub has taken a request back."""

    request_id: UUID
    of: str
    organisation_id: UUID | None = None


class TriageDecided(EventData):
    """A named practitioner decided. `suggested` is kept beside what people decided;
    `lowered_because` is the code of why it goes below. With `to_countersign` it counts from now
    on, and is told to nobody outside until a manager countersigns it. `without_agreement`: the
    code of why help is decided on that the family refused."""

    decision_id: UUID
    decided_at: datetime
    staff_id: UUID
    role: str
    rag: Rag
    level: int | None = None
    children: tuple[ChildDecision, ...]
    suggested: Rag
    clauses: tuple[str, ...] = ()
    no_clause: bool = False
    rationale_id: UUID
    actions: tuple[AgreedAction, ...] = ()
    statutory: bool = False
    pack_version: str
    agreement: AgreementStatus = AgreementStatus.UNKNOWN
    locality: str | None = None
    school_cluster: str | None = None
    age_bands: tuple[AgeBand, ...] = ()
    lowered_because: str | None = None
    without_agreement: str | None = None
    to_countersign: bool = False


class TriageCountersigned(EventData):
    """A manager agrees with a decision. Now it may be told; the rest repeats what it says."""

    decision_id: UUID
    decided_at: datetime
    countersigned_at: datetime
    staff_id: UUID
    role: str
    rag: Rag
    children: tuple[ChildDecision, ...]
    pack_version: str


class TriageReturned(EventData):
    """A decision that waited for a countersignature is undone, and has to be made again. `rag` is
    the colour that stands meanwhile."""

    decision_id: UUID
    returned_at: datetime
    staff_id: UUID
    role: str
    reason: ReturnedBecause
    rag: Rag


class TriageRerated(EventData):
    """A later rating. `rag` equal to `previous` records that it was reviewed and stands."""

    rating_id: UUID
    rated_at: datetime
    staff_id: UUID
    role: str
    child_id: UUID | None = None
    previous: Rag
    rag: Rag
    clauses: tuple[str, ...] = ()
    rationale_id: UUID
    pack_version: str
    decided: bool = False
    lowered_because: str | None = None


class DiscussionRecorded(EventData):
    """Agencies talked about it. `agencies` are their codes; what was said stays in triage. It
    counts at `held_at`; `next_on` is a date in England."""

    discussion_id: UUID
    kind: DiscussionKind
    held_at: datetime
    staff_id: UUID
    role: str
    agencies: tuple[str, ...]
    children: tuple[ChildDiscussed, ...]
    next_on: date | None = None


class TriageWithdrawn(EventData):
    """A practitioner closed a referral that its referrer asked to withdraw."""

    decision_id: UUID
    concluded_at: datetime
    staff_id: UUID
    role: str
    rationale_id: UUID


class WithdrawalContinued(EventData):
    """A practitioner read a request to withdraw, and the referral goes on. `requested_at` says
    which request that was: the referrer may ask again."""

    decision_id: UUID
    concluded_at: datetime
    requested_at: datetime
    staff_id: UUID
    role: str
    rationale_id: UUID
    reason: ContinuedBecause


class DisagreementRaised(EventData):
    disagreement_id: UUID
    stage: int
    immediate_risk: bool = False
    by: datetime | None = None


class DisagreementAnswered(EventData):
    """The hub has answered. `organisation_id` is that of whoever disagreed, where its systems may
    read the answer."""

    disagreement_id: UUID
    stage: int
    outcome: str
    organisation_id: UUID | None = None


class DisagreementEscalated(EventData):
    disagreement_id: UUID
    stage: int
    by: datetime | None = None
    immediate_risk: bool = False


class DisagreementResolved(EventData):
    disagreement_id: UUID
    stage: int
    outcome: str
