"""What events and time do to the clocks of one case. Pure.

Starts and stops count at the time of the event that makes them, not when it was read: a stop that
is read late turns a breach into met (`corrected`). A stop that did come late is recorded, and the
breach stays a breach.
"""

from services.allocation.clocks.domain.book import Book
from services.allocation.clocks.domain.clock import OPEN, Clock, State
from services.allocation.clocks.domain.firing import fire
from services.allocation.clocks.domain.happening import Happened, cancel_all, happen
from services.allocation.clocks.domain.moving import bring_up_to_date, rerate

__all__ = [
    "OPEN",
    "Book",
    "Clock",
    "Happened",
    "State",
    "bring_up_to_date",
    "cancel_all",
    "fire",
    "happen",
    "rerate",
]
