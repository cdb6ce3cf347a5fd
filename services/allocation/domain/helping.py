"""What came of the help that a family got: milestones, papers, and how it ended."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class PaperKind(StrEnum):
    ASSESSMENT = "assessment"
    PLAN = "plan"


class EndedBecause(StrEnum):
    """Why help ended."""

    NEEDS_MET = "needs_met"
    DISENGAGED = "disengaged"
    STEPPED_UP = "stepped_up"
    STEPPED_DOWN = "stepped_down"
    MOVED = "moved"
    AGREEMENT_WITHDRAWN = "agreement_withdrawn"
    TRANSFERRED = "transferred"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Score:
    """How things were in one area of life, 0 (worst) to 10, as family and worker see it."""

    area: str
    score: int


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that was reached, on a day in England. `agencies` attended, where it was a meeting;
    `scores` say how things were, `children` whom it is about where not all. Where somebody was told:
    `at` says when, `how` (contracts.codes.TOLD_HOW) or `not_because` (NOT_TOLD_BECAUSE) how or why
    not, `safe_contact` whether it was made sure that it reached them safely. `kept_as`: where its record is
    kept, its number in another system."""

    milestone_id: UUID
    allocation_id: UUID | None
    milestone: str
    on: date
    recorded_at: datetime
    recorded_by: UUID
    agencies: tuple[str, ...] = ()
    next_on: date | None = None
    scores: tuple[Score, ...] = ()
    children: tuple[UUID, ...] = ()
    at: datetime | None = None
    how: str | None = None
    not_because: str | None = None
    safe_contact: bool | None = None
    kept_as: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """An assessment or a plan, in versions: a later one replaces an earlier. What it says is a note
    about it, or is kept elsewhere under `kept_as`. It lives until it is replaced or help ends, and
    goes along when a case steps up or down."""

    paper_id: UUID
    allocation_id: UUID | None
    kind: PaperKind
    version: int
    on: date
    written_by: UUID
    written_at: datetime
    children: tuple[UUID, ...]
    kept_as: str | None = None
    replaces: UUID | None = None
    replaced: bool = False
    signed_by: UUID | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How help ended, and on which day in England."""

    reason: EndedBecause
    on: date
    by: UUID


class Direction(StrEnum):
    """To more intensive help, or to less; or away, to another authority."""

    UP = "up"
    DOWN = "down"
    AWAY = "away"


class StepState(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Step:
    """A case was to move. Whoever has it (`from_id`) goes on until the receiver (`to_id`) accepts;
    what was decided to be another authority's is with nobody in particular, and moves as a whole;
    who leaves the house has no receiver here. `to` names another authority, `became` the referral
    that an authority of the installation has of it; `answer` says why it didn't take it."""

    step_id: UUID
    direction: Direction
    planned: bool
    reason: str
    state: StepState
    from_id: UUID | None
    to_id: UUID | None
    asked_at: datetime
    asked_by: UUID
    answered_at: datetime | None = None
    to: str | None = None
    became: UUID | None = None
    answer: str | None = None
