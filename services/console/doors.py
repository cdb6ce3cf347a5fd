"""Whoever begins a form needs no account: so beginnings are counted, address by address."""

from limits import RateLimitItemPerHour
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from chassis.errors import DomainError

PER_HOUR = 60


class TooManyBegun(DomainError):
    """Too many forms or questions from one address."""

    status = 429

    def __init__(self) -> None:
        super().__init__("too_many_begun", "Too many forms were begun from this address.")


class Doors:
    """Counts in this process: `per_hour` beginnings from one address are let through. Going on
    with what was begun, and sending it, is never counted."""

    def __init__(self, per_hour: int = PER_HOUR) -> None:
        self._rate = RateLimitItemPerHour(per_hour)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def enter(self, address: str) -> None:
        """Count a beginning. Raises TooManyBegun."""
        if not await self._limiter.hit(self._rate, address):
            raise TooManyBegun
