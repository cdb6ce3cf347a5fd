"""What is decided about offers of a team's work to its workers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, FieldError, InvalidInput
from contracts.events import AllocationAssigned, AllocationOffered, AssigneeKind
from policy.allocation import (
    FIRM,
    SOCIAL_WORK,
    Candidate,
    Choice,
    Load,
    Task,
    WhyNot,
    why_not,
)
from policy.allocation.choosing import WORDS
from policy.loading import PackSet
from services.allocation.domain.answering import Answerer, barring, noted
from services.allocation.domain.assigning import end_work
from services.allocation.domain.case import (
    Allocation,
    AllocationState,
    Case,
    exchanged,
    held,
    known,
    pack_of,
)
from services.allocation.domain.timing import happen, then

# How long until somebody is looked for again: somebody may have come back, or closed a case. A
# change of the register looks at once.
LOOK_AGAIN: Final = timedelta(minutes=5)


THIS_ONE_ALONE: Final = frozenset({WhyNot.DECLINED, WhyNot.NO_ANSWER})
"""Bars that hold for the referral at which they were said, and for no later one."""


class ByHand(StrEnum):
    """Why somebody is chosen by hand."""

    KNOWS_FAMILY_PROFESSIONALLY = "works_with_family"
    FAMILY_ASKED = "family_asked"
    SPECIALISM = "specialism"
    RESTRICTED = "restricted"
    JOINT_WORK = "joint_work"
    WORKER_LEAVES = "worker_leaves"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier referrals of the family say: who worked with them, the last first, and who is
    not asked."""

    known_to: tuple[UUID, ...] = ()
    barred: Mapping[UUID, WhyNot] = field(default_factory=dict)


def task_of(case: Case, one: Allocation, team: str, before: Before) -> Task:
    """A piece of work as choosing sees it. What earlier referrals say of interests holds; that
    somebody declined one of those, or did not answer, doesn't."""
    barred = {worker: why for worker, why in before.barred.items() if why not in THIS_ONE_ALONE} | {
        each.worker_id: each.why for each in case.barred
    }
    for each in case.allocations:
        if each.open and each.worker_id and not set(each.children).isdisjoint(one.children):
            barred[each.worker_id] = WhyNot.HAS_IT
    return Task(
        team=team,
        points=one.points,
        level=case.level or 1,
        locality=case.locality,
        school_cluster=case.school_cluster,
        needs=frozenset(one.needs),
        barred=barred,
        preferred=case.preferred,
        known_to=before.known_to,
    )


def waiting(case: Case, now: datetime) -> tuple[Allocation, ...]:
    """The work of a case for which somebody is looked for now."""
    asked = {
        one.offered_of
        for one in case.allocations
        if one.state is AllocationState.OFFERED and not one.joint
    }
    return tuple(
        one
        for one in case.allocations
        if one.state is AllocationState.ASSIGNED
        and one.look_at is not None
        and one.look_at <= now
        and one.allocation_id not in asked
    )


def offer(
    case: Case,
    parent: Allocation,
    choice: Choice,
    policy: PackSet,
    ids: Ids,
    now: datetime,
    *,
    joint: bool = False,
) -> Change[Case]:
    """Offer a team's work to the worker who was chosen; the team holds it until they accept. Where
    nobody was, it waits."""
    if choice.worker_id is None:
        later = replace(parent, waiting=choice.rule, look_at=now + LOOK_AGAIN)
        return Change(exchanged(case, later))
    statutory = SOCIAL_WORK in parent.needs
    made = Allocation(
        allocation_id=ids(),
        kind=AssigneeKind.TEAM if statutory else AssigneeKind.LEAD_PROFESSIONAL,
        assignee=str(choice.worker_id),
        rule=choice.rule,
        reason=choice.reason,
        rag=parent.rag,
        urgent=False,
        children=parent.children,
        state=AllocationState.OFFERED,
        assigned_at=now,
        worker_id=choice.worker_id,
        offered_of=parent.allocation_id,
        joint=joint,
        points=parent.points,
        needs=parent.needs,
        locality=parent.locality,
    )
    changed = case
    if parent.look_at is not None:
        changed = exchanged(case, replace(parent, look_at=None, waiting=None))
    changed = replace(changed, allocations=(*changed.allocations, made))
    event = AllocationOffered(
        allocation_id=made.allocation_id,
        kind=made.kind,
        assignee=made.assignee,
        rule=made.rule,
        children=made.children,
        rag=made.rag,
    )
    return then(
        Change(changed, (event,)),
        happen(
            changed,
            f"allocation.offered:{made.kind}",
            now,
            policy,
            ids,
            subject_id=made.allocation_id,
        ),
    )


@dataclass(frozen=True, slots=True)
class OfferByHand:
    """A coordinator chooses somebody, and says why. `joint`: beside whoever leads already."""

    allocation_id: UUID
    candidate: Candidate
    who: Answerer
    because: ByHand
    joint: bool = False
    note: str | None = field(default=None, repr=False)


