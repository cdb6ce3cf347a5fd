"""Raising a disagreement, answering it stage by stage, and its end (practice rule 23). Pure.

The case goes on meanwhile. Who says that a child is at immediate risk may begin at any stage. From
stage 2 a manager answers who decided nothing about this referral.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, FieldError, Forbidden, InvalidInput, NotFound
from contracts.codes import DisagreementOutcome, LearningTheme
from contracts.envelope import EventData
from contracts.events import (
    DisagreementAnswered,
    DisagreementEscalated,
    DisagreementRaised,
    DisagreementResolved,
    Rag,
)
from policy.clocks import clocks_for, falls_due
from policy.loading import PackSet
from policy.pack import Pack
from services.triage.disagreements.disagreement import (
    Disagreement,
    DisagreementState,
    StageAnswer,
)
from services.triage.domain.case import Case, Person, Status, known
from services.triage.domain.rerating import Rerate, rerate
from services.triage.domain.rules import may_decide, rationale_errors
from services.triage.written import Written

IMMEDIATE = "immediate"
LAST_WITHOUT_STAGES = 1


@dataclass(frozen=True, slots=True)
class Raise:
    """What a referrer or a partner disagrees with. `stage` is asked for where a child is at
    immediate risk; otherwise it begins at the first."""

    organisation_id: UUID | None
    because: str
    raised_by: str
    immediate_risk: bool
    stage: int = 1


@dataclass(frozen=True, slots=True)
class Respond:
    """The hub's answer at the stage where it stands. `deciders` are who decided or rated this
    referral; `rating` is the new one where the decision changes."""

    person: Person
    deciders: frozenset[UUID]
    outcome: DisagreementOutcome
    words: str
    theme: LearningTheme | None
    rating: Rerate | None


def raise_one(
    state: Case | None, command: Raise, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Raise a disagreement. Raises DomainError before there is a decision, or while theirs is
    open."""
    case = known(state)
    if case.decided_at is None and case.status is not Status.WITHDRAWN:
        raise DomainError("not_decided", "Nothing is decided yet. Send what you know instead.")
    for one in case.disagreements:
        mine = one.organisation_id == command.organisation_id
        if mine and one.state is not DisagreementState.RESOLVED:
            raise DomainError("already_raised", "You have raised this, and it is not over yet.")
    pack = _pack(case, policy)
    stage = command.stage if command.immediate_risk else 1
    if not 1 <= stage <= _last(pack):
        raise InvalidInput(
            "invalid_stage",
            "There is no such stage.",
            errors=(FieldError("/stage", f"From 1 to {_last(pack)}."),),
        )
    due_at = _due(pack, "raised", stage, case.rag, now, immediate=command.immediate_risk)
    raised = Disagreement(
        disagreement_id=ids(),
        organisation_id=command.organisation_id,
        raised_at=now,
        immediate_risk=command.immediate_risk,
        stage=stage,
        state=DisagreementState.OPEN,
        due_at=due_at,
    )
    words = {"because": command.because, "raised_by": command.raised_by}
    event = DisagreementRaised(
        disagreement_id=raised.disagreement_id,
        stage=stage,
        immediate_risk=raised.immediate_risk,
        by=due_at,
    )
    return _changed(case, raised, words, (event,), now), told(raised, pack)


