"""A case of allocation: who has it, and the clocks that run on it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import NotFound
from contracts.events import AgeBand, AgreementStatus, AssigneeKind, Outcome, Rag
from policy.loading import PackSet
from policy.pack import Pack
from services.allocation.clocks.domain import Clock


class AllocationState(StrEnum):
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Allocation:
    """One piece of work, with one team, worker or panel. `reason` says why, in the words of the
    pack's rule."""

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


@dataclass(frozen=True, slots=True)
class Case:
    """One referral as allocation sees it. `rag` is None before it is rated."""

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
    rag: Rag | None = None
    level: int | None = None
    decided: bool = False
    outcomes: tuple[Outcome, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    clocks: tuple[Clock, ...] = ()


def known(state: Case | None) -> Case:
    if state is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return state


def pack_of(case: Case, policy: PackSet) -> Pack:
    return policy.version(case.authority, case.pack_version)
