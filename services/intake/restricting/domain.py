"""Deciding who may see a referral. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, FieldError, InvalidInput, NotFound
from chassis.restriction.seeing import Restriction
from contracts.codes import GlassBrokenBecause, RestrictedBecause
from contracts.events import ReferralGlassBroken, ReferralRestricted, ReferralUnrestricted
from policy.loading import PackSet
from policy.working_time import LONDON
from services.intake.domain import Case, SealedLater, known

KIND = "restriction"
"""What the words about a restriction are kept as: for those who may see the referral."""


@dataclass(frozen=True, slots=True)
class Restrict:
    """Show a referral to few. `why` says beside the code what there is to say."""

    because: RestrictedBecause
    why: str
    restriction: Restriction
    staff_id: UUID


def restrict(
    state: Case | None, command: Restrict, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Restrict, or change who may see it. Raises InvalidInput where nobody would be left."""
    del policy
    case = known(state)
    lists = command.restriction
    if not lists.names_somebody:
        wrong = FieldError("/allow", "Name a role, or somebody, who may see it.")
        raise InvalidInput("nobody_sees_it", "Nobody could see it any more.", errors=(wrong,))
    event = ReferralRestricted(
        because=command.because,
        roles=tuple(sorted(lists.roles)),
        allowed=tuple(sorted(lists.allowed)),
        denied=tuple(sorted(lists.denied)),
        restricted_at=now,
        staff_id=command.staff_id,
    )
    changed = replace(case, added=(SealedLater(ids(), KIND, now, command.why),))
    return Change(changed, (event,)), {
        "id": case.referral_id,
        "restricted": True,
        "because": event.because,
        "roles": event.roles,
        "allowed": event.allowed,
        "denied": event.denied,
        "restricted_at": now,
    }


@dataclass(frozen=True, slots=True)
class Unrestrict:
    why: str
    staff_id: UUID


def unrestrict(
    state: Case | None, command: Unrestrict, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Take a restriction back."""
    del policy
    case = known(state)
    changed = replace(case, added=(SealedLater(ids(), KIND, now, command.why),))
    event = ReferralUnrestricted(unrestricted_at=now, staff_id=command.staff_id)
    return Change(changed, (event,)), {"id": case.referral_id, "restricted": False}


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """Open a restricted referral that one may not see. `restriction` is as it stands."""

    because: GlassBrokenBecause
    why: str
    staff_id: UUID
    restriction: Restriction | None


def break_glass(
    state: Case | None, command: BreakGlass, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Let somebody of the hub see a restricted referral for as long as the pack says. Raises
    NotFound for those whom it is kept from by name, DomainError where it is not restricted."""
    case = known(state)
    if command.restriction is None:
        raise DomainError("not_restricted", "This referral is not restricted. Open it.")
    if command.staff_id in command.restriction.denied:
        raise NotFound("referral_not_found", "There is no such referral.")
    records = policy.current(case.authority, now.astimezone(LONDON).date()).records
    until = now + timedelta(minutes=records.broken_glass_minutes)
    event = ReferralGlassBroken(
        because=command.because, staff_id=command.staff_id, opened_at=now, until=until
    )
    changed = replace(case, added=(SealedLater(ids(), KIND, now, command.why),))
    return Change(changed, (event,)), {"id": case.referral_id, "until": until}
