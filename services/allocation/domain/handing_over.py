"""What the emergency duty team held in the night is taken over in the morning, by a person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, NotFound
from contracts.events import AllocationAccepted, AllocationAssigned, AssigneeKind
from policy.loading import PackSet
from services.allocation.domain.assigning import end_work
from services.allocation.domain.case import Allocation, AllocationState, Case, known
from services.allocation.domain.timing import happen, then

HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Somebody of the day signs for one piece of work, for their team."""

    allocation_id: UUID
    team: str
    staff_id: UUID


def take_over(
    command: TakeOver, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Give the day's team the work, accepted by who signed, and end the night's: somebody holds it
    at every moment.

    Raises NotFound; DomainError when it has ended meanwhile.
    """
    case = known(state)
    night = next(
        (one for one in case.allocations if one.allocation_id == command.allocation_id), None
    )
    if night is None or night.kind is not AssigneeKind.DUTY:
        raise NotFound("allocation_not_found", "There is no such work of a duty team.")
    if night.state is AllocationState.ENDED:
        raise DomainError("allocation_ended", "This work has ended.")
    day = Allocation(
        allocation_id=ids(),
        kind=night.kind,
        assignee=command.team,
        rule=HANDOVER,
        reason="Taken over from the emergency duty team",
        rag=night.rag,
        urgent=night.urgent,
        children=night.children,
        state=AllocationState.ACCEPTED,
        assigned_at=now,
        accepted_at=now,
        accepted_by=command.staff_id,
    )
    assigned = AllocationAssigned(
        allocation_id=day.allocation_id,
        kind=day.kind,
        assignee=day.assignee,
        rule=day.rule,
        children=day.children,
        rag=day.rag,
        urgent=day.urgent,
    )
    accepted = AllocationAccepted(
        allocation_id=day.allocation_id, staff_id=command.staff_id, accepted_at=now
    )
    held = replace(case, allocations=(*case.allocations, day))
    change = then(
        Change(held, (assigned, accepted)),
        happen(
            held,
            f"allocation.accepted:{day.kind}",
            now,
            policy,
            ids,
            subject_id=day.allocation_id,
        ),
    )
    ended = end_work(change.state, {night.allocation_id}, "handed_over", now, policy, ids)
    return then(change, ended), {"id": day.allocation_id, "referral_id": case.referral_id}
