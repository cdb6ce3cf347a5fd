"""No more messages to a provider than it allows in a minute."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from services.notifications.channels.port import Channel, Delivery, Letter, NotTaken

LONGEST_WAIT: Final = 2.0
"""For how many seconds a lane waits for its turn. Whatever would wait longer is put off."""


class Gate:
    """Lets one through at a time, evenly over the minute. All channels to a provider share one; each
    process has its own."""

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap = 60 / per_minute
        self._next = 0.0
        self._clock = clock
        self._pause = pause

    async def turn(self) -> timedelta | None:
        """Wait for a turn. None: it has come. Otherwise how long it would have taken."""
        now = self._clock()
        wait = max(0.0, self._next - now)
        if wait > LONGEST_WAIT:
            return timedelta(seconds=wait)
        self._next = now + wait + self._gap
        if wait:
            await self._pause(wait)
        return None


class Paced:
    """Hands letters to `inner` as fast as `gate` lets them through."""

    def __init__(self, inner: Channel, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    @property
    def lanes(self) -> int:
        """How many letters it can hand over at the same time."""
        return self._inner.lanes

    async def reachable(self) -> bool:
        """Whether the provider can be reached now."""
        return await self._inner.reachable()

    async def hand_over(self, letter: Letter) -> Delivery:
        """Hand over one letter in its turn."""
        later = await self._gate.turn()
        if later is not None:
            return NotTaken("paced", permanent=False, after=later)
        return await self._inner.hand_over(letter)

    async def close(self) -> None:
        """Take leave of the provider."""
        await self._inner.close()
