"""What is sent about the work of lead professionals."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from contracts.codes import AGENCIES
from contracts.form import CLEAN_WORDS
from services.allocation.domain.helping import EndedBecause, PaperKind
from services.allocation.offers.bodies import Words
from services.allocation.workers.bodies import Code, SentBody

Text = Annotated[str, Field(min_length=1, max_length=40_000), CLEAN_WORDS]
KeptAs = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9/._-]*$", max_length=80)]
Scores = Annotated[
    dict[Code, Annotated[int, Field(ge=0, le=10)]],
    Field(max_length=12),
]


class MilestoneBody(SentBody):
    """First contact with the family, a team-around-the-child meeting, or a review. `scores` say how
    things are in areas of life, 0 to 10; `kept_as` where its record is kept: its number in another
    system, and nothing about the family."""

    milestone: Literal["first_contact", "meeting", "review"]
    on: date
    agencies: Annotated[tuple[Code, ...], Field(max_length=30)] = ()
    next_on: date | None = None
    scores: Scores = Field(default_factory=dict)
    note: Words | None = None
    kept_as: KeptAs | None = None

    @model_validator(mode="after")
    def _agencies_are_known(self) -> "MilestoneBody":
        if any(one not in AGENCIES for one in self.agencies):
            raise ValueError("there is no such kind of agency")
        return self


class PaperBody(SentBody):
    """An assessment or a plan: its words, or where it is kept (`kept_as`: its number in another
    system, and nothing about the family)."""

    kind: PaperKind
    on: date
    text: Text | None = None
    kept_as: KeptAs | None = None
    replaces: UUID | None = None
    anew: bool = False
    scores: Scores = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_somewhere(self) -> "PaperBody":
        if not self.text and not self.kept_as:
            raise ValueError("send the text, or say where it is kept")
        return self


class ClosureBody(SentBody):
    """Why help ended, and how things are now."""

    reason: Literal[
        EndedBecause.NEEDS_MET,
        EndedBecause.DISENGAGED,
        EndedBecause.MOVED,
        EndedBecause.AGREEMENT_WITHDRAWN,
        EndedBecause.OTHER,
    ]
    on: date
    scores: Scores = Field(default_factory=dict)
    note: Words | None = None
