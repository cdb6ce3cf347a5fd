"""Questions that come together are asked together."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.errors import Unavailable
from chassis.gathering import MOST, Gathering


class Desk:
    """Doubles numbers. Waits before its first answer until it is let go."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.go = asyncio.Event()

    async def answer(self, numbers: Sequence[int]) -> list[int]:
        self.asked.append(list(numbers))
        await self.go.wait()
        if 13 in numbers:
            raise ValueError(numbers)
        if 99 in numbers:
            raise Unavailable("away", "Away.")
        return [2 * number for number in numbers]


async def asked(gathering: Gathering[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(gathering.ask(number)) for number in numbers]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_what_comes_meanwhile_is_one_question() -> None:
    desk = Desk()
    gathering = Gathering(desk.answer)
    first = await asked(gathering, 1)
    rest = await asked(gathering, 2, 3, 4)
    desk.go.set()
    assert await asyncio.gather(*first, *rest) == [2, 4, 6, 8]
    assert desk.asked == [[1], [2, 3, 4]]


async def test_no_more_than_so_many_at_once() -> None:
    desk = Desk()
    gathering = Gathering(desk.answer)
    tasks = await asked(gathering, *range(100, 100 + MOST + 5))
    desk.go.set()
    await asyncio.gather(*tasks)
    assert [len(group) for group in desk.asked] == [MOST, 5]


async def test_a_fault_in_one_is_that_ones_alone() -> None:
    desk = Desk()
    desk.go.set()
    gathering = Gathering(desk.answer)
    tasks = await asked(gathering, 11, 12, 13, 14)
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [found[0], found[1], found[3]] == [22, 24, 28]
    assert isinstance(found[2], ValueError)


async def test_a_database_that_is_away_is_not_asked_again_for_each() -> None:
    desk = Desk()
    desk.go.set()
    gathering = Gathering(desk.answer)
    tasks = await asked(gathering, 98, 99)
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in found)
    assert len(desk.asked) == 1


async def test_it_goes_on_after_a_fault_and_without_whoever_went_away() -> None:
    desk = Desk()
    gathering = Gathering(desk.answer)
    first = await asked(gathering, 13)
    gone, kept = await asked(gathering, 5, 6)
    gone.cancel()
    desk.go.set()
    with pytest.raises(ValueError):
        await first[0]
    assert await kept == 12
    assert desk.asked == [[13], [6]]
