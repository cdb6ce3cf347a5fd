"""One member of a consumer group: its share of the topic's partitions, and what was fetched of
them.

A task polls the topic into a small store, so that reading waits for nothing, and a member that is
slow to answer, or whose database is away, stays in its group.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.faults import Faults, Point
from chassis.stream.kafka import clients
from chassis.stream.kafka.partition import Partition
from chassis.stream.kafka.wire import NoEvent, event_of, type_of
from chassis.stream.port import Received
from chassis.telemetry import logs, metrics

POLL_SECONDS = 0.5
KEPT = 4_000
"""How many events are fetched ahead, before polling fetches no more."""

PATIENCE_SECONDS = 10.0
MIRROR_SECONDS = 1.0
MIRROR_TIMEOUT_SECONDS = 2.0

log = logs.get_logger(__name__)


class Member:
    """Polls for `consumer` from `start` to `close`. `partitions` are its share now; `astray` says
    that one of them isn't where it should be. `arrived` is set whenever something came."""

    def __init__(
        self,
        settings: Settings,
        consumer: str,
        types: Sequence[str],
        bell: Bell | None,
        faults: Faults,
        *,
        gathers: bool = False,
    ) -> None:
        self._settings = settings
        self._consumer = consumer
        self._topic = settings.kafka_topic
        self._types = frozenset(types)
        self._wanted = frozenset(kind.encode() for kind in types)
        self._bell = bell
        self._faults = faults
        name = f"frontdoor {consumer}"
        self._client = clients.consumer(
            settings, f"{self._topic}.{consumer}", name, gathers=gathers
        )
        self._asking = clients.enquirer(settings, name)
        self._polling: asyncio.Task[None] | None = None
        self._assigned = asyncio.Event()
        self._settled: dict[int, int] = {}
        self.partitions: dict[int, Partition] = {}
        self.astray = False
        self.arrived = asyncio.Event()
        self.polled = asyncio.get_running_loop().time()

    @property
    def ended(self) -> bool:
        """Whether it can't go on, and another has to take its place."""
        return self._polling is None or self._polling.done()

    async def start(self) -> None:
        """Join the group. Raises StreamAway, with everything closed."""
        await clients.start(self._settings, self._client, self._asking)
        self._client.subscribe([self._topic], listener=_Listener(self))
        self._polling = asyncio.create_task(self._poll())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._assigned.wait()
        except BaseException as away:
            await self.close()
            if isinstance(away, TimeoutError):
                raise clients.StreamAway from away
            raise
        if not self.numbers():
            log.error("no_topic", consumer=self._consumer)
            await self.close()
            raise clients.StreamAway

    async def close(self) -> None:
        """Leave the group, unless this instance has a stable name: its partitions then wait for it
        to come back."""
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.wait([self._polling])
            await self._mirror()
        await clients.stop(self._client, self._asking)
        self.partitions = {}

    def numbers(self) -> list[int]:
        """Every partition of the topic, whoever has it."""
        return sorted(self._client.partitions_for_topic(self._topic) or ())

    async def ends(self, numbers: Iterable[int]) -> dict[int, int]:
        """The position at the end of each partition. Raises StreamAway."""
        return await self._ask(self._asking.end_offsets, numbers)

    async def beginnings(self, numbers: Iterable[int]) -> dict[int, int]:
        """The position before the first record of each partition. Raises StreamAway."""
        return await self._ask(self._asking.beginning_offsets, numbers)

    def go_on(self, partition: Partition, position: int) -> None:
        """Fetch a partition from `position`. Where it was taken away meanwhile, `astray` says so."""
        place = self._place(partition.number)
        try:
            self._client.seek(place, position)
            self._client.resume(place)
        except IllegalStateError:
            self.astray = True
        else:
            partition.place(position)

    def settled(self, number: int, after: int, until: int) -> None:
        """A part of a partition is handled."""
        partition = self.partitions.get(number)
        if partition:
            partition.settle(after, until)
            self._settled[number] = until

    async def _ask(self, question: Any, numbers: Iterable[int]) -> dict[int, int]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await question([self._place(number) for number in numbers])
        except (KafkaError, TimeoutError) as away:
            raise clients.StreamAway from away
        return {place.partition: offset for place, offset in answer.items()}

    async def _poll(self) -> None:
        """Fetch for ever. Ends when the client can't go on."""
        loop = asyncio.get_running_loop()
        mirror_at = loop.time()
        while True:
            try:
                self._hold_back()
                found = await self._client.getmany(timeout_ms=int(POLL_SECONDS * 1000))
            except Exception:
                log.exception("consumer_client_ended", consumer=self._consumer)
                return
            self.polled = loop.time()
            self._keep(found)
            if self._settled and loop.time() >= mirror_at:
                mirror_at = loop.time() + MIRROR_SECONDS
                await self._mirror()

    def _hold_back(self) -> None:
        """Fetch no more of a partition while enough of it waits to be answered."""
        most = KEPT // max(1, len(self.partitions))
        for number, partition in self.partitions.items():
            if partition.placed and self._client.assignment():
                (self._client.pause if partition.kept > most else self._client.resume)(
                    self._place(number)
                )

    def _keep(self, found: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        for place, records in found.items():
            partition = self.partitions.get(place.partition)
            if not partition or not partition.placed:
                continue
            if records[0].offset < partition.fetched:
                # The client was sent back to the start: the topic lacks what we were reading.
                partition.placed = False
                self.astray = True
                continue
            for record in records:
                partition.add(record.offset + 1, self._event_of(partition.number, record))
        if found:
            self._ring()

    def _event_of(self, number: int, record: ConsumerRecord) -> Received | None:
        """The event of a record. None where the consumer does not answer its type, which as a rule
        a header says, or where it is none."""
        kind = type_of(record.headers)
        if kind is not None and kind not in self._wanted:
            return None
        try:
            event = event_of(number, record.offset + 1, record.value, record.headers)
        except NoEvent:
            metrics.RECORDS_SKIPPED.labels(self._consumer).inc()
            log.warning("record_is_no_event", consumer=self._consumer, position=record.offset + 1)
            return None
        return event if event.type in self._types else None

    async def _mirror(self) -> None:
        """Copy the positions to Kafka. Nothing of ours reads them."""
        settled, self._settled = self._settled, {}
        offsets = {
            self._place(number): position
            for number, position in settled.items()
            if number in self.partitions
        }
        if not offsets:
            return
        try:
            async with asyncio.timeout(MIRROR_TIMEOUT_SECONDS):
                await self._client.commit(offsets)
        except (KafkaError, TimeoutError) as why:
            log.info("offsets_not_mirrored", consumer=self._consumer, reason=type(why).__name__)
        await self._faults(Point.OFFSETS_MIRRORED)

    def _place(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic, number)

    def _ring(self) -> None:
        self.arrived.set()
        if self._bell:
            self._bell.ring(*self._types)

    def revoked(self) -> None:
        """The group shares its partitions anew: none is ours until it has."""
        self.partitions = {}

    def assigned(self, numbers: Iterable[int]) -> None:
        """These partitions are ours. Nothing is fetched until it is known from where."""
        self.partitions = {number: Partition(number) for number in sorted(numbers)}
        self._client.pause(*(self._place(number) for number in self.partitions))
        self.astray = True
        self._assigned.set()
        self._ring()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """What it does can't fail and waits for nothing: aiokafka would swallow the one and hold up the
    group for the other."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._member.revoked()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._member.assigned([place.partition for place in assigned])
