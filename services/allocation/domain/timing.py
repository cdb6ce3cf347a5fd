"""What happens to a case's clocks when something happens to it; the mechanics are in clocks/."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.change import Change, Ids
from contracts.events import Outcome, Rag
from policy.loading import PackSet
from services.allocation.clocks import domain as clockwork
from services.allocation.clocks.domain import Happened
from services.allocation.domain.case import Case, pack_of


def then(first: Change[Case], second: Change[Case]) -> Change[Case]:
    """Two changes as one, the second made from the first's state."""
    return Change(second.state, (*first.events, *second.events))


def happen(
    case: Case,
    trigger: str,
    at: datetime,
    policy: PackSet,
    ids: Ids,
    *,
    also: tuple[str, ...] = (),
    subject_id: UUID | None = None,
    children: tuple[tuple[UUID, Rag, Outcome, tuple[str, ...]], ...] = (),
) -> Change[Case]:
    happened = Happened(
        trigger=trigger,
        at=at,
        received_at=case.received_at,
        rag=case.rag,
        also=also,
        subject_id=subject_id,
        children=children,
    )
    clocks, events = clockwork.happen(case.clocks, happened, pack_of(case, policy), ids)
    return Change(replace(case, clocks=clocks), events)


def recalculate(change: Change[Case], rag: Rag, at: datetime, policy: PackSet) -> Change[Case]:
    clocks, events = clockwork.rerate(change.state.clocks, rag, at, pack_of(change.state, policy))
    return Change(replace(change.state, clocks=clocks), (*change.events, *events))


def fire(state: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
    """Warn of and breach the clocks of a case that are due. None when none is after all."""
    del ids
    clocks, events = clockwork.fire(state.clocks, now, pack_of(state, policy))
    return Change(replace(state, clocks=clocks), events) if events else None
