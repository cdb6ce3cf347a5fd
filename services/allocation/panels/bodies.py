"""What is sent about panels."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator

from contracts.codes import AGENCIES
from services.allocation.domain.tabling import PanelOutcome
from services.allocation.offers.bodies import Words
from services.allocation.workers.bodies import Code, SentBody


class AttendanceBody(SentBody):
    """Which agencies were there."""

    attended: Annotated[tuple[Code, ...], Field(min_length=1, max_length=40)]

    @field_validator("attended")
    @classmethod
    def _are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(one not in AGENCIES for one in value):
            raise ValueError("there is no such kind of agency")
        return value


class MoveBody(SentBody):
    """The meeting to which an item goes."""

    meeting_on: date


class AskedBody(SentBody):
    """What an agency is asked to do, by when. `kind` has to be within its role; `worker_id`: who
    there, so that they can answer."""

    owner: Code
    kind: Code
    by: date
    text: Words
    worker_id: UUID | None = None


class OutcomeBody(SentBody):
    """What a panel concludes on one item."""

    outcome: PanelOutcome
    note: Words | None = None
    actions: Annotated[tuple[AskedBody, ...], Field(max_length=20)] = ()
