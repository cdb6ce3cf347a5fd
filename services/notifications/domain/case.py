"""What notifications keeps of a referral: what was told to whom, and what is still to be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.codes.agencies import AGENCY_TYPES, AgencyGroup
from contracts.codes.announcing import News
from contracts.events import AssigneeKind, Rag

CHANNEL = "email"
TEXT_MESSAGE = "text_message"
PAGE = "page"


class Kind(StrEnum):
    """What a message is about. Alerts are for the hub's own staff."""

    ACKNOWLEDGEMENT = "acknowledgement"
    DECISION = "decision"
    RERATING = "rerating"
    ALLOCATION = "allocation"
    PANEL_OUTCOME = "panel_outcome"
    HELP_ENDED = "help_ended"
    HELP_ASKED_AFTER = "help_asked_after"
    DELAY = "delay"
    CLOSURE = "closure"
    CONTINUATION = "continuation"
    DISAGREEMENT = "disagreement"
    INFORMATION_WANTED = "information_wanted"
    INFORMATION_REMINDER = "information_reminder"
    WRITTEN_WANTED = "written_wanted"
    URGENT_ALERT = "urgent_alert"
    BREACH_ALERT = "breach_alert"
    GLASS_ALERT = "glass_alert"
    ALLEGATION_ALERT = "allegation_alert"
    OPEN_CASE_ALERT = "open_case_alert"
    ESCALATION = "escalation"


class Audience(StrEnum):
    REFERRER = "referrer"
    AGENCY = "agency"
    DUTY = "duty"
    MANAGER = "manager"
    TEAM = "team"
    WORKER = "worker"


class State(StrEnum):
    """Where a message stands. `sending` is committed before the mail server is spoken to;
    `uncertain`: that conversation was cut where its outcome cannot be known; `held`: somebody has
    to do something first; `cancelled`: it is no longer true, or its referral was erased."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    HELD = "held"
    CANCELLED = "cancelled"


ALERTS = frozenset(
    {
        Kind.URGENT_ALERT,
        Kind.BREACH_ALERT,
        Kind.GLASS_ALERT,
        Kind.ALLEGATION_ALERT,
        Kind.OPEN_CASE_ALERT,
        Kind.ESCALATION,
    }
)
ASKING = frozenset({Kind.INFORMATION_WANTED, Kind.INFORMATION_REMINDER})
WAITING = frozenset({State.QUEUED, State.UNCERTAIN, State.SENDING})


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one audience, for one cause (an event's id). All times are UTC.

    `about` is the decision or rating whose words it carries, or the request that it asks about; `details` are the codes and times
    that its text needs. `due_at` is when it next needs a look: when it may be sent, or when its
    sender's lease ends. `attempt` counts conversations, `cuts` those whose outcome is unknown, `returns` how often a
    provider that had taken it gave it back for now.
    `channel` is what it went by, once it went, and `template` the version of the pack
    whose authority wrote its template itself. `delivered_at`: its recipient's own server had it, where anybody said so. `told_at`, `told_how` and
    `told_by` say when, how and by whom of the staff somebody was told whom it did not reach.
    `traceparent` is the trace that its cause belongs to. `rendered` passes through on its way to
    the vault and is never read back.
    """

    message_id: UUID
    kind: Kind
    audience: Audience
    cause: UUID
    state: State
    queued_at: datetime
    due_at: datetime
    about: UUID | None = None
    details: Mapping[str, str] | None = None
    traceparent: str | None = None
    attempt: int = 0
    cuts: int = 0
    returns: int = 0
    template: str | None = None
    claim: UUID | None = None
    sent_at: datetime | None = None
    reason: str | None = None
    rendered: str | None = None
    channel: str = CHANNEL
    delivered_at: datetime | None = None
    told_at: datetime | None = None
    told_how: str | None = None
    told_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Work that was offered or given: a team's code, or a worker's id."""

    allocation_id: UUID
    kind: AssigneeKind
    assignee: str


@dataclass(frozen=True, slots=True)
class Notice:
    """News for an organisation's systems: a place in the list of what changed, and a call-back to
    whoever asked for one. Says that there is something to read, and not what. `stage` is that of its
    own referral, of whose status it is news; else `about` is the disagreement, or the request."""

    notice_id: UUID
    organisation_id: UUID
    news: News
    stage: str | None
    at: datetime
    about: UUID | None = None


@dataclass(frozen=True, slots=True)
class FamilyTold:
    """What the family knows. `on`: the day in England on which the hub told it; None where it knew
    already, or where it is not told (`withheld`)."""

    on: date | None = None
    withheld: bool = False


class About(StrEnum):
    """What a line of a digest says of a clock. `today`: it stands on a team's morning list."""

    WARNED = "warned"
    BREACHED = "breached"
    ESCALATED = "escalated"
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class Nudge:
    """One line of a digest, for `cause` (an event's id). `recipient` is `duty`, `manager` or
    `team:` and a code; it goes no sooner than `goes_at`. All times are UTC."""

    cause: UUID
    clock_id: UUID
    clock: str
    about: About
    recipient: str
    due_at: datetime
    rag: Rag | None
    goes_at: datetime


@dataclass(frozen=True, slots=True)
class Help:
    """Help that a decision may have named and no team takes on, and when to ask whether it happened
    (UTC)."""

    decision_id: UUID
    ask_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One referral. `children` are in the order of the form, so that a message can say "child 1";
    `decided` says that the referrer may be told a colour; `family` what was said last of telling the
    family. `notices`, `nudges`, `settled` (clocks
    that nobody is to be nudged about any more) and `helps` are on their way to the store and are never read
    back."""

    referral_id: UUID
    authority: str
    reference: str
    received_at: datetime
    pack_version: str
    source_agency: str
    children: tuple[UUID, ...]
    restricted: bool = False
    decided: bool = False
    erased: bool = False
    family: FamilyTold | None = None
    offers: tuple[Offer, ...] = ()
    messages: tuple[Message, ...] = ()
    notices: tuple[Notice, ...] = ()
    nudges: tuple[Nudge, ...] = ()
    settled: tuple[UUID, ...] = ()
    helps: tuple[Help, ...] = ()

    @property
    def public(self) -> bool:
        """Whether the referrer is a person rather than a service, or may be. They hear that it
        was received and read: what is decided about a family is the family's own."""
        agency = AGENCY_TYPES.get(self.source_agency)
        return agency is None or agency.group is AgencyGroup.INDIVIDUAL
