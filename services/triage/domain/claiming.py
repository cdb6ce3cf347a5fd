"""Claims: somebody says that they are reading a referral, so that two people don't do the same work
(practice rule 9). A claim ends by itself; nobody has to remember to give it back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.change import Change, Ids
from chassis.errors import DomainError, Forbidden
from contracts.events import Rag, TriageClaimed, TriageReleased
from policy.claiming import lapses_at
from policy.loading import PackSet
from policy.working_time import LONDON
from services.triage.domain.case import Case, Claim, Person, Status, known


@dataclass(frozen=True, slots=True)
class TakeClaim:
    """`take_over`: a manager takes it from whoever has it."""

    person: Person
    take_over: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    person: Person


def claim(
    state: Case | None, command: TakeClaim, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Say who is reading it. Whoever has it already may claim it again, for longer.

    Raises NotFound; DomainError where it is decided, or somebody else has it; Forbidden where
    somebody who is no manager would take it over.
    """
    del ids
    case = known(state)
    person = command.person
    if case.status is not Status.TO_DECIDE:
        raise DomainError("already_decided", "There is nothing to decide about this referral.")
    held = standing(case, now)
    taken_from = None
    if held is not None and held.staff_id != person.staff_id:
        if not command.take_over:
            raise claimed_by_another(held)
        if "manager" not in person.roles:
            raise Forbidden("manager_needed", "A manager takes over what somebody else is reading.")
        taken_from = held.staff_id
    pack = policy.version(case.authority, case.facts.pack_version)
    made = Claim(person.staff_id, person.name, person.role, now, lapses_at(pack, case.rag, now))
    event = TriageClaimed(
        staff_id=made.staff_id, role=made.role, lapses_at=made.lapses_at, taken_from=taken_from
    )
    return Change(replace(case, claim=made, updated_at=now), (event,)), _told(case, made)


def release(
    state: Case | None, command: Release, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Give it back: whoever has it, or a manager. Raises NotFound; DomainError where nobody has
    it; Forbidden where somebody else has."""
    del policy, ids
    case = known(state)
    held, person = standing(case, now), command.person
    if held is None:
        raise DomainError("not_claimed", "Nobody has claimed this referral.")
    if held.staff_id != person.staff_id and "manager" not in person.roles:
        raise Forbidden("manager_needed", "A manager ends the claim of somebody else.")
    event = TriageReleased(staff_id=held.staff_id, role=held.role)
    return Change(replace(case, claim=None, updated_at=now), (event,)), _told(case, None)


def lapse(state: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
    """End a claim whose time has passed. None where there is none such any more."""
    del policy, ids
    held = state.claim
    if held is None or held.lapses_at > now:
        return None
    event = TriageReleased(staff_id=held.staff_id, role=held.role, lapsed=True)
    return Change(replace(state, claim=None, updated_at=now), (event,))


def standing(case: Case, now: datetime) -> Claim | None:
    """The claim that holds at `now`."""
    return case.claim if case.claim is not None and case.claim.lapses_at > now else None


def not_anothers(case: Case, person: Person, now: datetime) -> None:
    """Raise DomainError where somebody else is reading it. A manager may decide all the same."""
    held = standing(case, now)
    if held is not None and held.staff_id != person.staff_id and "manager" not in person.roles:
        raise claimed_by_another(held)


def hastened(case: Case, policy: PackSet, now: datetime) -> Case:
    """A case that has become Red while somebody reads it: their claim lapses as one of a Red."""
    if case.claim is None or case.rag is not Rag.RED:
        return case
    pack = policy.version(case.authority, case.facts.pack_version)
    until = min(case.claim.lapses_at, lapses_at(pack, Rag.RED, now))
    return replace(case, claim=replace(case.claim, lapses_at=until))


def claimed_by_another(held: Claim) -> DomainError:
    until = held.lapses_at.astimezone(LONDON)
    return DomainError(
        "claimed_by_another",
        f"A {held.role} is reading this referral, until {until:%H:%M} unless they give it back"
        " before. A manager may take it over.",
    )


def _told(case: Case, made: Claim | None) -> Mapping[str, Any]:
    return {"referral_id": case.referral_id, "state": case.status, "claim": shown(made)}


def shown(claim: Claim | None) -> Mapping[str, Any] | None:
    """A claim as the hub's staff see it."""
    if claim is None:
        return None
    return {
        "staff_id": claim.staff_id,
        "by": claim.name,
        "role": claim.role,
        "claimed_at": claim.claimed_at,
        "lapses_at": claim.lapses_at,
    }
