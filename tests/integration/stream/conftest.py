"""A toy service on a fresh database, and every implementation of the stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from chassis.database import Database
from chassis.stream.kernel import Kernel
from chassis.stream.port import EventSource
from policy.loading import PackSet
from tests.clocks import SetClock
from tests.databases import Databases
from tests.integration.stream.streams import STREAMS, Stream
from tests.integration.stream.toy import MAKE_TABLE, Tally, Toy, kernel_of


@pytest.fixture
def toy() -> Toy:
    return Toy()


@pytest.fixture
async def intake(databases: Databases) -> AsyncIterator[Database]:
    database = Database(databases.urls["intake"], schema="intake", most=25)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    """The toy's."""
    databases.execute(MAKE_TABLE.format(schema="triage"))
    database = Database(databases.urls["triage"], schema="triage")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def kernel(toy: Toy, database: Database, packs: PackSet, clock: SetClock) -> Kernel[Tally]:
    return kernel_of(toy, database, packs, clock)


@pytest.fixture(params=sorted(STREAMS))
async def stream(
    request: pytest.FixtureRequest, intake: Database, clock: SetClock
) -> AsyncIterator[Stream]:
    made = await STREAMS[request.param](intake, clock, request)
    yield made
    await made.close()


@pytest.fixture
def source(stream: Stream, kernel: Kernel[Tally], database: Database) -> EventSource:
    return stream.source(database, kernel.service.name, kernel.service.types)


@pytest.fixture
async def serving(kernel: Kernel[Tally]) -> AsyncIterator[None]:
    """The toy's commands are served."""
    loop = asyncio.create_task(kernel.run_commands())
    yield
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop
