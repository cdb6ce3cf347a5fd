"""Folding that somebody is another than the form said, or lives somewhere else."""

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
    """A child is of another age than the form said, or the family lives somewhere else."""
    row = on_told(state, event, policy, ids, now).state
    child, place, home = event.data.child, event.data.place, event.data.home
    if child is not None and place is not None:
        bands = list(row.age_bands)
        bands[place : place + 1] = [child.age_band.value]
        row = row.changed(age_bands=tuple(bands))
    return Change(row.changed(locality=home.locality) if home else row)
