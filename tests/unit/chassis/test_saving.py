"""Groups are written one after the other, beside what makes the next, and none is left behind."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.stream.kernel.saving import Saving


class Slow:
    """A write that takes until it is let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.written: list[int] = []
        self.let_go = asyncio.Event()

    async def __call__(self, group: Sequence[int]) -> None:
        self.begun.extend(group)
        await self.let_go.wait()
        if 0 in group:
            raise ZeroDivisionError
        self.written.extend(group)


async def test_a_write_has_begun_before_the_next_group_is_made() -> None:
    slow = Slow()
    async with Saving(slow) as saving:
        await saving.save([1, 2])
        assert (slow.begun, slow.written) == ([1, 2], [])
        slow.let_go.set()
        await saving.save([3])
    assert slow.written == [1, 2, 3]


async def test_two_writes_never_run_at_once() -> None:
    slow = Slow()
    async with Saving(slow) as saving:
        await saving.save([1])
        second = asyncio.create_task(saving.save([2]))
        await asyncio.sleep(0)
        assert slow.begun == [1]
        slow.let_go.set()
        await second


@pytest.mark.parametrize("last", [True, False], ids=["the last", "one before others"])
async def test_what_a_write_raises_comes_out(last: bool) -> None:
    slow = Slow()
    slow.let_go.set()
    with pytest.raises(ZeroDivisionError):
        async with Saving(slow) as saving:
            await saving.save([0])
            if not last:
                await saving.save([1])
    assert slow.written == []


async def test_a_write_ends_before_the_block_that_failed_does() -> None:
    slow = Slow()
    loop = asyncio.get_running_loop()
    with pytest.raises(LookupError):
        async with Saving(slow) as saving:
            await saving.save([1])
            loop.call_soon(slow.let_go.set)
            raise LookupError
    assert slow.written == [1]
