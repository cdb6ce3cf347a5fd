"""PostgreSQL goes away and comes back: nothing is parked, nothing is lost, and all goes on without
help. These tests stop a server of their own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from chassis.database import Database, DatabaseAway
from chassis.database.embedded import EmbeddedPostgres
from chassis.ids import new_id
from chassis.stream import store
from chassis.stream.consumer import Consumer
from chassis.stream.kernel import Command, Kernel
from chassis.stream.port import Batch, EventSource
from policy.loading import PackSet
from tests.clocks import SetClock
from tests.databases import Databases, Server, embedded
from tests.integration.stream.streams import Stream, Wrapped, drain
from tests.integration.stream.toy import (
    AUTHORITY,
    EARLY,
    FAULTY,
    Tally,
    Toy,
    heard,
    kernel_of,
    parked,
    told,
    word,
)


@pytest.fixture(scope="module")
def mortal() -> Iterator[EmbeddedPostgres]:
    """A server that a test may stop."""
    with embedded() as postgres:
        yield postgres


@pytest.fixture(scope="module")
def mortal_server(mortal: EmbeddedPostgres) -> Server:
    return Server(mortal.url("postgres"))


@pytest.fixture
def databases(mortal: EmbeddedPostgres, mortal_server: Server) -> Iterator[Databases]:
    mortal.start()
    with mortal_server.fresh() as fresh:
        yield fresh


class Watched(Wrapped):
    """Says when a reading failed, and when a batch was answered."""

    def __init__(self, inner: EventSource) -> None:
        super().__init__(inner)
        self.failed = asyncio.Event()
        self.answered = asyncio.Event()

    async def read(self, limit: int) -> Batch | None:
        try:
            return await super().read(limit)
        except DatabaseAway:
            self.failed.set()
            raise

    async def settled(self, batch: Batch) -> None:
        await super().settled(batch)
        if batch.events:
            self.answered.set()


@asynccontextmanager
async def consuming(kernel: Kernel[Tally], source: EventSource) -> AsyncIterator[None]:
    """The real loop, around the toy."""
    loop = asyncio.create_task(Consumer(kernel, source).run())
    yield
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_consumer_waits_for_its_database_and_goes_on(
    mortal: EmbeddedPostgres,
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    clock: SetClock,
    how: str,
) -> None:
    referral = new_id()
    watched = Watched(source)
    await stream.publish([word(referral, 1, "before", clock())])
    async with consuming(kernel, watched):
        await watched.answered.wait()
        watched.answered.clear()
        await asyncio.to_thread(getattr(mortal, how))
        await watched.failed.wait()
        await asyncio.to_thread(mortal.start)
        await stream.publish([word(referral, 2, "after", clock())])
        await watched.answered.wait()
    assert await heard(database) == {referral: ["before", "after"]}
    assert await told(database, "triage/1") == await heard(database)
    assert await parked(database) == {}


async def test_a_batch_that_loses_its_database_is_answered_again(
    mortal: EmbeddedPostgres,
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    clock: SetClock,
) -> None:
    referrals = [new_id() for _ in range(3)]
    await stream.publish([word(one, 1, "a word", clock()) for one in referrals])
    batch = await source.read(500)
    assert batch
    mortal.kill()
    with pytest.raises(DatabaseAway):
        await kernel.answer_events(source, batch)
    mortal.start()
    await drain(kernel, source)
    assert await heard(database) == dict.fromkeys(referrals, ["a word"])
    assert await parked(database) == {}


@pytest.mark.usefixtures("serving")
async def test_a_command_is_refused_while_the_database_is_away_and_done_after(
    mortal: EmbeddedPostgres, kernel: Kernel[Tally], toy: Toy, database: Database
) -> None:
    command = Command(new_id(), AUTHORITY, toy.decide("a word"))
    mortal.stop()
    with pytest.raises(DatabaseAway):
        await kernel.submit(command)
    mortal.start()
    await kernel.submit(command)
    assert await heard(database) == {command.referral_id: ["a word"]}


async def test_what_all_lack_parks_nothing(
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    databases: Databases,
    clock: SetClock,
) -> None:
    referrals = [new_id() for _ in range(3)]
    await stream.publish([word(one, 1, "a word", clock()) for one in referrals])
    databases.execute("ALTER TABLE triage.tally RENAME TO elsewhere")
    with pytest.raises(Exception, match="does not exist"):
        await drain(kernel, source)
    databases.execute("ALTER TABLE triage.elsewhere RENAME TO tally")
    assert await parked(database) == {}
    await drain(kernel, source)
    assert await heard(database) == dict.fromkeys(referrals, ["a word"])


async def test_a_replay_that_has_to_wait_does_not_stop_the_consumer(
    stream: Stream,
    source: EventSource,
    toy: Toy,
    database: Database,
    packs: PackSet,
    clock: SetClock,
) -> None:
    kernel = kernel_of(toy, database, packs, clock)
    waits, other = new_id(), new_id()
    await stream.publish(
        [word(waits, number, said, clock()) for number, said in ((1, FAULTY), (2, EARLY))]
    )
    await drain(kernel, source)
    toy.mended.add(FAULTY)
    async with database.transaction() as connection:
        assert await store.ask_replay(connection, "triage", waits)
    watched = Watched(source)
    await stream.publish([word(other, 1, "a word", clock())])
    async with consuming(kernel, watched):
        await watched.answered.wait()
    assert (await heard(database))[other] == ["a word"]
