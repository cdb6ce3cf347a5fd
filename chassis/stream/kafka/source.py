"""The event stream of the distributed edition: the topic, read as a member of a group.

Kafka's group only says which instance reads which partitions. Where they go on stands in the
service's own database and moves in the transaction of the effects; a database restored from a
backup reads again what it forgot. Kafka gets a copy of the positions, for operators' tools.

A position is the offset after the last record that was seen, so 0 is before the first.

A task of its own polls the topic into a small store, so that reading waits for nothing, and a
member that is slow to answer, or whose database is away, stays in its group.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.faults import Faults, Point, no_faults
from chassis.stream.kafka import clients, store
from chassis.stream.kafka.partition import Partition
from chassis.stream.kafka.wire import NoEvent, event_of, type_of
from chassis.stream.port import Batch, Lag, Received, Superseded
from chassis.telemetry import logs, metrics

POLL_SECONDS = 0.5
KEPT = 4_000
"""How many events are fetched ahead, before polling fetches no more."""

PATIENCE_SECONDS = 10.0
CATCH_UP_SECONDS = 5.0
MIRROR_SECONDS = 1.0
MIRROR_TIMEOUT_SECONDS = 2.0

log = logs.get_logger(__name__)


class KafkaSource:
    """Reads the topic for `consumer`. Starts at the first reading; `bell` rings when events come.
    One instance belongs to one loop of a consumer."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        consumer: str,
        types: Sequence[str],
        clock: Clock,
        bell: Bell | None = None,
        *,
        faults: Faults = no_faults,
    ) -> None:
        self._settings = settings
        self._database = database
        self._consumer = consumer
        self._types = frozenset(types)
        self._wanted = frozenset(kind.encode() for kind in types)
        self._clock = clock
        self._bell = bell
        self._faults = faults
        self._topic = settings.kafka_topic
        self.group = f"{settings.kafka_topic}.{consumer}"
        self._client: AIOKafkaConsumer | None = None
        self._asking: AIOKafkaConsumer | None = None
        self._starting = asyncio.Lock()
        self._polling: asyncio.Task[None] | None = None
        self._polled: float | None = None
        self._assigned = asyncio.Event()
        self._arrived = asyncio.Event()
        self._partitions: dict[int, Partition] = {}
        self._astray = False
        self._turn = 0
        self._mirror: dict[int, int] = {}
        self._mirror_at = 0.0

    @property
    def started(self) -> bool:
        """Whether it has ever been read."""
        return self._polled is not None

    @property
    def seconds_since_poll(self) -> float:
        """For /livez: how long ago Kafka was last asked for events, whether it had any or not.
        0 before the first start."""
        if self._polled is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._polled

    async def read(self, limit: int) -> Batch | None:
        await self._ready()
        await self._faults(Point.EVENTS_READ)
        events: list[Received] = []
        after: dict[int, int] = {}
        until: dict[int, int] = {}
        for number, partition in self._in_turn():
            if partition.placed and partition.read < partition.fetched and len(events) < limit:
                after[number] = partition.read
                events += partition.take(limit - len(events))
                until[number] = partition.read
        return Batch(tuple(events), after, until) if after else None

    def _in_turn(self) -> list[tuple[int, Partition]]:
        """The partitions, each time beginning with another: a full one must not hold up the rest."""
        self._turn += 1
        turn = self._turn % max(1, len(self._partitions))
        partitions = list(self._partitions.items())
        return partitions[turn:] + partitions[:turn]

    async def settle(self, connection: Connection, batch: Batch) -> None:
        moves = {
            self._cursor(number): (batch.after[number], until)
            for number, until in batch.until.items()
        }
        if not await store.move(connection, moves):
            raise Superseded

    async def settled(self, batch: Batch) -> None:
        for number, until in batch.until.items():
            partition = self._partitions.get(number)
            if partition and partition.placed:
                partition.settle(batch.after[number], until)
            self._mirror[number] = until

    async def rewind(self) -> None:
        self._astray = True

    async def lag(self) -> Lag:
        """Events of all partitions, whoever reads them, of whatever type. The age is that of the
        oldest that this instance has fetched."""
        client = await self._ready()
        places = [
            TopicPartition(self._topic, number)
            for number in client.partitions_for_topic(self._topic) or ()
        ]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                ends = await self._asking.end_offsets(places)
        except (KafkaError, TimeoutError) as away:
            raise clients.StreamAway from away
        positions = await self._positions(place.partition for place in places)
        behind = {place.partition: end - positions[place.partition] for place, end in ends.items()}
        times = [
            oldest
            for number, partition in self._partitions.items()
            if behind.get(number, 0) > 0 and (oldest := partition.oldest)
        ]
        age = (self._clock() - min(times)).total_seconds() if times else 0.0
        return Lag(sum(count for count in behind.values() if count > 0), max(0.0, age))

    async def close(self) -> None:
        """Leave the group, unless this instance has a stable name: its partitions then wait for it
        to come back."""
        client, self._client = self._client, None
        if self._polling is not None:
            polling, self._polling = self._polling, None
            polling.cancel()
            await asyncio.wait([polling])
        if client is not None:
            await self._tell(client)
        asking, self._asking = self._asking, None
        await clients.stop(*(one for one in (client, asking) if one))
        self.revoked()

    async def _ready(self) -> AIOKafkaConsumer:
        """Started, with partitions, each at its place. Raises StreamAway or DatabaseAway."""
        async with self._starting:
            if self._polling is not None and self._polling.done():
                # What ended it is logged; a fresh client finds its way or says why not.
                await self.close()
            client = self._client
            if client is None:
                client = await self._start()
            # Also where all is answered: a database that was restored meanwhile stands elsewhere.
            if self._astray or all(one.answered for one in self._partitions.values()):
                await self._place(client)
        return client

    async def _start(self) -> AIOKafkaConsumer:
        name = f"frontdoor {self._consumer}"
        client = clients.consumer(self._settings, self.group, name)
        asking = clients.enquirer(self._settings, name)
        self._assigned.clear()
        await clients.start(client, asking)
        self._asking = asking
        client.subscribe([self._topic], listener=_Listener(self, client))
        self._client = client
        self._polling = asyncio.create_task(self._poll(client))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._assigned.wait()
        except TimeoutError as away:
            await self.close()
            raise clients.StreamAway from away
        if not client.partitions_for_topic(self._topic):
            log.error("no_topic", consumer=self._consumer)
            await self.close()
            raise clients.StreamAway
        await self._place(client)
        return client

    async def _place(self, client: AIOKafkaConsumer) -> None:
        """Have every partition go on after what the database says is settled."""
        self._astray = False
        held = dict(self._partitions)
        if not held:
            return
        positions = await self._positions(held)
        if self._partitions != held:
            return
        strange = {
            number: partition
            for number, partition in held.items()
            if not (partition.placed and partition.rewind(positions[number]))
        }
        if not strange:
            return
        async with self._database.connection() as connection:
            await store.open_cursors(connection, [self._cursor(number) for number in strange])
        try:
            ends = await self._seek(client, strange, positions)
        except IllegalStateError:
            # Taken away meanwhile: what comes next is another assignment.
            self._astray = True
            return
        except (KafkaError, TimeoutError) as away:
            self._astray = True
            raise clients.StreamAway from away
        await self._catch_up(strange, ends)

    async def _seek(
        self,
        client: AIOKafkaConsumer,
        partitions: dict[int, Partition],
        positions: dict[int, int],
    ) -> dict[int, int]:
        """Have Kafka go on at `positions`. Returns where each partition ends now."""
        places = {number: TopicPartition(self._topic, number) for number in partitions}
        async with asyncio.timeout(PATIENCE_SECONDS):
            ends = await self._asking.end_offsets(list(places.values()))
            firsts = await self._asking.beginning_offsets(list(places.values()))
        for number, partition in partitions.items():
            place, position = places[number], positions[number]
            first, end = firsts[place], ends[place]
            if not first <= position <= end:
                log.error(
                    "topic_does_not_hold_position",
                    consumer=self._consumer,
                    position=position,
                    reason="records_deleted" if position < first else "topic_shorter",
                )
                position = await self._move_to(number, position, first)
            partition.place(position)
            client.seek(place, position)
            client.resume(place)
        return {number: ends[place] for number, place in places.items()}

    async def _move_to(self, number: int, position: int, first: int) -> int:
        """Start again at the first record that there is. The marks drop what was handled."""
        async with self._database.transaction() as connection:
            if not await store.move(connection, {self._cursor(number): (position, first)}):
                self._astray = True
        return first

    async def _catch_up(self, partitions: dict[int, Partition], ends: dict[int, int]) -> None:
        """Wait until some of what the topic is known to hold has come: `read` would else say that
        there is nothing."""
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                while not self._astray:
                    waits = {
                        number
                        for number, one in partitions.items()
                        if one is self._partitions.get(number) and one.fetched < ends[number]
                    }
                    if not waits or any(one.read < one.fetched for one in partitions.values()):
                        return
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            # What is there may be no records but a foreign transaction's marks.
            return

    async def _positions(self, numbers: Iterable[int]) -> dict[int, int]:
        cursors = {self._cursor(number): number for number in numbers}
        async with self._database.connection() as connection:
            found = await store.positions(connection, list(cursors))
        return {cursors[name]: position for name, position in found.items()}

    def _cursor(self, number: int) -> str:
        return f"{self._consumer} {self._topic} {number}"

    async def _poll(self, client: AIOKafkaConsumer) -> None:
        """Fetch for ever. Ends when the client can't go on."""
        loop = asyncio.get_running_loop()
        self._polled = loop.time()
        while True:
            self._hold_back(client)
            try:
                found = await client.getmany(timeout_ms=int(POLL_SECONDS * 1000))
            except Exception:
                log.exception("consumer_client_ended", consumer=self._consumer)
                return
            self._polled = loop.time()
            for place, records in found.items():
                partition = self._partitions.get(place.partition)
                if partition and partition.placed:
                    self._keep(partition, records)
            if found:
                self._arrived.set()
                if self._bell:
                    self._bell.ring()
            if self._mirror and loop.time() >= self._mirror_at:
                self._mirror_at = loop.time() + MIRROR_SECONDS
                await self._tell(client)

    def _hold_back(self, client: AIOKafkaConsumer) -> None:
        """Fetch no more for a partition while enough of it waits to be answered."""
        most = KEPT // max(1, len(self._partitions))
        for number, partition in self._partitions.items():
            if not partition.placed:
                continue
            place = TopicPartition(self._topic, number)
            try:
                if partition.kept > most:
                    client.pause(place)
                else:
                    client.resume(place)
            except IllegalStateError:
                return

    def _keep(self, partition: Partition, records: Sequence[ConsumerRecord]) -> None:
        if records[0].offset < partition.fetched:
            # The client was sent back to the topic's start: it no longer has what we were reading.
            self._astray = True
            partition.placed = False
            return
        for record in records:
            kind = type_of(record.headers)
            event = None
            if kind is None or kind in self._wanted:
                event = self._event_of(partition.number, record)
            partition.add(record.offset + 1, event)

    def _event_of(self, number: int, record: ConsumerRecord) -> Received | None:
        try:
            event = event_of(number, record.offset + 1, record.value, record.headers)
        except NoEvent:
            metrics.RECORDS_SKIPPED.labels(self._consumer).inc()
            log.warning("record_is_no_event", consumer=self._consumer, position=record.offset + 1)
            return None
        return event if event.type in self._types else None

    async def _tell(self, client: AIOKafkaConsumer) -> None:
        """Copy the positions to Kafka. Nothing of ours reads them."""
        told, self._mirror = self._mirror, {}
        offsets = {
            TopicPartition(self._topic, number): position
            for number, position in told.items()
            if number in self._partitions
        }
        if not offsets:
            return
        try:
            async with asyncio.timeout(MIRROR_TIMEOUT_SECONDS):
                await client.commit(offsets)
        except (CommitFailedError, IllegalStateError):
            log.info("offsets_not_mirrored", consumer=self._consumer, reason="rebalancing")
        except (KafkaError, TimeoutError) as why:
            log.info("offsets_not_mirrored", consumer=self._consumer, reason=type(why).__name__)
        await self._faults(Point.OFFSETS_MIRRORED)

    def revoked(self) -> None:
        """The group shares its partitions anew: none is ours until it has."""
        self._partitions = {}

    def assigned(self, client: AIOKafkaConsumer, numbers: Iterable[int]) -> None:
        """These partitions are ours, from a place that the next reading finds."""
        self._partitions = {number: Partition(number) for number in sorted(numbers)}
        client.pause(*(TopicPartition(self._topic, number) for number in self._partitions))
        self._astray = True
        self._assigned.set()
        self._arrived.set()
        if self._bell:
            self._bell.ring()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """What it does can't fail and waits for nothing: aiokafka would log the one and hold up the
    group for the other."""

    def __init__(self, source: KafkaSource, client: AIOKafkaConsumer) -> None:
        self._source = source
        self._client = client

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._source.revoked()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._source.assigned(self._client, [place.partition for place in assigned])
