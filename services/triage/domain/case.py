"""A case of triage, and the decisions made about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import NotFound
from contracts.codes import DismissedBecause, LoweredBecause, WithoutAgreement
from contracts.events import (
    ChildDecision,
    ChildRating,
    DiscussionKind,
    Duty,
    Enquiry,
    Outcome,
    Rag,
    Reason,
    ReferralSubmitted,
    Urgency,
)
from policy.loading import PackSet
from policy.pack import Pack
from policy.ruleset import RAG_ORDER
from policy.working_time import LONDON
from services.triage.checks.request import Request
from services.triage.disagreements.disagreement import Disagreement
from services.triage.written import Written


class Status(StrEnum):
    TO_DECIDE = "to_decide"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class DecisionKind(StrEnum):
    DECISION = "decision"
    RATING = "rating"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Child:
    """One child of a case: what the rules suggest, and what people have said since. `rag` is
    somebody's rating of this child; without one the suggestion stands."""

    child_id: UUID
    suggested: ChildRating
    rag: Rag | None = None
    outcome: Outcome | None = None
    duties: tuple[Duty, ...] = ()

    @property
    def current(self) -> Rag:
        """The colour that counts now."""
        return self.rag or self.suggested.rag


@dataclass(frozen=True, slots=True)
class DutyDone:
    """A parallel duty that is seen to, or will be: when, and the other service's reference, which
    is sealed."""

    duty: Duty
    at: datetime | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ChildToDecide:
    child_id: UUID
    rag: Rag
    outcome: Outcome
    duties: tuple[DutyDone, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: a member of staff, as the access token says."""

    staff_id: UUID
    name: str
    roles: frozenset[str]
    qualifications: frozenset[str]

    @property
    def role(self) -> str:
        """The role under which what they do is recorded."""
        found = (role for role in ("manager", "practitioner", "duty") if role in self.roles)
        return next(found, "practitioner")


@dataclass(frozen=True, slots=True)
class Dismissal:
    """Somebody read the words that the reader found, and they mean something else. It changes no
    suggestion: it stands beside it. `start` and `end` are offsets in `text`."""

    indicator: str
    text: str
    start: int
    end: int
    because: DismissedBecause
    staff_id: UUID
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What lay before the decider, as ids, codes and versions (practice rule 28): enough to make
    the suggestion again and find it the same. `version` is that of the case."""

    version: int
    suggested_by: str
    facts: ReferralSubmitted
    suggested: tuple[ChildRating, ...]
    reasons: tuple[Reason, ...]
    dismissed: tuple[Dismissal, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody is reading the referral, and nobody else decides it meanwhile. Times are UTC."""

    staff_id: UUID
    name: str
    role: str
    claimed_at: datetime
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody will do. `by` is a date in England; `service_id` the service of the directory that
    it names."""

    action: str
    owner: str
    by: date | None = None
    service_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, a re-rating or the end of a withdrawn referral, with its words."""

    decision_id: UUID
    kind: DecisionKind
    decided_at: datetime
    person: Person
    rag: Rag
    suggested: Rag
    children: tuple[ChildDecision, ...]
    child_id: UUID | None
    previous: Rag | None
    clauses: tuple[str, ...]
    pack_version: str
    rationale: str
    analysis: str | None = None
    no_clause_because: str | None = None
    lowered_because: LoweredBecause | None = None
    without_agreement: WithoutAgreement | None = None
    duties: tuple[tuple[UUID, DutyDone], ...] = ()
    actions: tuple[tuple[UUID, Action], ...] = ()
    to_countersign: tuple[str, ...] = ()
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A decision that a manager has yet to countersign, and the codes for which."""

    decision_id: UUID
    decided_at: datetime
    staff_id: UUID
    rag: Rag
    children: tuple[ChildDecision, ...]
    pack_version: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Countersignature:
    """A manager's word on a decision. `note` is the hub's own."""

    decision_id: UUID
    agreed: bool
    signed_at: datetime
    person: Person
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Attender:
    """Somebody who took part in a discussion. `agency` is a code; who it was is sealed."""

    agency: str
    name: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class ChildAgreed:
    """What a discussion agreed for one child, in words, and whether social care makes an enquiry
    under section 47, alone or with the police."""

    child_id: UUID
    agreed: str
    enquiry: Enquiry | None = None


@dataclass(frozen=True, slots=True)
class Discussion:
    """A record of a discussion, with its words. `next_on` is a date in England."""

    discussion_id: UUID
    kind: DiscussionKind
    held_at: datetime
    recorded_at: datetime
    person: Person
    attended: tuple[Attender, ...]
    shared: str
    children: tuple[ChildAgreed, ...]
    safety_plan: str | None = None
    next_on: date | None = None
    safe_contact: str | None = None
    marac: bool | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One referral as triage sees it. `version` rises with every change that a decider must have
    seen; `added`, `signatures` and `discussed` are what this change adds, `written` words on their
    way to the vault. `domestic_abuse`: whether it tells of any, ticked or found.
    `agreement_withdrawn_at`: since when a family that had agreed no longer does. `incidents` are
    other agencies' referrals that tell of the same incident, `apart` those of which somebody says
    that they do not."""

    referral_id: UUID
    authority: str
    facts: ReferralSubmitted
    status: Status
    version: int
    rag: Rag
    level: int
    urgency: Urgency
    suggested: Rag
    children: tuple[Child, ...]
    reasons: tuple[Reason, ...]
    clauses: tuple[str, ...]
    updated_at: datetime
    withdrawal_requested_at: datetime | None = None
    decided_at: datetime | None = None
    claim: Claim | None = None
    awaiting: Awaiting | None = None
    dismissed: tuple[Dismissal, ...] = ()
    domestic_abuse: bool = False
    incidents: tuple[UUID, ...] = ()
    apart: tuple[UUID, ...] = ()
    agreement_withdrawn_at: datetime | None = None
    last_discussed_at: datetime | None = None
    discussed: tuple[Discussion, ...] = ()
    added: tuple[Decision, ...] = ()
    signatures: tuple[Countersignature, ...] = ()
    requests: tuple[Request, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    written: tuple[Written, ...] = ()


def known(state: Case | None) -> Case:
    if state is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return state


def in_force(case: Case, policy: PackSet, now: datetime) -> Pack:
    """The guidance of the day: what people decide by."""
    return policy.current(case.authority, now.astimezone(LONDON).date())


def seen(case: Case) -> Seen:
    """What whoever decides this case now has before them."""
    return Seen(
        version=case.version,
        suggested_by=case.facts.pack_version,
        facts=case.facts,
        suggested=tuple(child.suggested for child in case.children),
        reasons=case.reasons,
        dismissed=case.dismissed,
    )


def highest(colours: Iterable[Rag]) -> Rag:
    return max(colours, key=RAG_ORDER.__getitem__)
