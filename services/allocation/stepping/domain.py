"""What is decided about cases that move to more, or less, intensive help, or away. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, Forbidden, NotFound
from contracts.events import AgreementStatus, AllocationDeclined, AssigneeKind, Outcome, Rag
from policy.allocation import Assignment, Work, assign
from policy.loading import PackSet
from policy.working_time import LONDON, is_open
from services.allocation.domain.answering import ACCEPTING, Answerer, noted
from services.allocation.domain.assigning import end_work, give
from services.allocation.domain.case import (
    AllocationState,
    Case,
    exchanged,
    held,
    known,
    pack_of,
)
from services.allocation.domain.helping import Direction, EndedBecause, Step, StepState
from services.allocation.domain.moving import exchanged_step
from services.allocation.domain.timing import happen, then
from services.allocation.leading.domain import end_help

# Up and down so often that somebody should ask why.
LOOPS: Final = 3


class Why(StrEnum):
    """Why a case moves."""

    RISK_ROSE = "risk_rose"
    NEED_ROSE = "need_rose"
    NEEDS_MET_SO_FAR = "needs_met_so_far"
    PLAN_ENDED = "plan_ended"
    FAMILY_ASKED = "family_asked"
    MOVED_HOME = "moved_home"
    OTHER = "other"


class GivenBack(StrEnum):
    """Why a receiver gives a case back."""

    THRESHOLD_NOT_MET = "threshold_not_met"
    NEED_TOO_HIGH = "need_too_high"
    AGREEMENT_MISSING = "agreement_missing"
    INFORMATION_MISSING = "information_missing"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody who has a case asks that it moves. An unplanned step up is a worry of now: duty has
    it at once."""

    allocation_id: UUID
    direction: Direction
    planned: bool
    reason: Why
    who: Answerer
    note: str | None = field(default=None, repr=False)
    to: str | None = None


