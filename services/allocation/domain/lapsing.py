"""Offers that nobody answers: when their clock runs out they end, and the next is asked. Pure.

Whoever offered the work holds it meanwhile, so that somebody has it at every moment. An offer beside
which nobody holds the work does not end: its clock climbs its ladder until somebody answers.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.change import Change, Ids
from policy.allocation import WhyNot
from policy.loading import PackSet
from services.allocation.domain import timing
from services.allocation.domain.answering import barring
from services.allocation.domain.assigning import end_work
from services.allocation.domain.case import (
    NO_ANSWER,
    AllocationState,
    Case,
    exchanged,
)
from services.allocation.domain.timing import run_out, then


def fire(state: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
    """Warn of, breach and escalate the clocks of a case that are due, and end the offers that they
    ran out for. None when none is due after all."""
    change = timing.fire(state, policy, ids, now)
    if change is None:
        return None
    for allocation_id in run_out(change.state, policy, now):
        change = then(change, lapse(change.state, allocation_id, policy, ids, now))
    return change


def lapse(
    case: Case, allocation_id: UUID, policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    """End an offer that was not answered. Who was asked is asked no more by rule; a coordinator may
    still choose them. What is restricted, a person gives again."""
    offers = {one.allocation_id: one for one in case.allocations}
    one = offers.get(allocation_id)
    if one is None or one.worker_id is None or one.state is not AllocationState.OFFERED:
        return Change(case)
    parent = offers.get(one.offered_of) if one.offered_of else None
    held = parent is not None and parent.state is AllocationState.ASSIGNED
    changed = case
    if not one.joint:
        if parent is None or not held:
            return Change(case)
        if all(each.worker_id != one.worker_id for each in case.barred):
            changed = replace(changed, barred=barring(case.barred, one.worker_id, WhyNot.NO_ANSWER))
        look_at = None if case.restricted else now
        changed = exchanged(changed, replace(parent, look_at=look_at))
    return end_work(changed, {allocation_id}, NO_ANSWER, now, policy, ids)
