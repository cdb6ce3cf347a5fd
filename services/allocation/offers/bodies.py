"""What is sent about offers."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.form import CLEAN_WORDS
from policy.allocation import WhyNot
from services.allocation.domain.answering import Because
from services.allocation.offers.domain import ByHand
from services.allocation.workers.bodies import SentBody

Words = Annotated[str, Field(min_length=1, max_length=4_000), CLEAN_WORDS]


class DeclineBody(SentBody):
    """Why an offer is handed back. The note is for coordinators."""

    reason: Because
    note: Words | None = None


class OfferBody(SentBody):
    """A worker whom a coordinator chose, and why. `joint`: beside whoever leads already."""

    worker_id: UUID
    reason: ByHand
    joint: bool = False
    note: Words | None = None


class ExclusionBody(SentBody):
    """A worker who is not asked for this family; `because` nothing takes it back."""

    worker_id: UUID
    because: Literal[WhyNot.EXCLUDED, WhyNot.CONFLICT_OF_INTEREST] | None


class PreferenceBody(SentBody):
    """The worker whom the family asked for; none takes it back."""

    worker_id: UUID | None


class ReassignmentBody(SentBody):
    """To whom all that a worker has goes: one worker, or nobody in particular: then their team has
    it again and the rules find somebody."""

    to: UUID | None = None
    reason: Literal[ByHand.WORKER_LEAVES, ByHand.OTHER] = ByHand.WORKER_LEAVES
