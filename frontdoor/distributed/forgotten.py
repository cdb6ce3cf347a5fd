"""What a restored database has forgotten, and nobody can give back: events that the service said
itself after the backup was made. The topic has them, so others know; the words behind them, such as
a decision's rationale, were in the lost part of the database alone.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from chassis.database import Database
from chassis.settings import Settings
from chassis.stream.kafka import clients, store
from chassis.stream.kafka.wire import NoEvent, event_of
from chassis.stream.port import Received

# Clocks of two machines, and the time that an event waits for its relay.
EARLIER = timedelta(hours=1)
POLL_MS = 500
LOOK_AGAIN_SECONDS = 0.05
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Forgotten:
    """An event that others know of and its own service does not."""

    referral_id: UUID
    authority: str
    type: str
    time: datetime


async def forgotten(settings: Settings, database: Database, service: str) -> list[Forgotten]:
    """What the topic has of `service` and its log has not, in the order of the topic. Reads from an
    hour before the end of what the backup held.

    Raises StreamAway or DatabaseAway.
    """
    async with database.connection() as connection:
        newest = await store.newest_before_restore(connection, service)
    found: list[Forgotten] = []
    async for said in _said(settings, service, newest):
        async with database.connection() as connection:
            known = await store.known(connection, said)
        found += [
            Forgotten(one.referral_id, one.authority, one.type, one.time)
            for one in said
            if (one.source, one.referral_id, one.sequence) not in known
        ]
    # A relay that crashed has published some twice.
    return list(dict.fromkeys(found))


async def _said(settings: Settings, service: str, newest: datetime | None) -> Any:
    """The events of `service` in the topic, in portions."""
    client: AIOKafkaConsumer = clients.enquirer(settings, f"frontdoor {service} forgotten")
    client.subscribe([settings.kafka_topic])
    await clients.start(settings, client)
    try:
        async with asyncio.timeout(clients.START_SECONDS):
            # Known once the client has heard of the topic.
            while not (places := list(client.assignment())):
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
            ends = await client.end_offsets(places)
            await client.seek_to_beginning(*places)
            if newest is not None:
                at = int((newest - EARLIER).timestamp() * 1000)
                for place, first in (
                    await client.offsets_for_times(dict.fromkeys(places, at))
                ).items():
                    client.seek(place, first.offset if first else ends[place])
        said: list[Received] = []
        while any([await client.position(place) < ends[place] for place in places]):
            for place, records in (await client.getmany(timeout_ms=POLL_MS)).items():
                said += _of(service, place.partition, records)
            if len(said) >= CHUNK:
                yield said
                said = []
        if said:
            yield said
    except (KafkaError, TimeoutError) as away:
        raise clients.StreamAway from away
    finally:
        await clients.stop(client)


def _of(service: str, partition: int, records: Iterable[Any]) -> list[Received]:
    found = []
    for record in records:
        try:
            event = event_of(partition, record.offset, record.value, record.headers)
        except NoEvent:
            continue
        if event.source.partition("/")[0] == service:
            found.append(event)
    return found
