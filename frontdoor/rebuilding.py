"""Rebuilding the console's read model from the event stream, while the one that there is serves.

The console's own projection runs once more, over tables of the same names in a schema beside it,
with a cursor and marks of its own. So a rebuild that is killed goes on where it was, and what is
built is what the console would have built. At the end the console's consumer is held for a moment,
the new tables take the place of the old ones in one transaction, and the consumer goes on after
what they have seen.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import asyncpg

from chassis.clock import Clock, system_clock
from chassis.database import Connection, Database
from chassis.database.migrate import migrate
from chassis.database.schemas import ServiceSchema
from chassis.stream import store as stream_store
from chassis.stream.bell import Bell
from chassis.stream.consumer import Consumer
from chassis.stream.port import EventSource
from chassis.stream.postgres import PostgresSource
from frontdoor.catalogue import migrations
from frontdoor.distributed.stream import Stream as Topic
from policy.loading import PackSet
from services.console.bootstrap import NAME, projector
from services.console.domain import Row
from services.console.store import rebuilding as store

TELL_EVERY_SECONDS = 2.0
HELD_SECONDS = 10.0
TRIES = 5

SourceOf = Callable[[Database, tuple[str, ...]], EventSource]
Left = Callable[[EventSource, Database], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Stream:
    """The stream as a rebuild reads it. `consumer` is the name under which it keeps its place;
    `left` counts what is not read yet."""

    consumer: str
    source_of: SourceOf
    left: Left
    close: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is rebuilt from what. `owner` may change the schema; `url` is the console's own way
    into the same database. `anew`: forget a rebuild that was begun."""

    owner: str
    url: str
    policy: PackSet
    stream: Stream
    clock: Clock = system_clock
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """`seen` positions of the stream, of them `now` in this run, which took `seconds` so far;
    `left` are to come."""

    seen: int
    now: int
    left: int
    seconds: float

    @property
    def rate(self) -> float:
        """Positions a second."""
        return self.now / self.seconds if self.seconds else 0.0


class Rebuilding(Exception):
    """Somebody rebuilds already."""


class NotSwapped(Exception):
    """The consumer could not be held, or is ahead: what was built is kept for another try."""


async def rebuild(plan: Plan, tell: Callable[[Progress], None]) -> tuple[Progress, int]:
    """Build the read model anew and put it in place. Returns how it went, and how many referrals
    it has. `tell` hears of the progress every few seconds. Raises Rebuilding, NotSwapped,
    DatabaseAway, StreamAway; what was built until then is kept."""
    async with _databases(plan) as (owner, beside), owner.connection() as held:
        if not await store.try_lock(held):
            raise Rebuilding
        await _prepare(plan, owner)
        async with owner.connection() as connection:
            epoch = await stream_store.epoch(connection, NAME)
            before = await store.seen(connection)
        kernel = projector(f"{NAME}/{epoch}", beside, plan.policy, plan.clock, Bell())
        source = plan.stream.source_of(beside, kernel.service.types)
        consumer = Consumer(kernel, source)
        try:
            progress = await _catch_up(plan, consumer, source, beside, before, tell)
            rows = await _put_in_place(plan, owner, consumer)
        finally:
            if plan.stream.close:
                await plan.stream.close()
    return progress, rows


@asynccontextmanager
async def _databases(plan: Plan) -> AsyncIterator[tuple[Database, Database]]:
    """The database as its owner, and the new tables as the console's role."""
    owner = Database(plan.owner, schema=store.SERVES, most=3)
    beside = Database(plan.url, schema=store.BESIDE, most=3)
    await owner.open()
    await beside.open()
    try:
        yield owner, beside
    finally:
        await beside.close()
        await owner.close()


async def _prepare(plan: Plan, owner: Database) -> None:
    """Make the tables, by the migrations that made those which serve."""
    if plan.anew:
        async with owner.transaction() as connection:
            await store.drop(connection)
    role = unquote(urlsplit(plan.url).username or "") or None
    schema = ServiceSchema(store.BESIDE, migrations(NAME), runs_as=role)
    await asyncio.to_thread(migrate, plan.owner, [schema], ["pre", "post"])
    async with owner.transaction() as connection:
        await store.carry_erasures(connection)


async def _catch_up(
    plan: Plan,
    consumer: Consumer[Row],
    source: EventSource,
    beside: Database,
    before: int,
    tell: Callable[[Progress], None],
) -> Progress:
    """Fold what the stream has, up to its end."""
    began, told_at = time.monotonic(), 0.0
    passed = 0
    while True:
        worked = await consumer.step()
        passed += worked
        now = time.monotonic()
        if not worked or now - told_at >= TELL_EVERY_SECONDS:
            told_at = now
            left = await plan.stream.left(source, beside)
            progress = Progress(before + passed, passed, left, now - began)
            tell(progress)
            if not worked and not left:
                return progress


async def _put_in_place(plan: Plan, owner: Database, consumer: Consumer[Row]) -> int:
    """Hold the console's consumer, read what it has read, and swap."""
    for _ in range(TRIES):
        try:
            async with owner.transaction() as connection:
                await store.hold_consumer(connection)
                await _reach(plan, connection, consumer)
                rows = await store.count_rows(connection)
                await store.swap(connection, NAME, plan.stream.consumer)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, TimeoutError):
            continue
        return rows
    raise NotSwapped


async def _reach(plan: Plan, connection: Connection, consumer: Consumer[Row]) -> None:
    """Read on until all is seen that the console has seen. Raises TimeoutError."""
    async with asyncio.timeout(HELD_SECONDS):
        while await store.is_behind(connection, NAME, plan.stream.consumer):
            if not await consumer.step():
                await asyncio.sleep(0.05)


def of_log(clock: Clock = system_clock) -> Stream:
    """PostgreSQL's log."""
    return Stream(
        NAME, lambda database, types: PostgresSource(database, NAME, types, clock), left_in_log
    )


def of_topic(stream: Topic) -> Stream:
    """The topic, read by a group of its own, so that the console keeps its partitions."""
    return Stream(
        store.BESIDE,
        lambda database, types: stream.source_of(database, store.BESIDE, types, Bell()),
        left_in_topic,
        stream.close,
    )


async def left_in_log(source: EventSource, database: Database) -> int:
    """Positions of PostgreSQL's log that are still to be passed; 0 where none of them is for it."""
    if not (await source.lag()).events:
        return 0
    async with database.connection() as connection:
        return await stream_store.head(connection) - await stream_store.open_cursor(
            connection, NAME
        )


async def left_in_topic(source: EventSource, database: Database) -> int:
    """Records of the topic that are still to be passed. Raises Unavailable."""
    del database
    return (await source.lag()).events
