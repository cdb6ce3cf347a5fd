"""Folding that another agency tells of the same incident."""

from datetime import datetime
from typing import Any

from chassis.change import Change, Ids
from contracts.envelope import Event
from policy.loading import PackSet
from services.console.domain.folding import on_told
from services.console.domain.row import Row


def on_incident_linked(
    state: Row | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """The queue says so beside either of the two."""
    change = on_told(state, event, policy, ids, now)
    told = {*change.state.incidents, event.data.other_referral_id}
    return Change(change.state.changed(incidents=tuple(sorted(told))))


def on_incident_unlinked(
    state: Row | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """Somebody says that they are two."""
    change = on_told(state, event, policy, ids, now)
    left = {*change.state.incidents} - {event.data.other_referral_id}
    return Change(change.state.changed(incidents=tuple(sorted(left))))
