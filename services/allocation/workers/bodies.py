"""What is sent about workers."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.form import CLEAN_LINE

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Line = Annotated[str, Field(min_length=1, max_length=120), CLEAN_LINE]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class WorkerBody(SentBody):
    """Somebody who may be asked to take work on. `hours` are those of a week; none is never free.
    `leads_up_to` is the level of need above which they are not asked to lead."""

    name: Line
    agency: Code
    team: Code
    skills: Annotated[tuple[Code, ...], Field(max_length=40)] = ()
    localities: Annotated[tuple[Code, ...], Field(max_length=40)] = ()
    wards: Annotated[tuple[Line, ...], Field(max_length=80)] = ()
    school_clusters: Annotated[tuple[Code, ...], Field(max_length=40)] = ()
    hours: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]
    leads_up_to: Annotated[int, Field(ge=1, le=4)]
    staff_id: UUID | None = None
    organisation_id: UUID | None = None


class RowBody(WorkerBody):
    """A row of a file of workers."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]


class AbsenceBody(SentBody):
    """Whole days, both included. No reason is asked for."""

    first_day: date
    last_day: date


class ShiftBody(SentBody):
    """A turn of duty, 24 hours at most. `on_call`: reached by telephone, not at a desk."""

    team: Code
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    on_call: bool = False


class LeavingBody(SentBody):
    """The last day of somebody who leaves; today where it isn't said."""

    last_day: date | None = None
