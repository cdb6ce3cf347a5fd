"""Every event type of the house, one class each. `contracts.registry` lists them by name.

Within a major version a class only gains optional fields (docs/decisions, "events are thin"). All
times are UTC. Ids of people are ids of staff accounts, never names.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.envelope import EventData

# --- shared values ---------------------------------------------------------------------------


class Rag(StrEnum):
    """Red: safeguarding. Amber: social work assessment. Green: early help. None: no service."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    NONE = "none"


class Urgency(StrEnum):
    IMMEDIATE = "immediate"
    SAME_DAY = "same_day"
    STANDARD = "standard"


class Impact(StrEnum):
    SOME = "some"
    SERIOUS = "serious"
    IMMEDIATE = "immediate"


class AgeBand(StrEnum):
    UNBORN = "unborn"
    UNDER_1 = "under_1"
    AGE_1_TO_4 = "1_to_4"
    AGE_5_TO_10 = "5_to_10"
    AGE_11_TO_15 = "11_to_15"
    AGE_16_TO_17 = "16_to_17"
    ADULT = "adult"
    UNKNOWN = "unknown"


class AgreementStatus(StrEnum):
    GIVEN = "given"
    REFUSED = "refused"
    NOT_SOUGHT = "not_sought"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    STRATEGY_DISCUSSION = "strategy_discussion"
    CHILD_AND_FAMILY_ASSESSMENT = "child_and_family_assessment"
    EARLY_HELP_ASSESSMENT = "early_help_assessment"
    LOCALITY_PANEL = "locality_panel"
    SINGLE_AGENCY_SUPPORT = "single_agency_support"
    INFORMATION_AND_ADVICE = "information_and_advice"
    NO_FURTHER_ACTION = "no_further_action"
    ALREADY_OPEN = "already_open"
    ANOTHER_AUTHORITY = "another_authority"


class Duty(StrEnum):
    """A parallel duty that stands beside the outcome."""

    POLICE = "police"
    LADO = "lado"
    CHANNEL = "channel"
    NRM = "nrm"
    MARAC = "marac"
    ADULT_SAFEGUARDING = "adult_safeguarding"
    FGM_REPORT = "fgm_report"
    PRIVATE_FOSTERING_VISIT = "private_fostering_visit"
    PAEDIATRIC_MEDICAL = "paediatric_medical"
    RETURN_INTERVIEW = "return_interview"
    SEND = "send"


class ReasonSource(StrEnum):
    CONCERN = "concern"
    TEXT = "text"
    HISTORY = "history"
    COMBINATION = "combination"
    AGE = "age"
    REFERRER = "referrer"
    HARD_RULE = "hard_rule"
    UNREAD_TEXT = "unread_text"
    HOUSEHOLD = "household"


class AssigneeKind(StrEnum):
    DUTY = "duty"
    TEAM = "team"
    LEAD_PROFESSIONAL = "lead_professional"
    PANEL = "panel"


# --- parts of events -------------------------------------------------------------------------


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


class AgreedAction(EventData):
    """An action that a decision names. Its words stay in triage, sealed."""

    action_id: UUID
    by: date | None = None


# --- intake ----------------------------------------------------------------------------------


class ReferralSubmitted(EventData):
    """A referral was received and stored. Its clock runs from `received_at`."""

    reference: str
    received_at: datetime
    pack_version: str
    children: tuple[ChildFacts, ...]
    concerns: tuple[ConcernFact, ...] = ()
    request: str = "unsure"
    immediate_danger: bool = False
    source_agency: str
    census_source: str
    organisation_id: UUID
    referrer_level: int | None = None
    basis: str
    agreement: AgreementStatus = AgreementStatus.UNKNOWN
    parents_informed: bool | None = None
    reason_not_informed: str | None = None
    locality: str | None = None
    school_cluster: str | None = None
    completeness: int = 0
    signals: tuple[NarrativeSignal, ...] = ()
    texts: tuple[TextReading, ...] = ()
    links: tuple[ExactLink, ...] = ()
    restricted: bool = False
    repeated_reference: bool = False


class ReferralUpdated(EventData):
    """Further information came. Carries what changed for rating; earlier facts stand."""

    version: int
    received_at: datetime
    concerns: tuple[ConcernFact, ...] = ()
    signals: tuple[NarrativeSignal, ...] = ()
    texts: tuple[TextReading, ...] = ()
    immediate_danger: bool = False
    agreement: AgreementStatus | None = None


class ReferralWithdrawn(EventData):
    """The referrer asks to withdraw. Triage concludes; clocks run on."""

    reason: str
    requested_at: datetime


class ReferralLinked(EventData):
    child_id: UUID
    other_referral_id: UUID
    other_child_id: UUID
    how: str
    score: float | None = None


