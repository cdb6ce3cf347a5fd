"""What a referrer hears of a referral after it was decided: who took it on, what a panel agreed, that the
help ended. Who may not know what was decided hears none of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import (
    AllocationAccepted,
    AllocationMade,
    AssigneeKind,
    CaseClosed,
    PanelConcluded,
)
from policy.loading import PackSet
from services.notifications.domain.case import Audience, Case, Kind, Offer
from services.notifications.domain.outbox import known, queued

# Whose acceptance the referrer hears of. Duty is not news to them; of a panel they hear what it agreed.
TOLD_OF = frozenset({AssigneeKind.LEAD_PROFESSIONAL, AssigneeKind.TEAM})


def on_offered(
    state: Case | None, event: Event[AllocationMade], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Remember whom the work went to, for when they accept it."""
    del policy, ids, now
    case = known(state)
    made = event.data
    others = tuple(offer for offer in case.offers if offer.allocation_id != made.allocation_id)
    offer = Offer(made.allocation_id, made.kind, made.assignee)
    return Change(replace(case, offers=(*others, offer)))


def on_accepted(
    state: Case | None, event: Event[AllocationAccepted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """A lead professional or a team has taken it on."""
    del policy
    case = known(state)
    accepted = event.data.allocation_id
    offer = next((each for each in case.offers if each.allocation_id == accepted), None)
    if offer is None or offer.kind not in TOLD_OF:
        return None
    details = {"assignee_kind": offer.kind.value, "assignee": offer.assignee}
    return _told(case, event, Kind.ALLOCATION, details, ids, now)


def on_panel_concluded(
    state: Case | None, event: Event[PanelConcluded], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """A panel agreed something, or looks at it again."""
    del policy
    concluded = event.data
    details = {
        "panel": concluded.panel_id,
        "meeting_on": concluded.meeting_on.isoformat(),
        "outcome": concluded.outcome,
    }
    return _told(known(state), event, Kind.PANEL_OUTCOME, details, ids, now)


def on_case_closed(
    state: Case | None, event: Event[CaseClosed], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """The help has ended. Why is the family's own."""
    del policy
    return _told(known(state), event, Kind.HELP_ENDED, {}, ids, now)


def _told(
    case: Case,
    event: Event[AllocationAccepted] | Event[PanelConcluded] | Event[CaseClosed],
    kind: Kind,
    details: Mapping[str, str],
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    if not case.decided or case.public:
        return None
    return queued(
        case,
        event.id,
        kind,
        Audience.REFERRER,
        ids,
        now,
        details=details,
        traceparent=event.traceparent,
    )
