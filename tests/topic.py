"""A stand-in for the stream between services, in the memory of one test: a topic that relays
append to and consumers read, with what a broker may do to it."""

from collections.abc import Mapping
from typing import Any

from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.errors import Unavailable
from chassis.running import Loop
from chassis.stream import store
from chassis.stream.bell import Bell, wait
from chassis.stream.port import Batch, EventSource, Lag, Received, Superseded

LOOK_AGAIN_SECONDS = 0.05


class Topic:
    """The events of all services, in the order in which they arrived."""

    def __init__(self) -> None:
        self.events: list[Received] = []
        self.away = False
        self.rung = Bell()

    def append(self, events: list[Received]) -> None:
        self._reached()
        self.events += [
            one._replace(position=place) for place, one in enumerate(events, len(self.events) + 1)
        ]
        self.rung.ring()

    def after(
        self, position: int, types: tuple[str, ...], limit: int
    ) -> tuple[list[Received], int]:
        self._reached()
        found = [one for one in self.events[position:] if one.type in types][:limit]
        return found, found[-1].position if len(found) == limit else len(self.events)

    def _reached(self) -> None:
        if self.away:
            raise Unavailable("broker_away", "The broker is away.")


class TopicStream:
    """A Stream over a Topic."""

    def __init__(self, topic: Topic, clock: Clock) -> None:
        self.topic = topic
        self.clock = clock

    def source_of(
        self, database: Database, consumer: str, types: tuple[str, ...], bell: Bell
    ) -> EventSource:
        return TopicSource(self.topic, database, consumer, types)

    def relay(self, database: Database, service: str, bell: Bell) -> Loop:
        return TopicRelay(self.topic, database, bell).run

    async def state(self) -> Mapping[str, Any]:
        return {"ok": not self.topic.away}

    def silent_seconds(self) -> float:
        return 0.0

    async def published(self, database: Database) -> bool:
        async with database.connection() as connection:
            place = await store.open_cursor(connection, "relay")
            return place == await store.head(connection)

    async def close(self) -> None:
        pass


class TopicSource:
    """Reads the topic for one consumer; its place is in the service's own database."""

    def __init__(
        self, topic: Topic, database: Database, consumer: str, types: tuple[str, ...]
    ) -> None:
        self._topic = topic
        self._database = database
        self._consumer = consumer
        self._types = types
        self._read: int | None = None

    async def read(self, limit: int) -> Batch | None:
        after = self._read if self._read is not None else await self._place()
        events, until = self._topic.after(after, self._types, limit)
        if until == after:
            return None
        self._read = until
        return Batch(tuple(events), {0: after}, {0: until})

    async def settle(self, connection: Connection, batch: Batch) -> None:
        before, after = batch.after[0], batch.until[0]
        if not await store.move_cursor(connection, self._consumer, before, after):
            raise Superseded

    async def settled(self, batch: Batch) -> None:
        pass

    async def rewind(self) -> None:
        self._read = None

    async def lag(self) -> Lag:
        events, _ = self._topic.after(await self._place(), self._types, 10_000)
        return Lag(len(events), 0.0)

    async def _place(self) -> int:
        async with self._database.connection() as connection:
            return await store.open_cursor(connection, self._consumer)


class TopicRelay:
    """Carries a service's log to the topic."""

    def __init__(self, topic: Topic, database: Database, bell: Bell) -> None:
        self._topic = topic
        self._database = database
        self._heard = bell.listener()

    async def run(self) -> None:
        while True:
            try:
                await self._carry()
            except Unavailable:
                pass
            await wait(self._heard, LOOK_AGAIN_SECONDS)

    async def _carry(self) -> None:
        async with self._database.transaction() as connection:
            after = await store.open_cursor(connection, "relay")
            rows = await connection.fetch(
                "SELECT position, source, referral_id, sequence, type, authority, time, "
                "body::text AS body FROM event_stream.event_log WHERE position > $1 "
                "ORDER BY position",
                after,
            )
            if rows:
                self._topic.append([store.received(row) for row in rows])
                await store.move_cursor(connection, "relay", after, rows[-1]["position"])