class ReferralUnlinked(EventData):
    child_id: UUID
    other_referral_id: UUID
    other_child_id: UUID
    reason: str


class ReferralTransferred(EventData):
    to_authority: str
    state: str


class ReferralErased(EventData):
    """Each owner of text destroys this referral's keys, index rows and rendered text."""

    erased_at: datetime
    reason: str


# --- triage ----------------------------------------------------------------------------------


class TriageRated(EventData):
    """What the rules suggest. People decide."""

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
    locality: str | None = None
    school_cluster: str | None = None
    source_agency: str | None = None
    raised_from: Rag | None = None


class TriageClaimed(EventData):
    staff_id: UUID
    role: str
    lapses_at: datetime | None = None


class TriageReleased(EventData):
    staff_id: UUID | None = None
    role: str | None = None
    lapsed: bool = False


class InformationRequested(EventData):
    request_id: UUID
    of: str
    by: datetime | None = None


class InformationReceived(EventData):
    request_id: UUID
    of: str


class TriageDecided(EventData):
    """A named practitioner decided. `suggested` is kept beside what people decided."""

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


class TriageWithdrawn(EventData):
    """A practitioner closed a referral that its referrer asked to withdraw."""

    decision_id: UUID
    concluded_at: datetime
    staff_id: UUID
    role: str
    rationale_id: UUID


class DisagreementRaised(EventData):
    disagreement_id: UUID
    stage: int
    immediate_risk: bool = False
    by: datetime | None = None


class DisagreementAnswered(EventData):
    disagreement_id: UUID
    stage: int
    outcome: str


class DisagreementEscalated(EventData):
    disagreement_id: UUID
    stage: int
    by: datetime | None = None


class DisagreementResolved(EventData):
    disagreement_id: UUID
    stage: int
    outcome: str


# --- allocation ------------------------------------------------------------------------------


class AllocationMade(EventData):
    """The shape of allocation.offered and allocation.assigned. `assignee` is a team's code in the
    pack or a worker's id; `rule` is the pack's rule that chose it."""

    allocation_id: UUID
    kind: AssigneeKind
    assignee: str
    rule: str
    children: tuple[UUID, ...] = ()
    rag: Rag
    urgent: bool = False


class AllocationOffered(AllocationMade):
    """Work was offered; a person has yet to accept it."""


class AllocationAssigned(AllocationMade):
    """Work was given to a team, a worker or a panel."""


class AllocationAccepted(EventData):
    allocation_id: UUID
    staff_id: UUID
    accepted_at: datetime


class AllocationDeclined(EventData):
    allocation_id: UUID
    staff_id: UUID
    reason: str


class AllocationEnded(EventData):
    allocation_id: UUID
    reason: str


class PanelListed(EventData):
    panel_id: str
    meeting_on: date
    thematic: bool = False


class PanelConcluded(EventData):
    panel_id: str
    meeting_on: date
    outcome: str


class CaseMilestoneRecorded(EventData):
    milestone: str
    on: date
    scores: tuple[int, ...] = ()


class CaseSteppedUp(EventData):
    reason: str
    planned: bool = False


class CaseSteppedDown(EventData):
    reason: str


class CaseClosed(EventData):
    reason: str


# --- clocks ----------------------------------------------------------------------------------


class ClockEvent(EventData):
    """What every clock event says. `explanation` tells in words why it is due when it is."""

    clock_id: UUID
    name: str
    due_at: datetime
    started_at: datetime
    calendar_version: str
    explanation: str
    rag: Rag | None = None


class ClockStarted(ClockEvent):
    warn_at: datetime | None = None


class ClockPaused(ClockEvent):
    reason: str


class ClockResumed(ClockEvent):
    pass


class ClockWarned(ClockEvent):
    tell: tuple[str, ...] = ()


class ClockMet(ClockEvent):
    """`corrected`: the stop was read after a breach had been recorded, but happened before it."""

    met_at: datetime
    corrected: bool = False


class ClockBreached(ClockEvent):
    breached_at: datetime
    tell: tuple[str, ...] = ()


class ClockCancelled(ClockEvent):
    reason: str


class ClockRecalculated(ClockEvent):
    previous_due_at: datetime
    reason: str


# --- notifications ---------------------------------------------------------------------------


class MessageEvent(EventData):
    """`kind` is a message kind of design section 10; `audience` is whom it is for, as a code."""

    message_id: UUID
    kind: str
    channel: str
    audience: str
    attempt: int = 0


class MessageQueued(MessageEvent):
    pass


class MessageSent(MessageEvent):
    sent_at: datetime


class MessageDelivered(MessageEvent):
    pass


class MessageBounced(MessageEvent):
    reason: str


class MessageFailed(MessageEvent):
    reason: str


class MessageUncertain(MessageEvent):
    """The conversation with the mail server was cut where its outcome cannot be known."""
