"""The end of reading a stream, without a cut."""

import asyncio

from chassis.stream.port import Batch, Lag
from frontdoor.distributed.watched_source import WatchedSource


class Endless:
    """A stream that always has ten more positions."""

    def __init__(self) -> None:
        self.place = 0
        self.rewound = 0

    async def read(self, limit: int) -> Batch:
        self.place += 10
        return Batch((), {0: self.place - 10}, {0: self.place})

    async def settle(self, connection, batch) -> None: ...

    async def settled(self, batch: Batch) -> None: ...

    async def rewind(self) -> None:
        self.rewound += 1

    async def lag(self) -> Lag:
        return Lag(10, 1.0)


async def test_what_was_read_is_waited_for() -> None:
    source = WatchedSource(Endless())
    first, second = await source.read(5), await source.read(5)
    assert first
    assert second
    ending = asyncio.create_task(source.end(5))
    await asyncio.sleep(0)
    assert await source.read(5) is None
    await source.settled(first)
    await asyncio.sleep(0)
    assert not ending.done()
    await source.settled(second)
    assert await ending is True


async def test_a_batch_that_was_halved_counts_as_one() -> None:
    source = WatchedSource(Endless())
    batch = await source.read(5)
    assert batch
    for half in (Batch((), {0: 0}, {0: 4}), Batch((), {0: 4}, {0: 10})):
        await source.settled(half)
    assert await source.end(0.05) is True


async def test_what_was_rewound_is_not_waited_for() -> None:
    source = WatchedSource(Endless())
    assert await source.read(5)
    await source.rewind()
    assert await source.end(0.05) is True


async def test_what_never_ends_is_left_after_a_while() -> None:
    source = WatchedSource(Endless())
    assert await source.read(5)
    assert await source.end(0.01) is False


async def test_it_knows_how_long_nobody_looked() -> None:
    source = WatchedSource(Endless())
    assert source.unseen_seconds == 0.0
    await source.read(5)
    assert 0.0 <= source.unseen_seconds < 5.0
