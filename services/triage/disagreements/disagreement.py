"""One disagreement, as codes, ids and times. Its words are sealed beside it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.codes import DisagreementOutcome, LearningTheme


class DisagreementState(StrEnum):
    """`open`: the hub owes an answer at this stage. `answered`: whoever disagreed may accept it,
    or take it further. `resolved`: it is over."""

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class StageAnswer:
    """What the hub answered at one stage; its words are sealed."""

    stage: int
    answered_at: datetime
    answered_by: UUID
    outcome: DisagreementOutcome


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A professional's challenge to what was decided. `organisation_id` is theirs. `due_at`: by
    when this stage is answered; the sooner of the stage's time and what protects the child."""

    disagreement_id: UUID
    organisation_id: UUID | None
    raised_at: datetime
    immediate_risk: bool
    stage: int
    state: DisagreementState
    due_at: datetime | None
    answers: tuple[StageAnswer, ...] = ()
    outcome: DisagreementOutcome | None = None
    theme: LearningTheme | None = None
    resolved_at: datetime | None = None
