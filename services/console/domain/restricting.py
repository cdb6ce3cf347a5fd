"""Folding who may see a referral: few, somebody who opened it, or nobody any more."""

from datetime import datetime
from typing import Any

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import ReferralGlassBroken, ReferralRestricted, ReferralUnrestricted
from policy.loading import PackSet
from services.console.domain.folding import UNCLAIMED
from services.console.domain.folding import _noted as noted
from services.console.domain.row import Row, Stage


def on_restricted(
    state: Row | None, event: Event[ReferralRestricted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row] | None:
    """Few see it from now on; the chassis keeps who."""
    del policy, ids, now
    if state is None:
        return None
    codes = {"because": event.data.because}
    return noted(state, event, codes, at=event.data.restricted_at, restricted=True)


def on_unrestricted(
    state: Row | None, event: Event[ReferralUnrestricted], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row] | None:
    """Everybody of the hub sees it again."""
    del policy, ids, now
    if state is None:
        return None
    return noted(state, event, {}, at=event.data.unrestricted_at, restricted=False)


def on_glass_broken(
    state: Row | None, event: Event[ReferralGlassBroken], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row] | None:
    """Somebody opened it with a reason. Who it was stands in the audit trail."""
    del policy, ids, now
    if state is None:
        return None
    return noted(state, event, {"because": event.data.because}, at=event.data.opened_at)


def on_erased(
    state: Row | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row] | None:
    """Nobody is shown it any more."""
    del policy, ids, now
    if state is None:
        return None
    return noted(
        state,
        event,
        {"reason": event.data.reason},
        at=event.data.erased_at,
        stage=Stage.ERASED,
        clocks=(),
        **UNCLAIMED,
    )
