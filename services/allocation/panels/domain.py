"""What is decided about panels. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, FieldError, InvalidInput, NotFound
from contracts.codes import AGENCIES
from contracts.events import AgreementStatus, AssigneeKind, PanelConcluded, PanelListed
from policy.allocation import Panel, next_meeting
from policy.loading import PackSet
from policy.working_time import Calendar
from services.allocation.actions.domain import in_time, reached, within_role
from services.allocation.domain.answering import Answerer, noted
from services.allocation.domain.assigning import end_work
from services.allocation.domain.case import (
    Allocation,
    AllocationState,
    Case,
    exchanged,
    held,
    known,
)
from services.allocation.domain.tabling import Action, Item, ItemState, PanelOutcome
from services.allocation.domain.timing import happen, then

# How far ahead meetings are looked for room.
MEETINGS_AHEAD: Final = 13
# How long until a meeting with room is looked for again.
LOOK_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Meeting:
    """What became of one meeting. `attended` are the agencies that were there."""

    authority: str
    panel: str
    held_on: date
    attended: tuple[str, ...]
    recorded_by: UUID
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """An action as it is agreed, of a kind of agency, and of a worker there where one is named.
    `kind` is a code of `contracts.codes.asking`; `text` is personal."""

    owner: str
    kind: str
    by: date
    text: str = field(repr=False)
    worker_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Conclude:
    """What a panel concludes on an item. `quorate`: enough of its members were recorded there."""

    item_id: UUID
    outcome: PanelOutcome
    who: Answerer
    today: date
    quorate: bool
    next_on: date | None = None
    note: str | None = field(default=None, repr=False)
    actions: tuple[Asked, ...] = ()


def dates(panel: Panel, after: date, calendar: Calendar, count: int) -> tuple[date, ...]:
    """The panel's next meetings after a day."""
    found: list[date] = []
    while len(found) < count:
        after = next_meeting(panel, after, calendar)
        found.append(after)
    return tuple(found)


def quorate(panel: Panel, attended: Collection[str]) -> bool:
    """Whether enough of the panel's members were there."""
    return len(set(panel.members) & set(attended)) >= panel.quorum


def room(panel: Panel, after: date, calendar: Calendar, taken: Mapping[date, int]) -> date | None:
    """The next meeting with room for one more item; None where there is none for long."""
    return next(
        (
            one
            for one in dates(panel, after, calendar, MEETINGS_AHEAD)
            if taken.get(one, 0) < panel.capacity
        ),
        None,
    )


def to_list(case: Case, now: datetime) -> tuple[Allocation, ...]:
    """A panel's work that stands on no agenda and is looked for now."""
    listed = {one.allocation_id for one in case.items if one.state is ItemState.LISTED}
    return tuple(
        one
        for one in case.allocations
        if one.kind is AssigneeKind.PANEL
        and one.state is AllocationState.ASSIGNED
        and one.look_at is not None
        and one.look_at <= now
        and one.allocation_id not in listed
    )


def put_on_agenda(
    case: Case,
    allocation: Allocation,
    meeting_on: date | None,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case]:
    """Put a panel's work on the agenda of a meeting; without one it is looked at again later. The
    clocks of an item count from its first listing: what is deferred wins no time."""
    if meeting_on is None:
        later = replace(allocation, waiting="no_meeting", look_at=now + LOOK_AGAIN)
        return Change(exchanged(case, later))
    item = Item(
        item_id=ids(),
        allocation_id=allocation.allocation_id,
        panel=allocation.assignee,
        meeting_on=meeting_on,
        thematic=is_thematic(case),
        state=ItemState.LISTED,
        listed_at=now,
    )
    settled = exchanged(case, replace(allocation, look_at=None, waiting=None))
    event = PanelListed(
        panel_id=item.panel, meeting_on=meeting_on, thematic=item.thematic, item_id=item.item_id
    )
    change = Change(replace(settled, items=(*case.items, item)), (event,))
    if any(one.allocation_id == item.allocation_id for one in case.items):
        return change
    heard = happen(change.state, "panel.listed", now, policy, ids, subject_id=item.item_id)
    return then(change, heard)


def is_thematic(case: Case) -> bool:
    """A named child goes to a panel with the family's agreement alone."""
    return case.agreement is not AgreementStatus.GIVEN


