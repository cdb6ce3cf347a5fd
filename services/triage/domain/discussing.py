"""Discussions as records (practice rule 8): who took part, what was agreed for each child.

A record is never changed: what was left out, or put wrongly, is said in another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from chassis.change import Change, Ids
from chassis.errors import FieldError, InvalidInput
from contracts.codes import ATTENDERS, HEALTH, SOCIAL_CARE
from contracts.events import ChildDiscussed, DiscussionKind, DiscussionRecorded
from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import LONDON
from services.triage.domain.case import (
    Attender,
    Case,
    ChildAgreed,
    Discussion,
    Person,
    in_force,
    known,
)
from services.triage.domain.rules import FEWEST_WORDS, may_decide, still_as_seen

SOON = timedelta(minutes=5)
"""How far a clock of somebody's own may be ahead."""


@dataclass(frozen=True, slots=True)
class RecordDiscussion:
    """`held_at` is aware; `next_on` is a date in England. `safe_contact`: how the parent who is
    harmed may be reached safely, or that it was asked in vain; `marac`: whether it goes there."""

    person: Person
    kind: DiscussionKind
    held_at: datetime
    attended: tuple[Attender, ...]
    shared: str
    children: tuple[ChildAgreed, ...]
    safety_plan: str | None = None
    next_on: date | None = None
    safe_contact: str | None = None
    marac: bool | None = None
    expected_version: int | None = None


def record_discussion(
    state: Case | None, command: RecordDiscussion, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record it. Raises NotFound; Forbidden without the qualification; InvalidInput with a pointer
    to each field; PreconditionFailed where the case has changed since."""
    case = known(state)
    pack = in_force(case, policy, now)
    may_decide(command.person, pack)
    if command.expected_version is not None:
        still_as_seen(case, command.expected_version, decided=False)
    errors = [
        *_attendance(command.kind, command.attended, pack),
        *_children(case, command),
        *_words(command),
        *_times(case, command, now),
    ]
    if errors:
        raise InvalidInput(
            "invalid_discussion", "The record is not complete or not consistent.", errors=errors
        )
    made = Discussion(
        discussion_id=ids(),
        kind=command.kind,
        held_at=command.held_at,
        recorded_at=now,
        person=command.person,
        attended=command.attended,
        shared=command.shared,
        children=command.children,
        safety_plan=command.safety_plan,
        next_on=command.next_on,
        safe_contact=command.safe_contact,
        marac=command.marac,
    )
    event = DiscussionRecorded(
        discussion_id=made.discussion_id,
        kind=made.kind,
        held_at=made.held_at,
        staff_id=command.person.staff_id,
        role=command.person.role,
        agencies=agencies(made),
        children=tuple(
            ChildDiscussed(child_id=one.child_id, enquiry=one.enquiry) for one in made.children
        ),
        next_on=made.next_on,
    )
    changed = replace(
        case,
        version=case.version + 1,
        discussed=(*case.discussed, made),
        last_discussed_at=max(case.last_discussed_at or made.held_at, made.held_at),
        updated_at=now,
    )
    return Change(changed, (event,)), {
        "id": made.discussion_id,
        "referral_id": case.referral_id,
        "kind": made.kind,
        "held_at": made.held_at,
        "section_47": any(one.enquiry for one in made.children),
        "version": changed.version,
    }


def agencies(made: Discussion) -> tuple[str, ...]:
    """The codes of the agencies that took part, each once."""
    return tuple(dict.fromkeys(one.agency for one in made.attended))


def _attendance(kind: DiscussionKind, attended: Sequence[Attender], pack: Pack) -> list[FieldError]:
    errors = [
        FieldError(f"/attended/{place}/agency", "There is no such agency.")
        for place, one in enumerate(attended)
        if one.agency not in ATTENDERS
    ]
    there = {one.agency for one in attended}
    missing = [] if SOCIAL_CARE in there else ["children's social care"]
    if kind is not DiscussionKind.HUB and "police" not in there:
        missing.append("police")
    # Working Together: a strategy discussion is social care, police and health at the least.
    if kind is DiscussionKind.STRATEGY and there.isdisjoint(HEALTH):
        missing.append("health")
    wanted = pack.discussions.attend.get(kind, ())
    missing += [_in_a_sentence(ATTENDERS[one].title) for one in wanted if one not in there]
    if missing:
        errors.append(
            FieldError("/attended", f"Without {' and '.join(missing)} it is no such discussion.")
        )
    elif len(there) < 2:
        errors.append(FieldError("/attended", "Two agencies take part, or more."))
    return errors


def _in_a_sentence(title: str) -> str:
    """A title as it stands inside a sentence; what is all capitals stays so."""
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def _children(case: Case, command: RecordDiscussion) -> list[FieldError]:
    errors = []
    ours = {child.child_id for child in case.children}
    seen = set()
    for place, child in enumerate(command.children):
        here = f"/children/{place}"
        if child.child_id not in ours:
            errors.append(FieldError(f"{here}/child_id", "This referral has no such child."))
        elif child.child_id in seen:
            errors.append(FieldError(f"{here}/child_id", "This child is named twice."))
        seen.add(child.child_id)
        if len(child.agreed.split()) < FEWEST_WORDS:
            errors.append(FieldError(f"{here}/agreed", "Say what was agreed, in a sentence."))
        if child.enquiry and command.kind is not DiscussionKind.STRATEGY:
            errors.append(
                FieldError(f"{here}/enquiry", "A strategy discussion decides on an enquiry.")
            )
    missing = len(ours - seen)
    if missing:
        errors.append(
            FieldError("/children", f"Say what was agreed for every child: {missing} without it.")
        )
    return errors


def _words(command: RecordDiscussion) -> list[FieldError]:
    errors = []
    if len(command.shared.split()) < FEWEST_WORDS:
        errors.append(FieldError("/shared", "Say what was shared, in a sentence or more."))
    if command.kind is DiscussionKind.STRATEGY and not (command.safety_plan or "").strip():
        errors.append(FieldError("/safety_plan", "Say what keeps the children safe meanwhile."))
    if command.kind is DiscussionKind.DOMESTIC_ABUSE_TRIAGE:
        if not (command.safe_contact or "").strip():
            errors.append(
                FieldError(
                    "/safe_contact", "Say how they are reached safely, or that nobody knows."
                )
            )
        if command.marac is None:
            errors.append(FieldError("/marac", "Say whether it goes to the MARAC."))
    return errors


def _times(case: Case, command: RecordDiscussion, now: datetime) -> list[FieldError]:
    errors = []
    if command.held_at > now + SOON:
        errors.append(FieldError("/held_at", "It is recorded once it has been held."))
    elif command.held_at < case.facts.received_at:
        errors.append(FieldError("/held_at", "That was before the referral was received."))
    if command.next_on and command.next_on < command.held_at.astimezone(LONDON).date():
        errors.append(FieldError("/next_on", "The next date is not before this one."))
    return errors