def offer_by_hand(
    state: Case | None,
    command: OfferByHand,
    before: Before,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Offer work to somebody whom a person chose. What was open with another ends when they accept,
    and what was only offered to another ends now.

    Raises NotFound; DomainError for work that has ended or is with this worker already;
    InvalidInput for a worker who must not take it.
    """
    case = known(state)
    parent = held(case, command.allocation_id)
    if not parent.open:
        raise DomainError("allocation_ended", "This work has ended.")
    if parent.kind is AssigneeKind.DUTY:
        raise DomainError("held_by_duty", "What duty holds is accepted there.")
    if parent.worker_id is not None and parent.state is AllocationState.OFFERED:
        parent = held(case, parent.offered_of) if parent.offered_of else parent
    chosen = command.candidate.worker_id
    if any(one.open and one.worker_id == chosen for one in case.allocations):
        raise DomainError("theirs_already", "This worker has it already, or was asked.")
    bar = why_not(task_of(case, parent, command.candidate.team, before), command.candidate, Load())
    if bar in FIRM:
        wrong = FieldError("/worker_id", f"This worker {WORDS[bar]}.")
        raise InvalidInput("worker_barred", "This worker can't take it.", errors=(wrong,))
    change = Change(case)
    if not command.joint:
        asked = {
            one.allocation_id
            for one in case.allocations
            if one.offered_of == parent.allocation_id
            and one.state is AllocationState.OFFERED
            and not one.joint
        }
        change = end_work(case, asked, "offered_to_another", now, policy, ids)
        parent = held(change.state, parent.allocation_id)
    choice = Choice(chosen, f"by_hand_{command.because}", "A coordinator chose them")
    change = then(
        change, offer(change.state, parent, choice, policy, ids, now, joint=command.joint)
    )
    made = change.state.allocations[-1]
    noticed = noted(
        change.state.notes, made.allocation_id, "by_hand", command.note, command.who, ids, now
    )
    return Change(replace(change.state, notes=noticed), change.events), {
        "id": made.allocation_id,
        "referral_id": case.referral_id,
        "state": made.state,
        "worker_id": made.worker_id,
        "version": made.version,
    }


def put_back(
    case: Case,
    allocation_id: UUID,
    team: str,
    reason: str,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case]:
    """Take work from a worker: their team has it again, and somebody else is asked."""
    one = held(case, allocation_id)
    if not one.open or one.worker_id is None:
        return Change(case)
    parent = next((each for each in case.allocations if each.allocation_id == one.offered_of), None)
    if parent is not None and parent.state is AllocationState.ASSIGNED:
        again = exchanged(case, replace(parent, look_at=None if case.restricted else now))
        return end_work(again, {allocation_id}, reason, now, policy, ids)
    section = pack_of(case, policy).allocation
    code = team if team in section.teams else section.otherwise
    kind = section.teams[code].kind
    holder = Allocation(
        allocation_id=ids(),
        kind=kind,
        assignee=code,
        rule="put_back",
        reason="The worker who had it no longer can",
        rag=one.rag,
        urgent=False,
        children=one.children,
        state=AllocationState.ASSIGNED,
        assigned_at=now,
        points=one.points,
        needs=one.needs,
        look_at=None if case.restricted else now,
        locality=one.locality,
    )
    held_again = replace(case, allocations=(*case.allocations, holder))
    event = AllocationAssigned(
        allocation_id=holder.allocation_id,
        kind=kind,
        assignee=code,
        rule=holder.rule,
        children=holder.children,
        rag=holder.rag,
    )
    change = then(
        Change(held_again, (event,)),
        happen(
            held_again,
            f"allocation.assigned:{kind}",
            now,
            policy,
            ids,
            subject_id=holder.allocation_id,
        ),
    )
    # Only now that the team has it: somebody holds it at every moment.
    return then(change, end_work(change.state, {allocation_id}, reason, now, policy, ids))


def give_on(
    command: OfferByHand,
    team: str,
    before: Before,
    state: Case | None,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Take work from the worker who has it and offer it to another, in one change. Raises as
    `offer_by_hand` does."""
    case = known(state)
    one = held(case, command.allocation_id)
    back = put_back(case, command.allocation_id, team, "reassigned", policy, ids, now)
    if back.state is case:
        return back, {}
    with_team = [
        each.allocation_id
        for each in back.state.allocations
        if each.state is AllocationState.ASSIGNED
        and (each.allocation_id == one.offered_of or each not in case.allocations)
    ]
    onward = replace(command, allocation_id=with_team[-1])
    offered, told = offer_by_hand(back.state, onward, before, policy, ids, now)
    return then(back, offered), told


def bar(
    worker_id: UUID,
    why: WhyNot | None,
    state: Case | None,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Leave a worker out for a family, or no longer. Raises NotFound."""
    del policy, ids
    case = known(state)
    changed = replace(case, barred=barring(case.barred, worker_id, why))
    return Change(_looked_at(changed, now)), {
        "referral_id": case.referral_id,
        "barred": [{"worker_id": one.worker_id, "why": one.why} for one in changed.barred],
    }


def prefer(
    worker_id: UUID | None, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Note whom the family asked for: they are asked first (practice rule 22). Raises NotFound."""
    del policy, ids
    case = known(state)
    changed = replace(case, preferred=worker_id)
    return Change(_looked_at(changed, now)), {
        "referral_id": case.referral_id,
        "preferred": worker_id,
    }


def _looked_at(case: Case, now: datetime) -> Case:
    """With what waits looked at again now."""
    changed = case
    for one in case.allocations:
        if one.state is AllocationState.ASSIGNED and one.look_at is not None:
            changed = exchanged(changed, replace(one, look_at=now))
    return changed
