"""The event stream of the single-machine edition: PostgreSQL's log, read with a cursor."""

from collections.abc import Sequence
from datetime import datetime

from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.stream import store
from chassis.stream.port import Batch, Lag, Superseded

# How many positions one reading passes at most. Bounds what a consumer of rare types scans.
WINDOW = 5_000


class PostgresSource:
    """Reads the log for `consumer`. The cursor moves in the transaction of the effects, so an
    event is answered once however often a process dies. Past events that the consumer does not
    answer it moves with the next that it does, or once there is a pause: on its own that would be
    a transaction for each of theirs."""

    def __init__(
        self, database: Database, consumer: str, types: Sequence[str], clock: Clock
    ) -> None:
        self._database = database
        self._consumer = consumer
        self._types = tuple(types)
        self._clock = clock
        self._read: int | None = None
        self._given = 0

    async def read(self, limit: int) -> Batch | None:
        async with self._database.connection() as connection:
            after = self._read
            if after is None:
                after = self._given = await store.open_cursor(connection, self._consumer)
            events, head = await store.read(connection, after, WINDOW, self._types, limit)
        full = len(events) == limit
        self._read = events[-1].position if full else max(after, min(head, after + WINDOW))
        if not events and after < self._read < self._given + WINDOW:
            return None
        given, self._given = self._given, self._read
        return Batch(tuple(events), {0: given}, {0: self._read}) if self._read > given else None

    async def settle(self, connection: Connection, batch: Batch) -> None:
        before, after = batch.after[0], batch.until[0]
        if not await store.move_cursor(connection, self._consumer, before, after):
            raise Superseded

    async def settled(self, batch: Batch) -> None:
        """Nothing more to do: the cursor was part of the transaction."""

    async def rewind(self) -> None:
        self._read = None

    async def lag(self) -> Lag:
        async with self._database.connection() as connection:
            after = await store.open_cursor(connection, self._consumer)
            events, oldest = await store.lag(connection, after, self._types)
        return Lag(events, self._age(oldest))

    def _age(self, oldest: datetime | None) -> float:
        return max(0.0, (self._clock() - oldest).total_seconds()) if oldest else 0.0
