"""Copying a referral about a child whose case is open to those who hold it (practice rule 15)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid5

from chassis.change import Change, Ids
from contracts.envelope import Event, EventData
from contracts.events import KnownElsewhere, ReferralKnownElsewhere
from policy.loading import PackSet
from policy.working_time import LONDON
from services.notifications.domain.case import Audience, Case, Kind
from services.notifications.domain.outbox import queued, queued_each

OPEN: Final = "open_social_care"
# Who hears of it however few may see the referral.
HUB = (Audience.DUTY, Audience.MANAGER)


def on_known_elsewhere(
    state: Case | None,
    event: Event[ReferralKnownElsewhere],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """Tell duty, the manager and the team that has the case, once a referral, and each worker who
    has it, once they are known: it is the referral that they are told of, and no name. Of a
    restricted one duty and the manager alone are told: it may be about whoever has the case."""
    found = [one for one in event.data.children if one.kind == OPEN]
    if state is None or not found:
        return None
    case, events = state, list[EventData]()
    for tell in (_hub_and_team, _workers):
        change = tell(case, event, found, policy, ids, now)
        case, events = change.state, [*events, *change.events]
    return Change(case, tuple(events)) if events else None


def _hub_and_team(
    case: Case,
    event: Event[ReferralKnownElsewhere],
    found: Sequence[KnownElsewhere],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case]:
    if any(one.kind is Kind.OPEN_CASE_ALERT for one in case.messages):
        return Change(case)
    details = {"as_of": event.data.as_of.isoformat()}
    change = queued_each(
        case, event.id, Kind.OPEN_CASE_ALERT, HUB, ids, now,
        details=details, traceparent=event.traceparent,
    )  # fmt: skip
    alerts = policy.current(case.authority, now.astimezone(LONDON).date()).messages.alerts
    known = {*alerts.people, *alerts.teams} if alerts else set()
    team = next((one.team for one in found if one.team in known), None)
    if team is None or case.restricted:
        return change
    more = queued(
        change.state, event.id, Kind.OPEN_CASE_ALERT, Audience.TEAM, ids, now,
        details={**details, "person": team}, traceparent=event.traceparent,
    )  # fmt: skip
    return Change(more.state, (*change.events, *more.events))


def _workers(
    case: Case,
    event: Event[ReferralKnownElsewhere],
    found: Sequence[KnownElsewhere],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case]:
    """Where they are written to is looked up when it goes: an account may come or go meanwhile."""
    del policy
    if case.restricted:
        return Change(case)
    told = {
        (one.details or {}).get("worker")
        for one in case.messages
        if one.kind is Kind.OPEN_CASE_ALERT
    }
    change: Change[Case] = Change(case)
    for worker in sorted({one.worker for one in found if one.worker} - told):
        # A cause of its own for each: of one cause there is one message to each audience.
        more = queued(
            change.state, uuid5(event.id, worker), Kind.OPEN_CASE_ALERT, Audience.WORKER, ids, now,
            details={"as_of": event.data.as_of.isoformat(), "worker": worker},
            traceparent=event.traceparent,
        )  # fmt: skip
        change = Change(more.state, (*change.events, *more.events))
    return change