def respond(
    state: Case | None,
    disagreement_id: UUID,
    command: Respond,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Answer at the stage where it stands. What is changed is rated again in the same breath, and
    ends it; so does the last stage's answer. Otherwise whoever disagreed may take it further."""
    case = known(state)
    found = _of(case, disagreement_id)
    if found.state is not DisagreementState.OPEN:
        raise DomainError("not_open", "This disagreement does not wait for an answer.")
    pack = _pack(case, policy)
    _may_answer(found, command, pack)
    _consistent(command)
    before: tuple[EventData, ...] = ()
    if command.rating is not None:
        change, _ = rerate(case, command.rating, policy, ids, now)
        case, before = change.state, change.events
    answer = StageAnswer(found.stage, now, command.person.staff_id, command.outcome)
    over = command.outcome is not DisagreementOutcome.UPHELD or found.stage >= _last(pack)
    changed = replace(
        found,
        state=DisagreementState.RESOLVED if over else DisagreementState.ANSWERED,
        answers=(*found.answers, answer),
        outcome=command.outcome if over else None,
        theme=command.theme or found.theme,
        resolved_at=now if over else None,
        due_at=None,
    )
    events: list[EventData] = [
        *before,
        DisagreementAnswered(
            disagreement_id=disagreement_id,
            stage=found.stage,
            outcome=command.outcome,
            organisation_id=found.organisation_id,
        ),
    ]
    if over:
        events.append(
            DisagreementResolved(
                disagreement_id=disagreement_id, stage=found.stage, outcome=command.outcome
            )
        )
    words = {f"answer/{found.stage}": command.words}
    return _changed(case, changed, words, events, now), told(changed, pack)


def escalate(
    state: Case | None,
    disagreement_id: UUID,
    because: str,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Take it to the next stage: because the answer does not convince, or none came in time."""
    del ids
    case = known(state)
    found = _of(case, disagreement_id)
    late = found.due_at is not None and found.due_at <= now
    if found.state is DisagreementState.RESOLVED:
        raise DomainError("resolved", "This disagreement is over.")
    if found.state is DisagreementState.OPEN and not (late or found.immediate_risk):
        raise DomainError("not_answered", "The answer of this stage is not due yet.")
    pack = _pack(case, policy)
    if found.stage >= _last(pack):
        raise DomainError("last_stage", "There is no further stage.")
    stage = found.stage + 1
    due_at = _due(pack, "escalated", stage, case.rag, now, immediate=found.immediate_risk)
    changed = replace(found, stage=stage, state=DisagreementState.OPEN, due_at=due_at)
    event = DisagreementEscalated(
        disagreement_id=disagreement_id, stage=stage, by=due_at, immediate_risk=found.immediate_risk
    )
    words = {f"further/{stage}": because}
    return _changed(case, changed, words, (event,), now), told(changed, pack)


def conclude(
    state: Case | None,
    disagreement_id: UUID,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Whoever disagreed accepts the answer, or withdraws before there is one."""
    del ids
    case = known(state)
    found = _of(case, disagreement_id)
    if found.state is DisagreementState.RESOLVED:
        raise DomainError("resolved", "This disagreement is over.")
    accepted = found.state is DisagreementState.ANSWERED
    outcome = found.answers[-1].outcome if accepted else DisagreementOutcome.WITHDRAWN
    changed = replace(
        found,
        state=DisagreementState.RESOLVED,
        outcome=outcome,
        resolved_at=now,
        due_at=None,
    )
    event = DisagreementResolved(
        disagreement_id=disagreement_id, stage=found.stage, outcome=outcome
    )
    return _changed(case, changed, {}, (event,), now), told(changed, _pack(case, policy))


def told(one: Disagreement, pack: Pack) -> Mapping[str, Any]:
    """How a disagreement stands, for both sides: codes and times."""
    owner = next((each for each in pack.messages.disagreement if each.stage == one.stage), None)
    return {
        "disagreement_id": one.disagreement_id,
        "state": one.state,
        "stage": one.stage,
        "stage_title": owner.title if owner else None,
        "owner": owner.who if owner else None,
        "due_at": one.due_at,
        "immediate_risk": one.immediate_risk,
        "raised_at": one.raised_at,
        "outcome": one.outcome,
        "resolved_at": one.resolved_at,
    }


def _may_answer(found: Disagreement, command: Respond, pack: Pack) -> None:
    if found.stage == 1:
        may_decide(command.person, pack)
        return
    if "manager" not in command.person.roles:
        raise Forbidden("manager_needed", "From stage 2 a manager answers.")
    if command.person.staff_id in command.deciders:
        raise Forbidden(
            "own_decision", "From stage 2 nobody answers about what they decided themselves."
        )


def _consistent(command: Respond) -> None:
    errors: Sequence[FieldError] = rationale_errors(command.words)
    errors = [FieldError("/words", one.detail) for one in errors]
    if command.outcome is DisagreementOutcome.WITHDRAWN:
        errors.append(FieldError("/outcome", "Whoever disagreed withdraws; the hub answers."))
    if command.outcome is DisagreementOutcome.CHANGED and command.rating is None:
        errors.append(FieldError("/rating", "A changed decision has a new rating."))
    if command.outcome is DisagreementOutcome.UPHELD and command.rating is not None:
        errors.append(FieldError("/rating", "An upheld decision has no new rating."))
    if command.outcome is not DisagreementOutcome.UPHELD and command.theme is None:
        errors.append(FieldError("/theme", "Say what there is to learn from it."))
    if errors:
        raise InvalidInput("invalid_answer", "The answer is not consistent.", errors=errors)


def _due(
    pack: Pack, what: str, stage: int, rag: Rag, now: datetime, *, immediate: bool
) -> datetime | None:
    """The soonest of the clocks that this starts."""
    rules = clocks_for(
        f"disagreement.{what}:stage_{stage}",
        rag,
        None,
        pack.clocks,
        also=(IMMEDIATE,) if immediate else (),
    )
    return min((falls_due(rule, now, rag, pack.calendar) for rule in rules), default=None)


def _of(case: Case, disagreement_id: UUID) -> Disagreement:
    for one in case.disagreements:
        if one.disagreement_id == disagreement_id:
            return one
    raise NotFound("disagreement_not_found", "There is no such disagreement.")


def _pack(case: Case, policy: PackSet) -> Pack:
    return policy.version(case.authority, case.facts.pack_version)


def _last(pack: Pack) -> int:
    return max((one.stage for one in pack.messages.disagreement), default=LAST_WITHOUT_STAGES)


def _changed(
    case: Case,
    one: Disagreement,
    words: Mapping[str, str],
    events: Sequence[EventData],
    now: datetime,
) -> Change[Case]:
    others = [each for each in case.disagreements if each.disagreement_id != one.disagreement_id]
    written = tuple(
        Written(one.disagreement_id, f"disagreement/{kind}", text)
        for kind, text in words.items()
        if text
    )
    changed = replace(
        case,
        disagreements=(*others, one),
        written=(*case.written, *written),
        updated_at=now,
    )
    return Change(changed, tuple(events))
