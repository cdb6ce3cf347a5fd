"""Joining a call with the written form that follows it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError
from contracts.events import ReferralUpdated
from policy.loading import PackSet
from services.intake.domain import Case, live

FOLLOWS: Final = timedelta(days=14)
"""Until when a form that says that it was telephoned first may be the form of a call."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The written form has come: as a referral of its own, or on paper or as a file (None)."""

    referral_id: UUID | None
    at: datetime


def written(
    state: Case | None, command: Arrived, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Note that the form has come that a caller promised. Raises DomainError where nobody called,
    or where it has come before."""
    del policy, ids
    case = live(state)
    if case.call is None or not case.call.form_awaited:
        raise DomainError("no_form_awaited", "No written form is awaited for this referral.")
    at = min(max(command.at, case.received_at), now)
    call = replace(case.call, written_at=at, written_referral_id=command.referral_id)
    changed = replace(case, version=case.version + 1, updated_at=now, call=call)
    event = ReferralUpdated(
        version=changed.version,
        received_at=at,
        written=True,
        written_referral_id=command.referral_id,
    )
    return Change(changed, (event,)), {
        "referral_id": case.referral_id,
        "written_at": at,
        "written_referral_id": command.referral_id,
        "version": changed.version,
    }


def call_of(form: Case, others: Iterable[Case], quoted: str | None = None) -> Case | None:
    """Of referrals that share a child with `form`, which says that it was telephoned first, or whose
    reference it quotes, the call that it follows: the one of that reference, else the last, by the
    same kind of agency, that still waits for its form."""
    calls = [
        one
        for one in others
        if one.call is not None
        and one.call.form_awaited
        and one.source_agency == form.source_agency
        and timedelta() <= form.received_at - one.received_at <= FOLLOWS
    ]
    return max(calls, key=lambda one: (one.reference == quoted, one.received_at), default=None)
