"""What allocation decides. Pure: no input or output, no clock, no random."""

from services.allocation.domain.answering import Accept, Answerer, Decline, accept, decline
from services.allocation.domain.case import Allocation, AllocationState, Case
from services.allocation.domain.following import (
    on_claimed,
    on_corrected,
    on_countersigned,
    on_decided,
    on_discussed,
    on_heard,
    on_linked,
    on_message_sent,
    on_rated,
    on_rerated,
    on_returned,
    on_submitted,
    on_unlinked,
    on_withdrawn,
)
from services.allocation.domain.handing_over import TakeOver, take_over
from services.allocation.domain.lapsing import fire
from services.allocation.domain.timing import bring_up_to_date, hear

__all__ = [
    "Accept",
    "Allocation",
    "AllocationState",
    "Answerer",
    "Case",
    "Decline",
    "TakeOver",
    "accept",
    "bring_up_to_date",
    "decline",
    "fire",
    "hear",
    "on_claimed",
    "on_corrected",
    "on_countersigned",
    "on_decided",
    "on_discussed",
    "on_heard",
    "on_linked",
    "on_message_sent",
    "on_rated",
    "on_rerated",
    "on_returned",
    "on_submitted",
    "on_unlinked",
    "on_withdrawn",
    "take_over",
]
