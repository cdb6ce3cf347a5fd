"""Loops end when they are told to, even one that does not hear it the first time."""

import asyncio

import pytest

from frontdoor import wiring
from frontdoor.wiring import Loops


async def deaf_once(heard: list[str]) -> None:
    """What a library does that gives its result although the wait for it was cancelled."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            heard.append("told")
            if len(heard) == 2:
                raise


async def broken_off() -> None:
    """What fails in its own way when it is cut off in the middle."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise OSError from None


async def test_every_loop_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "AGAIN_SECONDS", 0.01)
    heard: list[str] = []
    loops = Loops()
    loops.start({"intake 1": lambda: deaf_once(heard), "intake 2": broken_off})
    before = asyncio.all_tasks()
    await asyncio.sleep(0)

    async with asyncio.timeout(10):
        await loops.stop()

    assert heard == ["told", "told"]
    assert not [task for task in before if task.get_name().startswith("intake") and not task.done()]
