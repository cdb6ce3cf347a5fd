"""What a topic holds, read past all that is under test."""

from collections.abc import Sequence
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from chassis.database import Database
from chassis.settings import Settings
from chassis.stream import store
from chassis.stream.port import Outgoing
from contracts.envelope import Event
from contracts.events import ReferralWithdrawn
from contracts.registry import type_of

WITHDRAWN = type_of(ReferralWithdrawn).type.encode()


async def append(intake: Database, events: Sequence[Outgoing]) -> None:
    """Each in a transaction of its own."""
    for event in events:
        async with intake.transaction() as connection:
            await store.append(connection, [event])


async def records(settings: Settings) -> list[ConsumerRecord]:
    """Every record, partition by partition."""
    client = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, enable_auto_commit=False)
    await client.start()
    try:
        places = [
            TopicPartition(settings.kafka_topic, number)
            for number in range(settings.kafka_partitions)
        ]
        client.assign(places)
        for place in places:
            client.seek(place, 0)
        ends = await client.end_offsets(places)
        found: list[ConsumerRecord] = []
        while sum([await client.position(place) for place in places]) < sum(ends.values()):
            for batch in (await client.getmany(timeout_ms=200)).values():
                found += batch
        return sorted(found, key=lambda record: (record.partition, record.offset))
    finally:
        await client.stop()


def words(found: Sequence[ConsumerRecord]) -> dict[UUID, list[str]]:
    """The word in each record of intake's, of each referral, in order."""
    said: dict[UUID, list[str]] = {}
    for record in found:
        if dict(record.headers)["ce_type"] != WITHDRAWN:
            continue
        event = Event[ReferralWithdrawn].model_validate_json(record.value)
        assert record.key == str(event.subject).encode()
        said.setdefault(event.subject, []).append(event.data.reason)
    return said


def firsts(said: Sequence[str]) -> list[str]:
    """Without repeats."""
    return list(dict.fromkeys(said))


async def send(
    settings: Settings,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]] = (),
    key: bytes = b"a key",
) -> None:
    """One record, as somebody else would send it."""
    client = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap)
    await client.start()
    try:
        await client.send_and_wait(settings.kafka_topic, value, key=key, headers=list(headers))
    finally:
        await client.stop()