def ask(
    command: Move, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Ask that a case moves. Whoever has it goes on until the receiver accepts; what was reached,
    the papers and the notes go along.

    Raises NotFound, Forbidden; DomainError where it isn't theirs, is asked for already, or a step
    down lacks the family's agreement.
    """
    case = known(state)
    one = held(case, command.allocation_id)
    command.who.refuse(one)
    if one.state is not AllocationState.ACCEPTED:
        raise DomainError("not_accepted", "Nobody has taken this on yet, or it has ended.")
    if any(
        step.state is StepState.ASKED and step.from_id == one.allocation_id for step in case.steps
    ):
        raise DomainError("step_asked", "It was asked already that this moves.")
    if command.direction is Direction.DOWN and case.agreement is not AgreementStatus.GIVEN:
        raise DomainError("agreement_needed", "A step down needs the family's agreement.")
    change = Change(case)
    if command.direction is not Direction.AWAY:
        found, outcome = _receiver(case, command, policy, now)
        change = give(case, found, outcome, one.children, now, policy, ids)
    to_id = change.state.allocations[-1].allocation_id if change.events else None
    step = Step(
        step_id=ids(),
        direction=command.direction,
        planned=command.planned,
        reason=command.reason.value,
        state=StepState.ASKED,
        from_id=one.allocation_id,
        to_id=to_id,
        asked_at=now,
        asked_by=command.who.person_id,
        to=command.to,
    )
    notes = noted(change.state.notes, step.step_id, "step", command.note, command.who, ids, now)
    changed = replace(change.state, steps=(*change.state.steps, step), notes=notes)
    return Change(changed, change.events), _told(changed, step)


@dataclass(frozen=True, slots=True)
class Away:
    """A case that was decided to be another authority's, whoever holds it, is to go there."""

    to: str
    reason: Why
    who: Answerer
    note: str | None = field(default=None, repr=False)


def ask_away(
    command: Away, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Ask another authority to take what was decided to be its own. It is kept safe here until they
    accept (practice rule 4).

    Raises NotFound; DomainError where it was decided otherwise, has ended, or is asked for already.
    """
    del policy
    case = known(state)
    if Outcome.ANOTHER_AUTHORITY not in case.outcomes:
        raise DomainError("not_elsewhere", "This was not decided to be another authority's.")
    if case.ended is not None:
        raise DomainError("help_ended", "Help for this family has ended.")
    if any(one.state is StepState.ASKED and one.direction is Direction.AWAY for one in case.steps):
        raise DomainError("step_asked", "It was asked already that this moves.")
    step = Step(
        step_id=ids(),
        direction=Direction.AWAY,
        planned=True,
        reason=command.reason.value,
        state=StepState.ASKED,
        from_id=None,
        to_id=None,
        asked_at=now,
        asked_by=command.who.person_id,
        to=command.to,
    )
    notes = noted(case.notes, step.step_id, "step", command.note, command.who, ids, now)
    changed = replace(case, steps=(*case.steps, step), notes=notes)
    return Change(changed), _told(changed, step)


def give_back(
    allocation_id: UUID,
    reason: GivenBack,
    note: str | None,
    who: Answerer,
    state: Case | None,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """The receiver gives a case back with a reason: whoever had it has it still.

    Raises NotFound; Forbidden for who doesn't take on such work; DomainError where nothing was
    asked of them, or it was answered before.
    """
    case = known(state)
    one = held(case, allocation_id)
    if who.roles.isdisjoint(ACCEPTING[one.kind]):
        raise Forbidden("role_needed", "Your role does not take on this work.")
    step = next(
        (
            each
            for each in case.steps
            if each.state is StepState.ASKED and allocation_id == each.to_id
        ),
        None,
    )
    if step is None:
        raise DomainError("no_step", "This is no step up or down that waits for an answer.")
    if one.kind is AssigneeKind.DUTY and one.urgent:
        raise DomainError("duty_decides", "Duty closes an urgent worry with a decision.")
    returned = replace(step, state=StepState.RETURNED, answered_at=now)
    changed = exchanged_step(case, returned)
    changed = replace(
        changed, notes=noted(changed.notes, step.step_id, "given_back", note, who, ids, now)
    )
    declined = replace(
        one, state=AllocationState.ENDED, ended_at=now, look_at=None, answer=reason.value
    )
    changed = exchanged(changed, declined)
    event = AllocationDeclined(
        allocation_id=allocation_id, staff_id=who.person_id, reason=reason.value
    )
    change = then(
        Change(changed, (event,)),
        happen(
            changed,
            f"allocation.declined:{one.kind}",
            now,
            policy,
            ids,
            subject_id=allocation_id,
        ),
    )
    offers = {each.allocation_id for each in case.allocations if each.offered_of == allocation_id}
    change = then(change, end_work(change.state, offers, "given_back", now, policy, ids))
    return change, _told(change.state, returned)


def taken_away(
    step_id: UUID,
    who: Answerer,
    became: UUID | None,
    note: str | None,
    state: Case | None,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Another authority has accepted a case: help ends here. It was kept safe here until then
    (practice rule 4). `became`: the referral that it has of it, where it is one of the
    installation. Raises NotFound; DomainError where it was answered before."""
    case = known(state)
    step = away(case, step_id)
    taken = replace(step, state=StepState.ACCEPTED, answered_at=now, became=became)
    done = _answered(case, taken, note, who, ids, now)
    today = now.astimezone(LONDON).date()
    children = held(done, step.from_id).children if step.from_id else case.children
    change = end_help(done, children, EndedBecause.TRANSFERRED, today, who, policy, ids, now)
    return change, _told(change.state, step)


def kept_here(
    step_id: UUID,
    who: Answerer,
    reason: GivenBack | None,
    note: str | None,
    state: Case | None,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Another authority does not take a case, and says why: it stays. Raises as `taken_away`
    does."""
    del policy
    case = known(state)
    step = away(case, step_id)
    answer = reason.value if reason else None
    back = replace(step, state=StepState.RETURNED, answered_at=now, answer=answer)
    kept = _answered(case, back, note, who, ids, now)
    return Change(kept), _told(kept, step)


def _answered(
    case: Case, step: Step, note: str | None, who: Answerer, ids: Ids, now: datetime
) -> Case:
    notes = noted(case.notes, step.step_id, "transfer_answer", note, who, ids, now)
    return replace(exchanged_step(case, step), notes=notes)


def turns(steps: Sequence[Step]) -> int:
    """How often a case changed its direction, up and down."""
    taken = [
        one.direction
        for one in sorted(steps, key=lambda step: step.asked_at)
        if one.state is StepState.ACCEPTED and one.direction is not Direction.AWAY
    ]
    return sum(1 for place, one in enumerate(taken) if place == 0 or taken[place - 1] is not one)


def _receiver(
    case: Case, command: Move, policy: PackSet, now: datetime
) -> tuple[Assignment, Outcome | None]:
    pack = pack_of(case, policy)
    section = pack.allocation
    open_now = is_open(pack.calendar, now)
    up = command.direction is Direction.UP
    if up and not command.planned:
        code = section.duty.team if open_now else section.duty.out_of_hours
        name = section.teams[code].name
        found = Assignment(AssigneeKind.DUTY, code, "stepped_up_at_once", f"A worry of now: {name}")
        return found, None
    outcome = Outcome.CHILD_AND_FAMILY_ASSESSMENT if up else Outcome.EARLY_HELP_ASSESSMENT
    work = Work(
        rag=Rag.AMBER if up else Rag.GREEN,
        outcome=outcome,
        age_bands=case.age_bands,
        locality=case.locality,
        school_cluster=case.school_cluster,
        agency=case.source_agency,
        agreement=case.agreement,
        level=case.level,
    )
    found = assign(work, section, open_now=open_now, beside_panel=True)
    rule = "stepped_up" if up else "stepped_down"
    return replace(found, rule=rule), outcome


def away(case: Case, step_id: UUID) -> Step:
    """A transfer that waits for an answer. Raises NotFound; DomainError where it was answered
    before."""
    for one in case.steps:
        if one.step_id == step_id and one.direction is Direction.AWAY:
            if one.state is not StepState.ASKED:
                raise DomainError("step_answered", "This was answered before.")
            return one
    raise NotFound("step_not_found", "There is no such transfer.")


def _told(case: Case, step: Step) -> Mapping[str, Any]:
    now = next(one for one in case.steps if one.step_id == step.step_id)
    return {
        "id": now.step_id,
        "referral_id": case.referral_id,
        "direction": now.direction,
        "state": now.state,
        "allocation_id": now.to_id,
        "became": now.became,
        "turns": turns(case.steps),
        "loops": turns(case.steps) >= LOOPS,
    }
