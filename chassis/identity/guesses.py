"""Wrong secrets, counted: whoever guesses is slowed down, account by account."""

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from chassis.errors import DomainError

WAIT_SECONDS = 60


class TooManyGuesses(DomainError):
    """Too many wrong secrets for one account. `retry_after` is in seconds."""

    status = 429

    def __init__(self) -> None:
        super().__init__("too_many_guesses", "Too many wrong secrets. Wait a minute.")
        self.retry_after = WAIT_SECONDS


class Guesses:
    """Counts of wrong secrets in this process: `per_minute` of one account are let through."""

    def __init__(self, per_minute: int) -> None:
        self._rate = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def check(self, account: str) -> None:
        """Raises TooManyGuesses. Asked before the secret is looked at, so that a right guess
        among too many tells nothing."""
        if not await self._limiter.test(self._rate, account):
            raise TooManyGuesses

    async def wrong(self, account: str) -> None:
        """Count a wrong secret."""
        await self._limiter.hit(self._rate, account)
