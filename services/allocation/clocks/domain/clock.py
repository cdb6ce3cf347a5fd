"""One clock, and what every event about it says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from policy.clocks import ClockTimes


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


OPEN = frozenset({State.RUNNING, State.PAUSED})


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock. `subject_id` is what it is for where a case can have several: a request, an
    allocation, a child. `pack_version` is the version whose rule set its times, `compared_with`
    the one in force when somebody last looked whether that is shorter. `stopped_at` of a breached
    clock says when it was stopped, too late; until then it climbs its ladder: `escalated` steps so
    far, the next at `escalate_at`. `moved_because` is known only where it was just moved.
    """

    clock_id: UUID
    name: str
    subject_id: UUID | None
    state: State
    times: ClockTimes
    pack_version: str
    compared_with: str | None = None
    warned_at: datetime | None = None
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    paused_since: datetime | None = None
    escalated: int = 0
    escalate_at: datetime | None = None
    moved_because: str | None = None

    @property
    def fires_at(self) -> datetime | None:
        """When somebody has to look at it next; None when nobody does any more."""
        if self.state is State.BREACHED and self.stopped_at is None:
            return self.escalate_at
        if self.state is not State.RUNNING:
            return None
        warn_at = self.times.warn_at
        if warn_at is not None and (self.warned_at is None or self.warned_at < warn_at):
            return warn_at
        return self.times.due_at


def said(clock: Clock) -> dict[str, Any]:
    """The fields that every event about a clock has."""
    return {
        "clock_id": clock.clock_id,
        "name": clock.name,
        "due_at": clock.times.due_at,
        "started_at": clock.times.started_at,
        "calendar_version": clock.times.calendar_version,
        "explanation": clock.times.explanation,
        "rag": clock.times.rag,
        "subject_id": clock.subject_id,
    }
