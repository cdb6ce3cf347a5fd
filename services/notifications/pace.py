"""How long a sender may take, and how long it waits."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Pace:
    """Time limits of a sender. `lease` must exceed `conversation`, the channel's own limit.
    `random` gives numbers from 0 to 1, `pause` waits for some seconds."""

    conversation: timedelta
    lease: timedelta
    random: Callable[[], float]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    def delay(self, failures: int) -> timedelta:
        """How long to wait after so many failures: doubled each time up to half a minute, with
        up to half of it taken off at random, so that senders do not come back all at once."""
        longest = min(LONGEST_DELAY, FIRST_DELAY * (1 << min(failures - 1, 8)))
        return longest * (1 - self.random() / 2)
