"""Folding that a child is another than its form said."""

from datetime import datetime
from typing import Any

from chassis.change import Change, Ids
from contracts.envelope import Event
from policy.loading import PackSet
from services.console.domain.folding import on_told
from services.console.domain.row import Row


def on_corrected(
    state: Row | None, event: Event[Any], policy: PackSet, ids: Ids, now: datetime
) -> Change[Row]:
    """A child is of another age than the form said."""
    change = on_told(state, event, policy, ids, now)
    bands, place = list(change.state.age_bands), event.data.place
    bands[place : place + 1] = [event.data.child.age_band.value]
    return Change(change.state.changed(age_bands=tuple(bands)))
