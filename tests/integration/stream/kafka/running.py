"""A relay and a consumer at work, and how to wait for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from chassis.database import Database
from chassis.stream.consumer import Consumer
from chassis.stream.kafka.relay import Relay
from chassis.stream.kafka.source import KafkaSource
from chassis.stream.kernel import Kernel
from tests.integration.stream.toy import Tally, heard


@asynccontextmanager
async def consuming(kernel: Kernel[Tally], source: KafkaSource) -> AsyncIterator[None]:
    """The real loop, around the toy."""
    loop = asyncio.create_task(Consumer(kernel, source).run())
    yield
    await _ended(loop)


@asynccontextmanager
async def running(relay: Relay, kernel: Kernel[Tally], source: KafkaSource) -> AsyncIterator[None]:
    """The loops of a relay and of a consumer, which lets go of its partitions at the end."""
    loop = asyncio.create_task(relay.run())
    async with consuming(kernel, source):
        yield
    await _ended(loop)
    await source.close()


async def answered(kernel: Kernel[Tally], database: Database, count: int) -> None:
    """Return when so many words were heard. The kernel's bell says when to look."""
    rung = kernel.service.bell.listener()
    while sum(len(words) for words in (await heard(database)).values()) < count:
        await rung.wait()
        rung.clear()


async def _ended(loop: asyncio.Task[None]) -> None:
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop
