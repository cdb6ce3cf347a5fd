"""What people answer to work that they were given or offered: they take it on, or decline."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, Forbidden, PreconditionFailed
from contracts.events import AllocationAccepted, AllocationDeclined, AssigneeKind
from policy.allocation import WhyNot
from policy.loading import PackSet
from services.allocation.domain.assigning import end_work
from services.allocation.domain.case import (
    NO_ANSWER,
    Allocation,
    AllocationState,
    Barred,
    Case,
    Note,
    exchanged,
    held,
    known,
)
from services.allocation.domain.moving import received
from services.allocation.domain.timing import happen, then

# Who may say that a team has taken work on.
ACCEPTING = {
    AssigneeKind.DUTY: frozenset({"duty", "manager", "practitioner"}),
    AssigneeKind.TEAM: frozenset({"practitioner", "manager", "coordinator"}),
    AssigneeKind.LEAD_PROFESSIONAL: frozenset({"coordinator", "manager"}),
    AssigneeKind.PANEL: frozenset({"coordinator", "panel_chair", "manager"}),
}
# Who may answer for a worker whom work was offered, beside themselves.
ANSWERING = frozenset({"coordinator", "manager"})


class Because(StrEnum):
    """Why somebody declines."""

    NO_ROOM = "no_room"
    AWAY = "away"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    KNOWS_FAMILY = "knows_family"
    NOT_SUITED = "not_suited"
    FAMILY_WANTS_ANOTHER = "family_wants_another"
    OTHER = "other"


# Who knows the family privately is asked about none of its referrals again.
PRIVATE = frozenset({Because.CONFLICT_OF_INTEREST, Because.KNOWS_FAMILY})


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers. `answers_for`: the workers who are they themselves, or of their organisation."""

    person_id: UUID
    roles: frozenset[str]
    answers_for: frozenset[UUID] = frozenset()

    def refuse(self, one: Allocation) -> None:
        """Raises Forbidden for who can't speak for whoever has this."""
        if one.worker_id is None:
            allowed = not self.roles.isdisjoint(ACCEPTING[one.kind])
        else:
            allowed = one.worker_id in self.answers_for or not self.roles.isdisjoint(ANSWERING)
        if not allowed:
            raise Forbidden("role_needed", "Your role does not take on this work.")


@dataclass(frozen=True, slots=True)
class Accept:
    """Somebody takes on what they, or their team, were given."""

    allocation_id: UUID
    who: Answerer
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """Somebody hands back what they were offered."""

    allocation_id: UUID
    who: Answerer
    because: Because
    note: str | None = field(default=None, repr=False)
    expected_version: int | None = None


