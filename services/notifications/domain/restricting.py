"""What is told about who may see a referral, to the hub's manager and to the designated officer;
and whether its family knows."""

from dataclasses import replace
from datetime import datetime

from chassis.change import Change, Ids
from contracts.codes import KNEW_ALREADY, RestrictedBecause
from contracts.envelope import Event
from contracts.events import (
    CaseMilestoneRecorded,
    ReferralGlassBroken,
    ReferralRestricted,
    ReferralUnrestricted,
)
from policy.loading import PackSet
from services.notifications.domain.alleging import alleged
from services.notifications.domain.case import Audience, Case, FamilyTold, Kind, State
from services.notifications.domain.copying import HUB
from services.notifications.domain.outbox import cancelled, queued

FAMILY_TOLD = "family_told"
UNSENT = frozenset({State.QUEUED, State.HELD})


def on_milestone(
    state: Case | None,
    event: Event[CaseMilestoneRecorded],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """Note whether the family was told: the decision's message says so to whoever referred."""
    del policy, ids, now
    said = event.data
    if state is None or state.erased or said.milestone != FAMILY_TOLD:
        return None
    if said.not_because is None:
        family = FamilyTold(on=said.on)
    else:
        family = FamilyTold(withheld=said.not_because != KNEW_ALREADY)
    return Change(replace(state, family=family))


def on_restricted(
    state: Case | None,
    event: Event[ReferralRestricted],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Case] | None:
    """Messages say less from now on, whoever has an open case is not told any more, and the
    designated officer hears of an allegation."""
    del policy
    if state is None:
        return None
    messages = tuple(
        cancelled(one, "restricted")
        if one.kind is Kind.OPEN_CASE_ALERT and one.audience not in HUB and one.state in UNSENT
        else one
        for one in state.messages
    )
    case = replace(state, restricted=True, messages=messages)
    if event.data.because is RestrictedBecause.ALLEGATION_AGAINST_PROFESSIONAL:
        return alleged(case, event.id, event.traceparent, ids, now)
    return None if state.restricted else Change(case)


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
