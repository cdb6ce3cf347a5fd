"""What allocation decides. Pure: no input or output, no clock, no random."""

from services.allocation.domain.assigning import Accept, accept
from services.allocation.domain.case import Allocation, AllocationState, Case
from services.allocation.domain.following import (
    on_claimed,
    on_decided,
    on_message_sent,
    on_rated,
    on_rerated,
    on_submitted,
    on_withdrawn,
)
from services.allocation.domain.timing import fire

__all__ = [
    "Accept",
    "Allocation",
    "AllocationState",
    "Case",
    "accept",
    "fire",
    "on_claimed",
    "on_decided",
    "on_message_sent",
    "on_rated",
    "on_rerated",
    "on_submitted",
    "on_withdrawn",
]
