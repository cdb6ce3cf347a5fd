"""Telling the authority's designated officer (LADO) that somebody who works with children is said to
have done harm (practice rule 10)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import ReferralSubmitted
from policy.loading import PackSet
from services.notifications.domain import queueing
from services.notifications.domain.case import Audience, Case, Kind
from services.notifications.domain.outbox import queued

OFFICER: Final = "designated officer"
"""By what words a pack says their address (`messages.alerts.people`); without one the manager is
told."""


def on_submitted(
    state: Case | None, event: Event[ReferralSubmitted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Acknowledge; and tell the designated officer of what is restricted from the first second."""
    change = queueing.on_submitted(state, event, policy, ids, now)
    if change is None or not event.data.restricted:
        return change
    told = alleged(change.state, event.id, event.traceparent, ids, now)
    return Change(told.state, (*change.events, *told.events))


def alleged(
    case: Case, cause: UUID, traceparent: str | None, ids: Ids, now: datetime
) -> Change[Case]:
    """Tell the designated officer, once a referral."""
    if any(one.kind is Kind.ALLEGATION_ALERT for one in case.messages):
        return Change(case)
    return queued(
        case,
        cause,
        Kind.ALLEGATION_ALERT,
        Audience.MANAGER,
        ids,
        now,
        details={"person": OFFICER},
        traceparent=traceparent,
    )
