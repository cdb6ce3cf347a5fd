"""What is decided about actions that agencies are asked for, by a panel or outside one. Pure.

An action asked of a partner needs their acceptance, is within their role, and is never a statutory
task (practice rule 22).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, FieldError, Forbidden, InvalidInput, NotFound
from contracts.codes.asking import HELP
from contracts.events import AgreementStatus, CaseMilestoneRecorded, Rag
from policy.loading import PackSet
from policy.working_time import LONDON
from services.allocation.domain.answering import Answerer, noted
from services.allocation.domain.case import Case, known
from services.allocation.domain.tabling import Action, ActionState
from services.allocation.domain.timing import happen, then

# Who may note what an agency said, beside whoever was asked.
NOTING: Final = frozenset({"manager", "coordinator", "panel_chair"})
OVER: Final = frozenset({ActionState.DECLINED, ActionState.DONE})
LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody of an agency is asked to do something. `agency` is that of the worker on the
    register; `text` is personal."""

    kind: str
    worker_id: UUID
    agency: str
    by: date
    text: str = field(repr=False)
    who: Answerer


@dataclass(frozen=True, slots=True)
class Said:
    """What became of an action: accepted, declined or done."""

    action_id: UUID
    state: ActionState
    who: Answerer
    note: str | None = field(default=None, repr=False)


def ask(
    command: Ask, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Ask it of them: they have yet to accept.

    Raises NotFound; InvalidInput for what is not within the agency's role, or a day that can't be;
    DomainError once help has ended, or where the family refused it.
    """
    case = known(state)
    if case.ended is not None:
        raise DomainError("help_ended", "Help for this family has ended.")
    if case.agreement is AgreementStatus.REFUSED and case.rag is not Rag.RED:
        raise DomainError("agreement_needed", "The family has refused help. Ask them first.")
    today = now.astimezone(LONDON).date()
    errors = [*within_role(command.kind, command.agency), *in_time(command.by, today)]
    if errors:
        raise InvalidInput("invalid_action", "Some fields are wrong.", errors=errors)
    made = Action.asked(ids(), command.agency, command.kind, command.by, command.worker_id, now)
    notes = noted(case.notes, made.action_id, "action", command.text, command.who, ids, now)
    changed = replace(case, actions=(*case.actions, made), notes=notes)
    return reached(changed, made, policy, ids, now), told(case, made)


def answer(
    command: Said, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Keep what became of an action. Raises NotFound; Forbidden for who can't speak for whoever was
    asked; DomainError where it was declined or done before."""
    case = known(state)
    one = find(case, command.action_id)
    theirs = one.worker_id is not None and one.worker_id in command.who.answers_for
    if not theirs and command.who.roles.isdisjoint(NOTING):
        raise Forbidden("role_needed", "Whoever was asked answers this, or a coordinator for them.")
    if one.state in OVER:
        raise DomainError("action_answered", "This was declined or done before.")
    answered = replace(one, state=command.state, answered_at=now)
    notes = noted(case.notes, one.action_id, "action_answer", command.note, command.who, ids, now)
    changed = replace(_with(case, answered), notes=notes)
    return reached(changed, answered, policy, ids, now), told(case, answered)


def every(case: Case) -> Iterator[Action]:
    """All that was asked of agencies, by panels first."""
    for item in case.items:
        yield from item.actions
    yield from case.actions


def find(case: Case, action_id: UUID) -> Action:
    """One of them. Raises NotFound."""
    for one in every(case):
        if one.action_id == action_id:
            return one
    raise NotFound("action_not_found", "There is no such action.")


def told(case: Case, one: Action) -> Mapping[str, Any]:
    return {
        "id": one.action_id,
        "referral_id": case.referral_id,
        "owner": one.owner,
        "kind": one.kind,
        "by": one.by,
        "state": one.state,
    }


def _with(case: Case, answered: Action) -> Case:
    def renewed(actions: tuple[Action, ...]) -> tuple[Action, ...]:
        same = [one.action_id == answered.action_id for one in actions]
        if not any(same):
            return actions
        return tuple(answered if it else one for it, one in zip(same, actions, strict=True))

    items = tuple(
        one if (actions := renewed(one.actions)) is one.actions else replace(one, actions=actions)
        for one in case.items
    )
    return replace(case, items=items, actions=renewed(case.actions))


def within_role(kind: str, agency: str, at: str = "") -> Iterator[FieldError]:
    """What is wrong with asking an agency for a kind of help; `at` points to the action."""
    help_ = HELP.get(kind)
    if help_ is None:
        yield FieldError(f"{at}/kind", "There is no such kind of help.")
    elif not help_.fits(agency):
        yield FieldError(f"{at}/kind", "This is not within the role of the agency that is asked.")


def in_time(by: date, today: date, at: str = "") -> Iterator[FieldError]:
    """What is wrong with a day by which something is asked for."""
    if by < today:
        yield FieldError(f"{at}/by", "This day is past.")
    elif by - today > LONGEST:
        yield FieldError(f"{at}/by", "This is more than a year away.")


def reached(case: Case, one: Action, policy: PackSet, ids: Ids, now: datetime) -> Change[Case]:
    """Say how far an action is, and start and stop the clocks that wait for it."""
    milestone = f"action_{one.state}"
    event = CaseMilestoneRecorded(
        milestone=milestone, on=now.astimezone(LONDON).date(), action_id=one.action_id
    )
    trigger = f"case.milestone_recorded:{milestone}"
    return then(
        Change(case, (event,)),
        happen(case, trigger, now, policy, ids, subject_id=one.action_id),
    )
