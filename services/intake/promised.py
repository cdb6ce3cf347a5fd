"""The clocks whose promise is made to the referrer, as intake keeps them to show. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import (
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockMet,
    ClockRecalculated,
    ClockStarted,
)
from policy.loading import PackSet
from services.intake.domain import Case, PublicClock, known

# The others are the hub's own.
REFERRERS_CLOCKS = frozenset({"acknowledge", "statutory_decision", "lead_professional_allocated"})


def on_clock(
    state: Case | None, event: Event[ClockEvent], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Keep the referrer's own clocks."""
    del policy, ids
    case = known(state)
    clock = event.data
    if clock.name not in REFERRERS_CLOCKS:
        return None
    shown = PublicClock(
        clock.clock_id,
        clock.name,
        _CLOCK_STATES[type(clock)],
        clock.started_at,
        clock.due_at,
        clock.explanation,
    )
    others = tuple(known for known in case.clocks if known.clock_id != clock.clock_id)
    clocks = tuple(sorted((*others, shown), key=lambda known: (known.started_at, known.name)))
    return Change(replace(case, clocks=clocks, updated_at=now))


_CLOCK_STATES: Mapping[type[ClockEvent], str] = {
    ClockStarted: "running",
    ClockRecalculated: "running",
    ClockMet: "met",
    ClockBreached: "breached",
    ClockCancelled: "cancelled",
}
