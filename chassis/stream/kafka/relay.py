"""The relay: publishes a service's log to the topic, in the log's order.

It is one more cursor on the log. Every instance of a service runs a relay, and whichever holds the
row of the cursor publishes. It holds the row for one batch; a host that vanishes holds it until
PostgreSQL gives up its idle transaction, after 15 seconds.

A batch is sent as one record batch for each partition, and nothing more is sent before all of it is
acknowledged. So whatever fails, what a partition holds is the log up to some event, with repeats
perhaps, but never a later event before an earlier one. Consumers drop repeats by their marks; an
event overtaken by its successor they would drop too.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from chassis.clock import Clock
from chassis.database import Connection, Database, DatabaseAway
from chassis.database.pool import AWAY
from chassis.settings import Settings
from chassis.stream.bell import Bell, wait
from chassis.stream.faults import Faults, Point, no_faults
from chassis.stream.kafka import clients, store
from chassis.stream.kafka.wire import record_of, traceparent_of
from chassis.stream.lull import Lull
from chassis.stream.port import Received
from chassis.telemetry import logs, metrics, traces
from contracts.registry import types_of

if TYPE_CHECKING:
    Own = asyncpg.Connection[asyncpg.Record]
else:
    Own = asyncpg.Connection

BATCH = 500
CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 10.0
ACKNOWLEDGE_SECONDS = 10.0
LONGEST_LULL_SECONDS = 0.1
HURRIED_LULL_SECONDS = 0.04
BUSY_SECONDS = 0.05
IDLE_SECONDS = 0.5
BUSY_ROUNDS = 20
LONGEST_WAIT_SECONDS = 5.0
MEASURE_SECONDS = 5.0

SESSION = {
    "timezone": "UTC",
    "lock_timeout": "5000",
    # A host that vanished in the middle of its work frees the cursor after this long at most.
    "idle_in_transaction_session_timeout": "15000",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "12000",
    # A cursor that a power cut takes back repeats some events and loses none.
    "synchronous_commit": "off",
}

log = logs.get_logger(__name__)


class NotAcknowledged(Exception):
    """Kafka refused a batch, or did not acknowledge it in time. What became of it is not known."""


class Relay:
    """Publishes the log of `service`'s own database until cancelled. `hurried`: people wait for
    what others answer to it, so that it lets events come together for less time."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        service: str,
        bell: Bell,
        clock: Clock,
        *,
        hurried: bool = False,
        faults: Faults = no_faults,
    ) -> None:
        self._settings = settings
        self._database = database
        self._service = service
        self._lull = Lull(HURRIED_LULL_SECONDS if hurried else LONGEST_LULL_SECONDS)
        self._heard = bell.listener(*types_of(service))
        self._clock = clock
        self._faults = faults
        self._topic = settings.kafka_topic
        self._name = f"frontdoor {service} relay"
        self._connection: Own | None = None
        self._producer: AIOKafkaProducer | None = None
        self._partitions: list[int] = []
        self._partition_of: dict[UUID, int] = {}
        self._ahead: tuple[int, list[Received]] | None = None
        self._failures = 0

    async def run(self) -> None:
        """Publish for ever. Waits a little longer after each failure, five seconds at most."""
        loop = asyncio.get_running_loop()
        measure_at, quiet = loop.time(), BUSY_ROUNDS
        try:
            while True:
                try:
                    if loop.time() >= measure_at:
                        measure_at = loop.time() + MEASURE_SECONDS
                        await self.measure()
                    began = loop.time()
                    sent = await self.step()
                    self._failures = 0
                except (DatabaseAway, clients.StreamAway, NotAcknowledged) as away:
                    await self._rest(type(away).__name__)
                except Exception:
                    log.exception("relay_fault", service=self._service)
                    await self._rest("fault")
                else:
                    quiet = 0 if sent else quiet + 1
                    if self._more:
                        continue
                    if sent:
                        await asyncio.sleep(self._lull.after(loop.time() - began))
                        continue
                    self._lull.rested()
                    await wait(self._heard, BUSY_SECONDS if quiet < BUSY_ROUNDS else IDLE_SECONDS)
        finally:
            await self.close()

    async def step(self) -> int:
        """Publish one batch. Returns how many events it had; 0 while another relay is at work.
        Raises DatabaseAway, StreamAway or NotAcknowledged; the cursor then stands where it did."""
        try:
            connection = self._connection or await self._connect()
            producer = self._producer or await self._start()
            transaction = connection.transaction()
            await transaction.start()
            sent = await self._publish(connection, producer)
            await transaction.commit()
        except BaseException as fault:
            # Rolled back by hanging up. A rollback that fails would hide what went wrong, and that
            # we may have been cancelled.
            self._hang_up()
            if isinstance(fault, NotAcknowledged):
                metrics.RELAY_REBUILDS.labels(self._service).inc()
                await self._give_up_producer()
            if isinstance(fault, (*AWAY, asyncpg.PostgresError)):
                raise DatabaseAway from fault
            raise
        await self._faults(Point.RELAY_COMMITTED)
        return sent

    @property
    def _more(self) -> bool:
        """Whether events wait that were read already."""
        return bool(self._ahead and self._ahead[1])

    async def measure(self) -> None:
        """Say how far the log is ahead of the topic. Raises DatabaseAway."""
        async with self._database.connection() as connection:
            events, oldest = await store.unpublished(connection)
        age = max(0.0, (self._clock() - oldest).total_seconds()) if oldest else 0.0
        metrics.RELAY_LAG_EVENTS.labels(self._service).set(events)
        metrics.RELAY_OLDEST_SECONDS.labels(self._service).set(age)

    async def close(self) -> None:
        """Let go of the cursor, the connection and the producer."""
        self._hang_up()
        await self._give_up_producer()

    async def _publish(self, connection: Connection, producer: AIOKafkaProducer) -> int:
        after = await store.take_relay(connection)
        if after is None:
            self._ahead = None
            return 0
        await self._faults(Point.RELAY_LOCKED)
        events = await self._next(connection, after)
        if not events:
            return 0
        await self._faults(Point.RELAY_READ)
        with traces.publishing(self._topic, self._name, _traceparents(events), len(events)):
            sending = asyncio.create_task(self._send(producer, events))
            try:
                # Read while Kafka writes.
                more = await store.read_log(connection, events[-1].position, BATCH)
                sent = await sending
            finally:
                if not sending.done():
                    sending.cancel()
                    await asyncio.wait([sending])
        await self._faults(Point.RELAY_ACKNOWLEDGED)
        until = events[sent - 1].position
        await store.published(connection, until)
        await self._faults(Point.RELAY_CURSOR_MOVED)
        self._ahead = (until, [*events[sent:], *more] if sent < len(events) else more)
        metrics.RELAY_EVENTS.labels(self._service).inc(sent)
        return sent

    async def _next(self, connection: Connection, after: int) -> list[Received]:
        ahead, self._ahead = self._ahead, None
        if ahead and ahead[0] == after and ahead[1]:
            return ahead[1]
        return await store.read_log(connection, after, BATCH)

    async def _send(self, producer: AIOKafkaProducer, events: Sequence[Received]) -> int:
        """Send the events that fit into one batch for each partition, and wait for all
        acknowledgements. Returns how many they were, from the first."""
        batches: dict[int, Any] = {}
        sent = 0
        now = int(self._clock().timestamp() * 1000)
        for event in events:
            place = self._place(event.referral_id)
            batch = batches.get(place)
            if batch is None:
                batch = batches[place] = producer.create_batch()
            record = record_of(event)
            if not batch.append(
                key=record.key, value=record.value, timestamp=now, headers=record.headers
            ):
                break
            sent += 1
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                waiting = [
                    await producer.send_batch(batch, self._topic, partition=place)
                    for place, batch in batches.items()
                ]
                await self._faults(Point.RELAY_SENT)
                await asyncio.gather(*waiting)
        except (KafkaError, TimeoutError) as refused:
            log.warning("relay_not_acknowledged", service=self._service, reason=_name(refused))
            raise NotAcknowledged from refused
        return sent

    def _place(self, referral_id: UUID) -> int:
        """The partition where Kafka's own clients would put that key."""
        place = self._partition_of.get(referral_id)
        if place is None:
            if len(self._partition_of) > 100 * BATCH:
                self._partition_of.clear()
            hashed = murmur2(str(referral_id).encode()) & 0x7FFFFFFF
            place = self._partitions[hashed % len(self._partitions)]
            self._partition_of[referral_id] = place
        return place

    async def _connect(self) -> Own:
        connection = await asyncpg.connect(
            self._database.url,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings={
                **SESSION,
                "search_path": self._database.schema,
                "application_name": self._name,
            },
        )
        self._connection = connection
        await store.open_cursors(connection, [store.RELAY])
        return connection

    async def _start(self) -> AIOKafkaProducer:
        producer = clients.producer(self._settings, self._name)
        await clients.start(self._settings, producer)
        try:
            async with asyncio.timeout(clients.START_SECONDS):
                self._partitions = sorted(await producer.partitions_for(self._topic))
        except (KafkaError, TimeoutError) as away:
            await clients.stop(producer)
            raise clients.StreamAway from away
        except BaseException:
            await clients.stop(producer)
            raise
        self._partition_of.clear()
        self._producer = producer
        return producer

    async def _give_up_producer(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await clients.stop(producer)

    def _hang_up(self) -> None:
        self._ahead = None
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.terminate()

    async def _rest(self, why: str) -> None:
        self._failures += 1
        metrics.RELAY_WAITS.labels(self._service, why).inc()
        await asyncio.sleep(min(LONGEST_WAIT_SECONDS, 0.1 * 2**self._failures))


def _traceparents(events: Sequence[Received]) -> list[str]:
    if not traces.exporting():
        return []
    return sorted({found for event in events if (found := traceparent_of(event.body))})


def _name(error: BaseException) -> str:
    return type(error).__name__
