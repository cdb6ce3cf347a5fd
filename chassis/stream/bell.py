"""The in-process wake-up: rung after a commit that others may want to read.

A hint and no more. Whoever waits also polls, so a ring that is missed costs half a second.
"""

import asyncio


class Bell:
    """One bell for all loops of a process."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Event] = set()

    def listener(self) -> asyncio.Event:
        """An event that is set at every ring; the listener clears it."""
        heard = asyncio.Event()
        self._listeners.add(heard)
        return heard

    def ring(self) -> None:
        """Wake every listener."""
        for heard in self._listeners:
            heard.set()


async def wait(heard: asyncio.Event, seconds: float) -> None:
    """Until the bell rings, or `seconds` have passed."""
    try:
        async with asyncio.timeout(seconds):
            await heard.wait()
    except TimeoutError:
        return
    finally:
        heard.clear()
