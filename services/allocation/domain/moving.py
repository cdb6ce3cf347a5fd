"""What follows when a receiver takes on a case that steps up or down."""

from dataclasses import replace
from datetime import datetime

from chassis.change import Change, Ids
from contracts.events import CaseSteppedDown, CaseSteppedUp
from policy.loading import PackSet
from services.allocation.domain.assigning import end_work
from services.allocation.domain.case import Allocation, Case
from services.allocation.domain.helping import Direction, Step, StepState
from services.allocation.domain.timing import happen, then


def received(
    case: Case, accepted: Allocation, policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """Complete the step whose receiver accepted, a team or a worker whom it was offered on to: only
    now does whoever had it let go."""
    takers = {accepted.allocation_id, accepted.offered_of}
    step = next(
        (one for one in case.steps if one.state is StepState.ASKED and one.to_id in takers), None
    )
    if step is None:
        return Change(case)
    up = step.direction is Direction.UP
    done = replace(step, state=StepState.ACCEPTED, answered_at=now)
    changed = exchanged_step(case, done)
    event = (
        CaseSteppedUp(reason=step.reason, planned=step.planned)
        if up
        else CaseSteppedDown(reason=step.reason)
    )
    change = then(
        Change(changed, (event,)),
        happen(changed, "case.stepped_up" if up else "case.stepped_down", now, policy, ids),
    )
    left = {step.from_id} if step.from_id else set()
    reason = "stepped_up" if up else "stepped_down"
    return then(change, end_work(change.state, left, reason, now, policy, ids))


def exchanged_step(case: Case, changed: Step) -> Case:
    """The case with one step as it is now."""
    return replace(
        case,
        steps=tuple(changed if one.step_id == changed.step_id else one for one in case.steps),
    )
