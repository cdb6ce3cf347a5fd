"""Both sides are told of a disagreement: whoever disagreed that it is with somebody, and by when;
what was answered; and the hub's manager that an answer is owed."""

from datetime import datetime

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import (
    DisagreementAnswered,
    DisagreementEscalated,
    DisagreementRaised,
    DisagreementResolved,
)
from policy.loading import PackSet
from services.notifications.domain.case import Audience, Case, Kind
from services.notifications.domain.outbox import known, queued_each


def on_raised(
    state: Case | None,
    event: Event[DisagreementRaised] | Event[DisagreementEscalated],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """An answer is owed: the referrer hears from whom and by when, the manager that it is."""
    del policy
    said = event.data
    details = {
        "stage": str(said.stage),
        "said": "raised" if isinstance(said, DisagreementRaised) else "further",
        "urgent": "yes" if said.immediate_risk else "no",
        **({"due_at": said.by.isoformat()} if said.by else {}),
    }
    return _told(known(state), event, details, ids, now, (Audience.REFERRER, Audience.MANAGER))


def on_answered(
    state: Case | None, event: Event[DisagreementAnswered], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """The hub has answered."""
    del policy
    said = event.data
    details = {"stage": str(said.stage), "said": "answered", "outcome": said.outcome}
    return _told(known(state), event, details, ids, now, (Audience.REFERRER,))


def on_resolved(
    state: Case | None, event: Event[DisagreementResolved], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """It is over: the manager hears how it ended."""
    del policy
    said = event.data
    details = {"stage": str(said.stage), "said": "resolved", "outcome": said.outcome}
    return _told(known(state), event, details, ids, now, (Audience.MANAGER,))


def _told(
    case: Case,
    event: Event[DisagreementRaised]
    | Event[DisagreementEscalated]
    | Event[DisagreementAnswered]
    | Event[DisagreementResolved],
    details: dict[str, str],
    ids: Ids,
    now: datetime,
    audiences: tuple[Audience, ...],
) -> Change[Case]:
    return queued_each(
        case,
        event.id,
        Kind.DISAGREEMENT,
        audiences,
        ids,
        now,
        details=details,
        traceparent=event.traceparent,
    )