def accept(
    state: Case | None, command: Accept, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Record who took the work on, and stop the clocks that wait for a person. What it was offered
    from ends, and so do other offers of the same work.

    Raises NotFound; Forbidden for a role that doesn't do this; DomainError when somebody was
    first, when it was declined, or when it has ended; PreconditionFailed.
    """
    case = known(state)
    found = held(case, command.allocation_id)
    command.who.refuse(found)
    _as_seen(found, command.expected_version)
    _still_open(found)
    accepted = replace(
        found,
        state=AllocationState.ACCEPTED,
        accepted_at=now,
        accepted_by=command.who.person_id,
        look_at=None,
        waiting=None,
    )
    changed = exchanged(case, accepted)
    event = AllocationAccepted(
        allocation_id=found.allocation_id, staff_id=command.who.person_id, accepted_at=now
    )
    change = then(
        Change(changed, (event,)),
        happen(
            changed,
            f"allocation.accepted:{found.kind}",
            now,
            policy,
            ids,
            subject_id=found.allocation_id,
        ),
    )
    over, reason = _over(case, found)
    change = then(change, end_work(change.state, over, reason, now, policy, ids))
    change = then(change, received(change.state, found, policy, ids, now))
    return change, _told(case, accepted, found)


def decline(
    state: Case | None, command: Decline, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Hand an offer back with a reason: the next is asked at once.

    Raises NotFound, Forbidden, PreconditionFailed; DomainError where it was answered before, has
    ended, or is a team's, which hands nothing back by itself.
    """
    case = known(state)
    found = held(case, command.allocation_id)
    command.who.refuse(found)
    _as_seen(found, command.expected_version)
    if found.worker_id is None:
        raise DomainError("not_an_offer", "This was given to a team, and offered to nobody.")
    _still_open(found)
    declined = replace(
        found, state=AllocationState.DECLINED, ended_at=now, answer=command.because.value
    )
    changed = exchanged(case, declined)
    why = WhyNot.CONFLICT_OF_INTEREST if command.because in PRIVATE else WhyNot.DECLINED
    changed = replace(
        changed,
        barred=barring(changed.barred, found.worker_id, why),
        notes=noted(
            changed.notes, found.allocation_id, "declined", command.note, command.who, ids, now
        ),
    )
    parent = next(
        (one for one in changed.allocations if one.allocation_id == found.offered_of), None
    )
    if parent is not None and parent.state is AllocationState.ASSIGNED:
        look_at = None if case.restricted else now
        changed = exchanged(changed, replace(parent, look_at=look_at))
    event = AllocationDeclined(
        allocation_id=found.allocation_id,
        staff_id=command.who.person_id,
        reason=command.because.value,
    )
    change = then(
        Change(changed, (event,)),
        happen(
            changed,
            f"allocation.declined:{found.kind}",
            now,
            policy,
            ids,
            subject_id=found.allocation_id,
        ),
    )
    return change, _told(case, declined, found)


def barring(barred: tuple[Barred, ...], worker_id: UUID, why: WhyNot | None) -> tuple[Barred, ...]:
    """With a worker barred, once; or no longer, where `why` is None."""
    others = tuple(one for one in barred if one.worker_id != worker_id)
    return others if why is None else (*others, Barred(worker_id, why))


def noted(
    notes: tuple[Note, ...],
    about: UUID,
    kind: str,
    text: str | None,
    who: Answerer,
    ids: Ids,
    now: datetime,
) -> tuple[Note, ...]:
    """With what was written, if anything was."""
    return (*notes, Note(ids(), about, kind, text, who.person_id, now)) if text else notes


def _as_seen(one: Allocation, expected_version: int | None) -> None:
    if expected_version is not None and expected_version != one.version:
        raise PreconditionFailed("allocation_changed", "This has changed. Read it again.")


def _still_open(one: Allocation) -> None:
    if one.state is AllocationState.ACCEPTED:
        raise DomainError("already_accepted", "Somebody has taken this on before you.")
    if one.state is AllocationState.DECLINED:
        raise DomainError("offer_declined", "This was declined, and the next was asked.")
    if one.state is AllocationState.ENDED and one.answer == NO_ANSWER:
        raise DomainError("offer_lapsed", "This was not answered in time, and the next was asked.")
    if one.state is AllocationState.ENDED:
        raise DomainError("allocation_ended", "This work has ended.")


def _over(case: Case, accepted: Allocation) -> tuple[set[UUID], str]:
    """What ends when somebody takes work on, and why. Who leads jointly ends nothing."""
    if accepted.worker_id is None:
        offers = {
            one.allocation_id
            for one in case.allocations
            if one.offered_of == accepted.allocation_id
        }
        return offers, "team_accepted"
    if accepted.joint or accepted.offered_of is None:
        return set(), "led"
    beside = {
        one.allocation_id
        for one in case.allocations
        if one.offered_of == accepted.offered_of
        and not one.joint
        and one.allocation_id != accepted.allocation_id
    }
    return {accepted.offered_of, *beside}, "led"


def _told(case: Case, after: Allocation, before: Allocation) -> Mapping[str, Any]:
    return {
        "id": after.allocation_id,
        "referral_id": case.referral_id,
        "state": after.state,
        "accepted_at": after.accepted_at,
        "version": before.version + 1,
    }
