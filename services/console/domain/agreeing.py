"""What a family says of help, in the queue's rows."""

from datetime import datetime
from typing import Any

from chassis.change import Change, Ids
from contracts.envelope import Event
from policy.loading import PackSet
from services.console.domain.folding import on_told
from services.console.domain.row import Row


def on_agreement_recorded(
    state: Row | None,
    event: Event[Any],
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> Change[Row]:
    """The family agreed, refused, or took back that it had agreed."""
    told = on_told(state, event, policy, ids, now)
    return Change(told.state.changed(agreement=event.data.agreement.value))
