"""Loops that go on: at once while there is much, after a pause else, and past what is away."""

import asyncio
from collections.abc import Iterator

import pytest

from chassis.database import DatabaseAway
from chassis.rounds import go_round


class Steps:
    """What each step does in turn; the last one ends the test."""

    def __init__(self, *steps: int | Exception) -> None:
        self._steps: Iterator[int | Exception] = iter((*steps, KeyError("the end")))

    async def __call__(self) -> int:
        step = next(self._steps)
        if isinstance(step, Exception):
            raise step
        return step


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, instead of waiting."""
    found: list[float] = []

    async def pause(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", pause)
    return found


async def test_it_goes_on_at_once_while_there_is_as_much_as_it_takes(pauses: list[float]) -> None:
    with pytest.raises(KeyError):
        await go_round(Steps(5, 5, 4), 2.0, most=5)
    assert pauses == [2.0]


async def test_without_a_most_it_waits_each_time(pauses: list[float]) -> None:
    with pytest.raises(KeyError):
        await go_round(Steps(5, 0), 2.0)
    assert pauses == [2.0, 2.0]


async def test_what_is_away_is_told_of_and_waited_for(pauses: list[float]) -> None:
    heard: list[Exception] = []
    gone, unread = DatabaseAway(), OSError()
    with pytest.raises(KeyError):
        await go_round(
            Steps(gone, 5, unread), 2.0, most=5, away=(DatabaseAway, OSError), waits=heard.append
        )
    assert heard == [gone, unread]
    assert pauses == [2.0, 2.0]
    with pytest.raises(OSError):
        await go_round(Steps(OSError()), 2.0)