def move(
    item_id: UUID,
    meeting_on: date,
    choices: Sequence[date],
    taken: Mapping[date, int],
    capacity: int,
    state: Case | None,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Move an item to another meeting of its panel: it is listed at one meeting.

    Raises NotFound; InvalidInput for a day that is past or none of the panel's (`choices`);
    DomainError where the item was concluded, or the meeting is full.
    """
    del policy, ids
    case = known(state)
    item = _item(case, item_id)
    if meeting_on not in choices:
        wrong = FieldError("/meeting_on", "The panel does not meet on this day from now on.")
        raise InvalidInput("no_meeting", "Some fields are wrong.", errors=(wrong,))
    if meeting_on != item.meeting_on and taken.get(meeting_on, 0) >= capacity:
        raise DomainError("meeting_full", "This meeting has no room for another item.")
    moved = replace(item, meeting_on=meeting_on, thematic=is_thematic(case), listed_at=now)
    event = PanelListed(
        panel_id=item.panel, meeting_on=meeting_on, thematic=moved.thematic, item_id=item.item_id
    )
    return Change(_with(case, moved), (event,)), _told(case, moved)


def conclude(
    command: Conclude, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record what the panel agreed, with actions. A theme is noted and no more; deferred goes to the
    panel's next meeting.

    Raises NotFound; InvalidInput for an action that can't be; DomainError before the meeting,
    without quorum, or where it was concluded before.
    """
    case = known(state)
    item = _item(case, command.item_id)
    work = held(case, item.allocation_id)
    if not work.open:
        raise DomainError("allocation_ended", "This work has ended.")
    if command.today < item.meeting_on:
        raise DomainError("meeting_to_come", "This meeting has not been held yet.")
    deferred = command.outcome is PanelOutcome.DEFERRED
    if not command.quorate and not deferred:
        raise DomainError(
            "not_quorate", "Too few members were recorded there: the item can only be deferred."
        )
    if is_thematic(case) and command.outcome not in {
        PanelOutcome.THEME_NOTED,
        PanelOutcome.DEFERRED,
    }:
        raise DomainError(
            "agreement_needed", "Without the family's agreement a panel can note the theme alone."
        )
    _refuse_actions(command)
    actions = tuple(
        Action.asked(ids(), one.owner, one.kind, one.by, one.worker_id, now)
        for one in command.actions
    )
    done = replace(
        item,
        state=ItemState.DEFERRED if deferred else ItemState.CONCLUDED,
        outcome=command.outcome,
        concluded_at=now,
        actions=actions,
    )
    notes = noted(case.notes, item.item_id, "panel", command.note, command.who, ids, now)
    for action, said in zip(actions, command.actions, strict=True):
        notes = noted(notes, action.action_id, "action", said.text, command.who, ids, now)
    changed = replace(_with(case, done), notes=notes)
    event = PanelConcluded(
        panel_id=item.panel,
        meeting_on=item.meeting_on,
        outcome=command.outcome.value,
        item_id=item.item_id,
    )
    change = Change(changed, (event,))
    for one in actions:
        change = then(change, reached(change.state, one, policy, ids, now))
    if deferred:
        again = put_on_agenda(change.state, work, command.next_on, policy, ids, now)
        change = then(change, again)
    else:
        for each in changed.items:
            # What was deferred until now was never concluded: its clock stops here too.
            if each.allocation_id == item.allocation_id:
                heard = happen(
                    change.state, "panel.concluded", now, policy, ids, subject_id=each.item_id
                )
                change = then(change, heard)
        change = then(
            change,
            end_work(change.state, {item.allocation_id}, "panel_concluded", now, policy, ids),
        )
    return change, _told(case, done)


def _item(case: Case, item_id: UUID) -> Item:
    for one in case.items:
        if one.item_id == item_id:
            if one.state is not ItemState.LISTED:
                raise DomainError("item_concluded", "This item stands on no agenda any more.")
            return one
    raise NotFound("item_not_found", "There is no such item.")


def _with(case: Case, item: Item) -> Case:
    return replace(
        case,
        items=tuple(item if one.item_id == item.item_id else one for one in case.items),
    )


def _refuse_actions(command: Conclude) -> None:
    errors: list[FieldError] = []
    for place, one in enumerate(command.actions):
        at = f"/actions/{place}"
        if one.owner in AGENCIES:
            errors += within_role(one.kind, one.owner, at)
        else:
            errors.append(FieldError(f"{at}/owner", "There is no such agency."))
        errors += in_time(one.by, command.today, at)
    if errors:
        raise InvalidInput("invalid_action", "Some fields are wrong.", errors=errors)


def _told(case: Case, item: Item) -> Mapping[str, Any]:
    return {
        "id": item.item_id,
        "referral_id": case.referral_id,
        "panel": item.panel,
        "meeting_on": item.meeting_on,
        "thematic": item.thematic,
        "state": item.state,
        "outcome": item.outcome,
        "actions": [
            {
                "id": one.action_id,
                "owner": one.owner,
                "kind": one.kind,
                "by": one.by,
                "state": one.state,
            }
            for one in item.actions
        ],
    }
