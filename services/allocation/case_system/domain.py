"""What the council's case system takes over, and the dates that it tells back (practice rule 16).
Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.change import Change, Handler, Ids
from chassis.errors import FieldError, InvalidInput
from contracts.envelope import Event
from contracts.events import CaseMilestoneRecorded, Outcome
from policy.loading import PackSet
from policy.working_time import LONDON
from services.allocation.domain.assigning import STATUTORY
from services.allocation.domain.case import Case, known
from services.allocation.domain.helping import Milestone
from services.allocation.domain.timing import happen, then
from services.allocation.leading.domain import moment

TAKEN_OVER: Final = STATUTORY | {Outcome.ALREADY_OPEN}
"""What the law makes a social worker's task, and what is open there already. Early help is led
here."""
HANDED_OVER: Final = "handed_over"
_PARTS: Final = ("news_at", "outcomes", "rag", "allocations", "ended")
"""Dates are the case system's own news, and no news to it."""


@dataclass(frozen=True, slots=True)
class Record:
    """A date that the case system tells: what was reached, on a day in England, for which children
    (all, where none is named)."""

    milestone: str
    on: date
    children: tuple[UUID, ...]
    told_by: UUID


def bundle_id(referral_id: UUID) -> UUID:
    """The id of a referral's bundle: the same whenever and wherever it is made."""
    return uuid5(NAMESPACE_URL, f"urn:frontdoor:bundle:{referral_id}")


def taken_over(case: Case) -> bool:
    """Whether the case system takes a case over. What is restricted is handed over by a person."""
    decided = case.decided and not case.restricted
    return decided and not TAKEN_OVER.isdisjoint(case.outcomes)


def has_news(before: Case | None, after: Case) -> bool:
    """Whether the case system has to be told."""
    if not taken_over(after):
        return before is not None and taken_over(before)
    if before is None or not taken_over(before):
        return True
    return any(getattr(before, name) is not getattr(after, name) for name in _PARTS)


def news(handler: Handler[Case]) -> Handler[Case]:
    """A handler of an event that changes what the case system is told."""

    def noted(
        state: Case | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime
    ) -> Change[Case] | None:
        change = handler(state, event, policy, ids, now)
        if change is None:
            return None
        return Change(replace(change.state, news_at=event.time), change.events)

    return noted


def record(
    command: Record, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Keep what was reached, and stop and start the clocks that wait for it. Told again, it counts
    once. Raises NotFound; InvalidInput for a day that can't be or a child of another referral."""
    case = known(state)
    _refuse(case, command, now)
    before = next((one for one in case.milestones if _same(one, command)), None)
    if before is not None:
        return Change(case), _told(case, before)
    made = Milestone(
        milestone_id=ids(),
        allocation_id=None,
        milestone=command.milestone,
        on=command.on,
        recorded_at=now,
        recorded_by=command.told_by,
        children=command.children,
    )
    changed = replace(case, milestones=(*case.milestones, made))
    event = CaseMilestoneRecorded(milestone=made.milestone, on=made.on, child_ids=command.children)
    change = then(
        Change(changed, (event,)),
        happen(
            changed,
            f"case.milestone_recorded:{made.milestone}",
            moment(made.on, now),
            policy,
            ids,
            only=command.children or None,
        ),
    )
    return change, _told(case, made)


def take(
    told_by: UUID, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Note that the case system has it: once, whatever versions it takes later. Raises NotFound."""
    case = known(state)
    before = next((one for one in case.milestones if one.milestone == HANDED_OVER), None)
    if before is not None:
        return Change(case), _told(case, before)
    today = now.astimezone(LONDON).date()
    return record(Record(HANDED_OVER, today, (), told_by), case, policy, ids, now)


def _same(one: Milestone, command: Record) -> bool:
    return (one.milestone, one.on, set(one.children)) == (
        command.milestone,
        command.on,
        set(command.children),
    )


def _refuse(case: Case, command: Record, now: datetime) -> None:
    errors = [
        FieldError(f"/children/{place}", "This referral has no such child.")
        for place, child in enumerate(command.children)
        if child not in case.children
    ]
    if command.on > now.astimezone(LONDON).date():
        errors.append(FieldError("/on", "This day has not come yet."))
    elif command.on < case.received_at.astimezone(LONDON).date():
        errors.append(FieldError("/on", "This is before the referral was received."))
    if errors:
        raise InvalidInput("invalid_date", "Some fields are wrong.", errors=errors)


def _told(case: Case, one: Milestone) -> Mapping[str, Any]:
    return {
        "id": one.milestone_id,
        "referral_id": case.referral_id,
        "milestone": one.milestone,
        "on": one.on,
        "children": one.children,
        "recorded_at": one.recorded_at,
    }
