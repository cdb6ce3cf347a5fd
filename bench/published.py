"""A topic as it stands, read from its first record to its last by a client of its own."""

import asyncio
import json
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Published:
    """A record, as its event says. `partition` is where it stands."""

    id: str
    referral: str
    source: str
    sequence: int
    partition: int


async def published(bootstrap: str, topic: str) -> list[Published]:
    """All records, those of each partition in order."""
    client = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False
    )
    await client.start()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            # Known once the client has heard of the topic.
            while not (places := sorted(client.assignment())):
                await asyncio.sleep(0.02)
        ends = await client.end_offsets(places)
        for place, first in (await client.beginning_offsets(places)).items():
            # `seek_to_beginning` can be overtaken by the client's own first look, at the end.
            client.seek(place, first)
        found: dict[TopicPartition, list[Published]] = {place: [] for place in places}
        while any([await client.position(place) < ends[place] for place in places]):
            for place, records in (await client.getmany(timeout_ms=200)).items():
                found[place] += [_read(place.partition, one.value) for one in records]
    finally:
        await client.stop()
    return [one for place in places for one in found[place]]


def _read(partition: int, value: bytes) -> Published:
    event = json.loads(value)
    return Published(
        event["id"], event["subject"], event["source"], int(event["sequence"]), partition
    )
