"""Copying a referral about a child whose case is open to those who hold it (practice rule 15)."""

from datetime import datetime
from typing import Final

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import ReferralKnownElsewhere
from policy.loading import PackSet
from policy.working_time import LONDON
from services.notifications.domain.case import Audience, Case, Kind
from services.notifications.domain.outbox import queued, queued_each

OPEN: Final = "open_social_care"


def on_known_elsewhere(
    state: Case | None,
    event: Event[ReferralKnownElsewhere],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """Tell duty, the manager and the team that has the case, once a referral: it is the referral
    that they are told of, and no name."""
    case = state
    if case is None or any(one.kind is Kind.OPEN_CASE_ALERT for one in case.messages):
        return None
    found = [one for one in event.data.children if one.kind == OPEN]
    if not found:
        return None
    details = {"as_of": event.data.as_of.isoformat()}
    everybody = (Audience.DUTY, Audience.MANAGER)
    change = queued_each(
        case, event.id, Kind.OPEN_CASE_ALERT, everybody, ids, now,
        details=details, traceparent=event.traceparent,
    )  # fmt: skip
    alerts = policy.current(case.authority, now.astimezone(LONDON).date()).messages.alerts
    known = {*alerts.people, *alerts.teams} if alerts else set()
    team = next((one.team for one in found if one.team in known), None)
    if team is None:
        return change
    more = queued(
        change.state, event.id, Kind.OPEN_CASE_ALERT, Audience.TEAM, ids, now,
        details={**details, "person": team}, traceparent=event.traceparent,
    )  # fmt: skip
    return Change(more.state, (*change.events, *more.events))
