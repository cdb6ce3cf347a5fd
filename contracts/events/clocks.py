"""What allocation says of clocks."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import EventData
from contracts.events.values import Rag


class ClockEvent(EventData):
    """What every clock event says. `explanation` tells in words why it is due when it is;
    `subject_id` what it is for, where a referral can have several."""

    clock_id: UUID
    name: str
    due_at: datetime
    started_at: datetime
    calendar_version: str
    explanation: str
    rag: Rag | None = None
    subject_id: UUID | None = None


class ClockStarted(ClockEvent):
    warn_at: datetime | None = None


class ClockPaused(ClockEvent):
    reason: str


class ClockResumed(ClockEvent):
    pass


class ClockWarned(ClockEvent):
    tell: tuple[str, ...] = ()


class ClockMet(ClockEvent):
    """`corrected`: the stop was read after a breach had been recorded, but happened before it."""

    met_at: datetime
    corrected: bool = False


class ClockBreached(ClockEvent):
    breached_at: datetime
    tell: tuple[str, ...] = ()


class ClockEscalated(ClockEvent):
    """A breach goes on: a step of a ladder. `tell` are roles as codes, or on the duty ladder the
    pack's words for one; `by` is the channel there."""

    breached_at: datetime
    step: int
    tell: tuple[str, ...]
    by: str | None = None


class ClockCancelled(ClockEvent):
    reason: str


class ClockRecalculated(ClockEvent):
    previous_due_at: datetime
    reason: str
