"""Giving work to a team, a worker or a panel by the pack's rules, and a person taking it on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, Forbidden, NotFound
from contracts.envelope import EventData
from contracts.events import (
    AllocationAccepted,
    AllocationAssigned,
    AllocationEnded,
    AssigneeKind,
    Outcome,
    Rag,
)
from policy.allocation import Assignment, Work, assign
from policy.loading import PackSet
from policy.working_time import Calendar, is_open
from services.allocation.domain.case import (
    Allocation,
    AllocationState,
    Case,
    known,
    pack_of,
)
from services.allocation.domain.timing import happen, then

# Who may say that a team has taken work on.
ACCEPTING = {
    AssigneeKind.DUTY: frozenset({"duty", "manager", "practitioner"}),
    AssigneeKind.TEAM: frozenset({"practitioner", "manager", "coordinator"}),
    AssigneeKind.LEAD_PROFESSIONAL: frozenset({"coordinator", "manager"}),
    AssigneeKind.PANEL: frozenset({"coordinator", "panel_chair", "manager"}),
}


def at_duty(case: Case) -> bool:
    return any(
        one.kind is AssigneeKind.DUTY and one.state is not AllocationState.ENDED
        for one in case.allocations
    )


def assign_work(
    case: Case,
    outcome: Outcome | None,
    at: datetime,
    policy: PackSet,
    ids: Ids,
    now: datetime,
    children: tuple[UUID, ...] | None = None,
) -> Change[Case]:
    pack = pack_of(case, policy)
    rag = case.rag or Rag.RED
    work = Work(
        rag=rag,
        outcome=outcome,
        age_bands=case.age_bands,
        locality=case.locality,
        school_cluster=case.school_cluster,
        agency=case.source_agency,
        agreement=case.agreement,
        level=case.level,
    )
    found = assign(work, pack.allocation, open_now=is_open(Calendar.of(pack.hours), now))
    allocation = _allocation(found, rag, children or case.children, outcome is None, at, ids)
    changed = replace(case, allocations=(*case.allocations, allocation))
    event: EventData = AllocationAssigned(
        allocation_id=allocation.allocation_id,
        kind=allocation.kind,
        assignee=allocation.assignee,
        rule=allocation.rule,
        children=allocation.children,
        rag=rag,
        urgent=allocation.urgent,
    )
    return then(
        Change(changed, (event,)),
        happen(
            changed,
            f"allocation.assigned:{allocation.kind}",
            at,
            policy,
            ids,
            subject_id=allocation.allocation_id,
        ),
    )


def end_work(
    case: Case, which: Collection[UUID], reason: str, at: datetime, policy: PackSet, ids: Ids
) -> Change[Case]:
    """End those allocations of `which` that are still open. `reason` is a code."""
    change = Change(case)
    for one in case.allocations:
        if one.allocation_id not in which or one.state is AllocationState.ENDED:
            continue
        ended = replace(one, state=AllocationState.ENDED, ended_at=at)
        left = tuple(
            ended if other.allocation_id == one.allocation_id else other
            for other in change.state.allocations
        )
        event = AllocationEnded(allocation_id=one.allocation_id, reason=reason)
        change = then(change, Change(replace(change.state, allocations=left), (event,)))
        change = then(
            change,
            happen(
                change.state,
                f"allocation.ended:{one.kind}",
                at,
                policy,
                ids,
                subject_id=one.allocation_id,
            ),
        )
    return change


def _allocation(
    found: Assignment,
    rag: Rag,
    children: tuple[UUID, ...],
    urgent: bool,
    at: datetime,
    ids: Ids,
) -> Allocation:
    return Allocation(
        allocation_id=ids(),
        kind=found.kind,
        assignee=found.assignee,
        rule=found.rule,
        reason=found.reason,
        rag=rag,
        urgent=urgent,
        children=children,
        state=AllocationState.ASSIGNED,
        assigned_at=at,
    )


@dataclass(frozen=True, slots=True)
class Accept:
    """A person takes on what their team was given."""

    allocation_id: UUID
    staff_id: UUID
    roles: frozenset[str]


def accept(
    state: Case | None, command: Accept, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record who took the work on, and stop the clocks that wait for a person.

    Raises NotFound; Forbidden for a role that doesn't do this; DomainError when somebody was
    first, or when it has ended.
    """
    case = known(state)
    found = next(
        (one for one in case.allocations if one.allocation_id == command.allocation_id), None
    )
    if found is None:
        raise NotFound("allocation_not_found", "There is no such allocation.")
    if command.roles.isdisjoint(ACCEPTING[found.kind]):
        raise Forbidden("role_needed", "Your role does not take on this work.")
    if found.state is AllocationState.ACCEPTED:
        raise DomainError("already_accepted", "Somebody has taken this on before you.")
    if found.state is AllocationState.ENDED:
        raise DomainError("allocation_ended", "This work has ended.")
    accepted = replace(
        found, state=AllocationState.ACCEPTED, accepted_at=now, accepted_by=command.staff_id
    )
    changed = replace(
        case,
        allocations=tuple(accepted if one is found else one for one in case.allocations),
    )
    event = AllocationAccepted(
        allocation_id=found.allocation_id, staff_id=command.staff_id, accepted_at=now
    )
    change = then(
        Change(changed, (event,)),
        happen(
            changed,
            f"allocation.accepted:{found.kind}",
            now,
            policy,
            ids,
            subject_id=found.allocation_id,
        ),
    )
    return change, {
        "id": found.allocation_id,
        "referral_id": case.referral_id,
        "state": accepted.state,
        "accepted_at": now,
    }
