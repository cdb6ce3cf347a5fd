"""A row of the queue: codes, counts and times of one referral."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from contracts.events import (
    Rag,
    Urgency,
)

Codes: TypeAlias = Mapping[str, Any]
"""What a timeline entry says: codes, ids, numbers and times, no personal data."""


COUNTERSIGNED = "countersigned"
"""The clock of a decision that waits for a manager."""

SEVERITIES = (Rag.RED, Rag.AMBER, Rag.GREEN, Rag.NONE)


ALLOCATING = frozenset(
    {
        "accepted_by_person",
        "lead_professional_allocated",
        "lead_professional_accepts",
        "worker_accepts",
    }
)
"""Clocks that run until a person has the work."""


OFFERED = frozenset({"lead_professional_accepts", "worker_accepts"})
"""Clocks that run until somebody who is asked to take work on has answered."""

UNANSWERED = frozenset({"not_sought", "unknown"})
"""What is known of a family's agreement to help where nobody has its answer."""


class Stage(StrEnum):
    """Where a referral stands on its way through the hub."""

    TO_DECIDE = "to_decide"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A clock that nobody has stopped yet. `due_at` is UTC."""

    clock_id: UUID
    name: str
    due_at: datetime
    state: ClockState = ClockState.RUNNING


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who has, or is offered, the work: a team's code or a worker's id."""

    allocation_id: UUID
    kind: str
    assignee: str
    accepted: bool = False


class Entry(NamedTuple):
    """One line of the timeline. `kind` is the event's type without prefix and version."""

    event_id: UUID
    number: int
    at: datetime
    kind: str
    codes: Codes


@dataclass(frozen=True)
class Row:
    """One referral in the queue. `rag` is None until it is rated; `number` counts the events
    folded, so that an open page can tell whether it is out of date; `raised`: what came after the
    decision suggests more than was decided; `out_of_hours`: it came while the hub was closed;
    `asked` are the requests for information that nobody has answered; `agreement` is what the family
    says of help; `incidents` are other agencies' referrals that tell of the same incident; `added` are the timeline entries that this change makes.
    """

    referral_id: UUID
    authority: str
    reference: str
    received_at: datetime
    stage: Stage
    rag: Rag | None
    suggested: Rag | None
    urgency: Urgency | None
    age_bands: tuple[str, ...]
    concerns: tuple[str, ...]
    source_agency: str
    locality: str | None
    immediate_danger: bool
    restricted: bool
    withdrawal_asked: bool = False
    raised: bool = False
    claimed_by: UUID | None = None
    claimed_role: str | None = None
    claim_lapses_at: datetime | None = None
    outcomes: tuple[str, ...] = ()
    clocks: tuple[OpenClock, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    out_of_hours: bool = False
    asked: tuple[UUID, ...] = ()
    agreement: str = "unknown"
    incidents: tuple[UUID, ...] = ()
    number: int = 0
    added: tuple[Entry, ...] = ()

    def changed(self, **changes: Any) -> "Row":
        """A copy with `changes`. There is one for every event, and dataclasses.replace, which asks
        for field after field, would be a fifth of the work."""
        copy = object.__new__(Row)
        vars(copy).update(vars(self), **changes)
        return copy

    @property
    def next_clock(self) -> OpenClock | None:
        """The open clock that is due first. A paused one counts nothing down."""
        counting = (clock for clock in self.clocks if clock.state is not ClockState.PAUSED)
        return min(counting, key=lambda clock: (clock.due_at, clock.clock_id), default=None)

    @property
    def to_countersign(self) -> bool:
        """Whether a manager has yet to countersign what was decided: its clock says so."""
        return any(clock.name == COUNTERSIGNED for clock in self.clocks)

    @property
    def to_allocate(self) -> bool:
        """Whether it was decided, and a clock runs until somebody has the work."""
        return self.stage is Stage.DECIDED and any(
            clock.name in ALLOCATING for clock in self.clocks
        )

    @property
    def to_agree(self) -> bool:
        """Whether help that a family takes or leaves is to be decided on, and nobody has its answer
        (practice rule 12). Red never waits for one."""
        return (
            self.stage is Stage.TO_DECIDE
            and self.rag in (Rag.AMBER, Rag.GREEN)
            and self.agreement in UNANSWERED
        )

    @property
    def offered(self) -> bool:
        """Whether somebody was asked to take the work on, and has not answered."""
        return any(clock.name in OFFERED for clock in self.clocks)

    @property
    def holders(self) -> tuple[str, ...]:
        """Who has, or is offered, work on it: teams' codes and workers' ids."""
        return tuple(dict.fromkeys(held.assignee for held in self.assignments))

    @property
    def severity(self) -> int:
        """0 for Red or not rated yet, 1 for Amber, 2 for Green, 3 for no service: who comes first
        of those that are due at the same time."""
        return SEVERITIES.index(self.rag or Rag.RED)

    @property
    def place(self) -> int:
        """1 for what is looked at first: Red, in danger now, or not rated yet. Otherwise 2."""
        first = self.rag in (None, Rag.RED) or self.urgency is Urgency.IMMEDIATE
        return 1 if first or self.immediate_danger else 2
