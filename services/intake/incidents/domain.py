"""Whether two agencies tell of one incident, and what is kept of it. Pure.

The software says so only where practice rule 15 lets it say that the child is the same, or a
person has said that; and where both were worried by the same thing, or quote one incident number.
All else is a question to a person, and a person's word stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from chassis.change import Change, Ids
from contracts.envelope import EventData
from contracts.events import IncidentLinked, IncidentUnlinked
from policy.loading import PackSet
from policy.matching import State
from services.intake.domain import Case, live
from services.intake.incidents.incident import Incident, said_of
from services.intake.people.matches import Role
from services.intake.people.story import by_another, matches_of, within


@dataclass(frozen=True, slots=True)
class Account:
    """What of a form tells one incident from another: codes of concerns, and the number that the
    police gave it."""

    concerns: frozenset[str]
    number: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """That two referrals tell of one incident, or do not; `candidate`, which software alone says:
    that it takes back what it said. `staff_id`: None where software says it."""

    other_referral_id: UUID
    state: State
    staff_id: UUID | None = None


def account(content: str) -> Account:
    """What a form as it was sealed tells."""
    form = from_json(content)
    number = "".join(filter(str.isalnum, form.get("incident_number") or "")).upper()
    concerns = frozenset(
        one["code"] for one in form.get("concerns", ()) if one.get("current", True)
    )
    return Account(concerns, number or None)


def may_be_one(case: Case, other: Case, days: int) -> bool:
    """Whether two referrals may tell of one incident: from two agencies, about a child who is,
    or may be, the same, within `days` of one another."""
    return (
        case.authority == other.authority
        and by_another(case, other)
        and not (case.historic or other.historic)
        and within(case.received_at, other.received_at, days)
        and any(match.state is not State.NOT_SAME for match in _children(case, other))
    )


def is_one(case: Case, other: Case, days: int, one: Account, theirs: Account) -> bool:
    """Whether the software may say that they do."""
    return (
        may_be_one(case, other, days)
        and shares_a_child(case, other)
        and not (one.number and theirs.number and one.number != theirs.number)
        and (
            bool(one.concerns & theirs.concerns)
            or (one.number is not None and one.number == theirs.number)
        )
    )


def shares_a_child(case: Case, other: Case) -> bool:
    """Whether a child of both is linked. Where none is any longer, what software said falls with it."""
    return any(match.state is State.LINKED for match in _children(case, other))


def say(
    state: Case | None, command: Said, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Keep what is said in one of the two. Said again, it changes nothing.

    Raises DomainError for a referral of an earlier system.
    """
    del policy, ids
    case = live(state)
    answer = {
        "referral_id": case.referral_id,
        "other_referral_id": command.other_referral_id,
        "state": command.state,
    }
    before = said_of(case.incidents, command.other_referral_id)
    others = tuple(one for one in case.incidents if one is not before)
    if command.state is State.CANDIDATE:
        if before is None or before.said_by:
            return Change(case), answer
        over = IncidentUnlinked(other_referral_id=command.other_referral_id)
        return Change(replace(case, incidents=others), (over,)), answer
    if before and command.staff_id is None:
        return Change(case), answer
    if before and before.said_by and before.state is command.state:
        return Change(case), answer
    how = "person" if command.staff_id else "matched"
    said_at = now if command.staff_id else None
    after = Incident(command.other_referral_id, command.state, how, command.staff_id, said_at)
    events: tuple[EventData, ...] = ()
    if before is None or before.state is not after.state:
        events = (
            IncidentLinked(other_referral_id=after.other_referral_id, how=how)
            if after.state is State.LINKED
            else IncidentUnlinked(other_referral_id=after.other_referral_id),
        )
    return Change(replace(case, incidents=(*others, after)), events), answer


def _children(case: Case, other: Case) -> Any:
    return (
        match
        for match in matches_of(case, (other,))
        if match.role is not Role.ADULT and match.other_referral_id == other.referral_id
    )
