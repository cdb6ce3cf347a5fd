"""What is told about who may see a referral: to the hub's manager alone."""

from dataclasses import replace
from datetime import datetime

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import ReferralGlassBroken, ReferralRestricted, ReferralUnrestricted
from policy.loading import PackSet
from services.notifications.domain.case import Audience, Case, Kind
from services.notifications.domain.queueing import queued


def on_restricted(
    state: Case | None,
    event: Event[ReferralRestricted],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """Messages say less from now on."""
    del event, policy, ids, now
    if state is None or state.restricted:
        return None
    return Change(replace(state, restricted=True))


def on_unrestricted(
    state: Case | None,
    event: Event[ReferralUnrestricted],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """Messages say again what they say of any referral."""
    del event, policy, ids, now
    if state is None or not state.restricted:
        return None
    return Change(replace(state, restricted=False))


def on_glass_broken(
    state: Case | None,
    event: Event[ReferralGlassBroken],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """Tell the manager at once that somebody opened a restricted referral."""
    del policy
    if state is None:
        return None
    opened = event.data
    details = {
        "because": opened.because.value,
        "opened_at": opened.opened_at.isoformat(),
        "until": opened.until.isoformat(),
    }
    return queued(
        state,
        event.id,
        Kind.GLASS_ALERT,
        Audience.MANAGER,
        ids,
        now,
        details=details,
        traceparent=event.traceparent,
    )
