"""What is sent about steps and transfers."""

from typing import Annotated, Literal

from pydantic import Field

from services.allocation.domain.helping import Direction
from services.allocation.offers.bodies import Words
from services.allocation.stepping.domain import GivenBack, Why
from services.allocation.workers.bodies import SentBody


class StepBody(SentBody):
    """A case is to move. An unplanned step up is a worry of now, and goes to duty at once."""

    direction: Literal[Direction.UP, Direction.DOWN]
    planned: bool = True
    reason: Why
    note: Words | None = None


class ReturnBody(SentBody):
    """Why a receiver gives a case back."""

    reason: GivenBack
    note: Words | None = None


class TransferBody(SentBody):
    """To which authority a case goes: the code of one here, or another's name."""

    to: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$", max_length=80)]
    reason: Why = Why.MOVED_HOME
    note: Words | None = None


class TransferAnswerBody(SentBody):
    """Whether the other authority has accepted the case; if not, why."""

    accepted: bool
    reason: GivenBack | None = None
    note: Words | None = None
