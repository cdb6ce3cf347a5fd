"""The in-process wake-up: rung after a commit that others may want to read.

A hint and no more. Whoever waits also polls, so a ring that is missed costs half a second.
"""

import asyncio


class Bell:
    """One bell for all loops of a process. A ring says what there is to see: types of events, and
    the name of a service that has saved something. Who is woken for nothing asks the database for
    nothing, which is dear where few things happen at a time."""

    def __init__(self) -> None:
        self._listeners: list[tuple[asyncio.Event, frozenset[str]]] = []

    def listener(self, *wanted: str) -> asyncio.Event:
        """An event that is set when the bell rings for one of `wanted`, or at every ring; the
        listener clears it."""
        heard = asyncio.Event()
        self._listeners.append((heard, frozenset(wanted)))
        return heard

    def ring(self, *what: str) -> None:
        """Wake those who want to know, or everybody where nothing is said."""
        for heard, wanted in self._listeners:
            if not what or not wanted or not wanted.isdisjoint(what):
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
