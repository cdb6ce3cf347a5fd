"""A case of allocation: who has it, and the clocks that run on it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import NotFound
from contracts.events import AgeBand, AgreementStatus, AssigneeKind, Outcome, Rag
from policy.allocation import WhyNot
from policy.loading import PackSet
from policy.pack import Pack
from services.allocation.clocks.domain import Clock
from services.allocation.domain.helping import Ended, Milestone, Paper, Step
from services.allocation.domain.tabling import Action, Item

NO_ANSWER = "not_answered"
"""Why an offer ended whose clock ran out."""


class AllocationState(StrEnum):
    ASSIGNED = "assigned"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Allocation:
    """One piece of work, with one team, worker or panel. `reason` says why, in the words of the
    pack's rule. A team's work is offered to a worker as an allocation of its own (`worker_id`,
    `offered_of`); until they accept, the team holds it. `points` is what it weighs, `needs` the
    skills that it asks for. `look_at` says when somebody is looked for (again), `waiting` why
    nobody was found."""

    allocation_id: UUID
    kind: AssigneeKind
    assignee: str
    rule: str
    reason: str
    rag: Rag
    urgent: bool
    children: tuple[UUID, ...]
    state: AllocationState
    assigned_at: datetime
    accepted_at: datetime | None = None
    accepted_by: UUID | None = None
    ended_at: datetime | None = None
    version: int = 1
    worker_id: UUID | None = None
    offered_of: UUID | None = None
    joint: bool = False
    points: int = 0
    needs: tuple[str, ...] = ()
    answer: str | None = None
    waiting: str | None = None
    look_at: datetime | None = None
    locality: str | None = None

    @property
    def open(self) -> bool:
        """Whether somebody has it, or was asked."""
        return self.state not in {AllocationState.DECLINED, AllocationState.ENDED}


@dataclass(frozen=True, slots=True)
class Barred:
    """A worker who is not asked for this family, and why (a code of policy.allocation.WhyNot)."""

    worker_id: UUID
    why: WhyNot


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a part of a case. `text` is personal: sealed when it is saved, and
    never logged. `kind` is a code; `about` is the allocation, meeting or milestone."""

    note_id: UUID
    about: UUID
    kind: str
    text: str = field(repr=False)
    written_by: UUID
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One referral as allocation sees it. `rag` is None before it is rated. `earlier` are referrals
    with a child of this one; `preferred` is the worker whom the family asked for. `domestic_abuse`,
    `school_to_tell`: as triage rated it last. `concerns`: what the referrer ticked. `actions` are
    those asked for outside panels. `notes` are those written now: they are read apart, by whom it
    may concern. `news_at`: when something was heard last that the council's case system is told."""

    referral_id: UUID
    authority: str
    reference: str
    received_at: datetime
    pack_version: str
    source_agency: str
    locality: str | None
    school_cluster: str | None
    agreement: AgreementStatus
    age_bands: tuple[AgeBand, ...]
    children: tuple[UUID, ...]
    agreement_withdrawn_at: datetime | None = None
    rag: Rag | None = None
    level: int | None = None
    decided: bool = False
    outcomes: tuple[Outcome, ...] = ()
    restricted: bool = False
    domestic_abuse: bool = False
    school_to_tell: bool = False
    concerns: tuple[str, ...] = ()
    earlier: tuple[UUID, ...] = ()
    barred: tuple[Barred, ...] = ()
    preferred: UUID | None = None
    milestones: tuple[Milestone, ...] = ()
    papers: tuple[Paper, ...] = ()
    items: tuple[Item, ...] = ()
    actions: tuple[Action, ...] = ()
    steps: tuple[Step, ...] = ()
    ended: Ended | None = None
    news_at: datetime | None = None
    allocations: tuple[Allocation, ...] = ()
    notes: tuple[Note, ...] = ()
    clocks: tuple[Clock, ...] = ()


def known(state: Case | None) -> Case:
    if state is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return state


def held(case: Case, allocation_id: UUID) -> Allocation:
    """One allocation of a case. Raises NotFound."""
    for one in case.allocations:
        if one.allocation_id == allocation_id:
            return one
    raise NotFound("allocation_not_found", "There is no such allocation.")


def exchanged(case: Case, changed: Allocation) -> Case:
    """The case with one allocation as it is now, in its next version."""
    now = replace(changed, version=changed.version + 1)
    return replace(
        case,
        allocations=tuple(
            now if one.allocation_id == now.allocation_id else one for one in case.allocations
        ),
    )


def pack_of(case: Case, policy: PackSet) -> Pack:
    return policy.version(case.authority, case.pack_version)
