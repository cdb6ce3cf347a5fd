"""The implementations of the event stream's port that the conformance suite holds to its word.

Another is added with a class and a line in STREAMS; the tests stay as they are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

import pytest

from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream import store
from chassis.stream.bell import Bell
from chassis.stream.consumer import BATCH
from chassis.stream.kafka import topic
from chassis.stream.kafka.relay import Relay
from chassis.stream.kafka.source import KafkaSource
from chassis.stream.kernel import Kernel
from chassis.stream.port import Batch, EventSource, Lag, Outgoing, Received, Superseded
from chassis.stream.postgres import PostgresSource


class Stream(Protocol):
    """One implementation, as the tests use it."""

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Append intake's events, each in a transaction of its own, and return when consumers can
        read them."""
        ...

    async def carried(self) -> None:
        """Return when consumers can read all that services have appended."""
        ...

    def source(self, database: Database, consumer: str, types: Sequence[str]) -> EventSource:
        """A new instance of a consumer. It takes the place of one that has read; those that are
        made before any of them reads stand beside each other."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


class PostgresStream:
    """PostgreSQL's log, read directly."""

    def __init__(self, intake: Database, clock: Clock) -> None:
        self._intake = intake
        self._clock = clock

    async def publish(self, events: Sequence[Outgoing]) -> None:
        for event in events:
            async with self._intake.transaction() as connection:
                await store.append(connection, [event])

    async def carried(self) -> None:
        """The log is the stream."""

    def source(self, database: Database, consumer: str, types: Sequence[str]) -> EventSource:
        return PostgresSource(database, consumer, types, self._clock)

    async def close(self) -> None:
        """Nothing is held."""


def kafka_settings(bootstrap: str, **more: Any) -> Settings:
    """Settings with a topic of their own, for one broker."""
    return Settings(
        kafka_bootstrap=bootstrap,
        kafka_topic=f"test.{new_id()}",
        kafka_replication=1,
        kafka_min_insync=1,
        kafka_session_seconds=3,
        **{"kafka_partitions": 3, **more},
    )


class KafkaStream:
    """A topic of its own, and a relay that publishes the database's log."""

    def __init__(self, intake: Database, clock: Clock, bootstrap: str) -> None:
        self._intake = intake
        self._clock = clock
        self._settings = kafka_settings(bootstrap)
        self._relay = Relay(self._settings, intake, "intake", Bell(), clock)
        self._sources: list[tuple[str, str, KafkaSource]] = []

    async def publish(self, events: Sequence[Outgoing]) -> None:
        for event in events:
            async with self._intake.transaction() as connection:
                await store.append(connection, [event])
        await self.carried()

    async def carried(self) -> None:
        while True:
            with suppress(Unavailable):
                if await self._relay.step() == 0:
                    return

    async def open(self) -> None:
        """Make the topic."""
        await topic.make(self._settings)

    def source(self, database: Database, consumer: str, types: Sequence[str]) -> EventSource:
        # A process that is started again has the name that it had, and takes its partitions over.
        before = [one for one in self._sources if one[0] == consumer]
        name = next((name for _, name, one in before if one.started), f"instance-{len(before)}")
        settings = self._settings.model_copy(update={"kafka_instance": name})
        source = KafkaSource(settings, database, consumer, types, self._clock)
        self._sources.append((consumer, name, source))
        return source

    async def close(self) -> None:
        await asyncio.gather(
            self._relay.close(), *(source.close() for _, _, source in self._sources)
        )


async def postgres_stream(intake: Database, clock: Clock, request: pytest.FixtureRequest) -> Stream:
    return PostgresStream(intake, clock)


async def kafka_stream(intake: Database, clock: Clock, request: pytest.FixtureRequest) -> Stream:
    stream = KafkaStream(intake, clock, request.getfixturevalue("kafka"))
    await stream.open()
    return stream


STREAMS: dict[str, Callable[[Database, Clock, pytest.FixtureRequest], Awaitable[Stream]]] = {
    "postgres": postgres_stream,
    "kafka": kafka_stream,
}


async def drain(kernel: Kernel[Any], source: EventSource, most: int = BATCH) -> None:
    """Answer all that waits, as a consumer would, in batches of at most `most`."""
    while (await source.lag()).events:
        batch = await source.read(most)
        if batch:
            with suppress(Superseded):
                await kernel.answer_events(source, batch)


# How many wait for a lock in this database.
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE NOT granted AND datname = current_database()
"""


async def blocked(connection: Connection, most: int = 1) -> None:
    """Return when so many transactions wait for a lock."""
    while await connection.fetchval(WAITING) < most:
        await connection.execute("SELECT pg_stat_clear_snapshot()")


class Wrapped:
    """A source that does as another does. Tests change one of its acts."""

    def __init__(self, inner: EventSource) -> None:
        self._inner = inner

    async def read(self, limit: int) -> Batch | None:
        return await self._inner.read(limit)

    async def settle(self, connection: Connection, batch: Batch) -> None:
        await self._inner.settle(connection, batch)

    async def settled(self, batch: Batch) -> None:
        await self._inner.settled(batch)

    async def rewind(self) -> None:
        await self._inner.rewind()

    async def lag(self) -> Lag:
        return await self._inner.lag()


class Delivery:
    """Delivers what a test hands it, as often as the test likes, and remembers nothing."""

    def __init__(self) -> None:
        self._position = 0

    def batch(self, events: Sequence[Outgoing]) -> Batch:
        """Events at new positions, also those that were delivered before."""
        first = self._position
        received = []
        for event in events:
            self._position += 1
            received.append(
                Received(
                    self._position,
                    event.source,
                    event.referral_id,
                    event.sequence,
                    event.type,
                    event.authority,
                    event.time,
                    event.body,
                )
            )
        return Batch(tuple(received), {0: first}, {0: self._position})

    async def read(self, limit: int) -> Batch | None:
        del limit
        return None

    async def settle(self, connection: Connection, batch: Batch) -> None:
        """Nothing is remembered."""

    async def settled(self, batch: Batch) -> None:
        """Nothing is remembered."""

    async def rewind(self) -> None:
        """Nothing is read."""

    async def lag(self) -> Lag:
        return Lag(0, 0.0)
