"""The topic: made as it has to be, and checked before anybody uses it.

Partitions of an existing topic are never added: a referral's events would go on in another
partition and could be met before those that wait in the old one.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from chassis.settings import Settings
from chassis.stream.kafka.clients import REQUEST_SECONDS, StreamAway, administrator, start, stop

LARGEST_RECORD_BATCH = 2 * 1024 * 1024
LOOK_AGAIN_SECONDS = 0.1
MOST_LOOKS = 50
"""How often a topic that was just made is looked at before it counts as wrong."""


class WrongTopic(Exception):
    """The topic is not as the settings want it, or there is none. The message says what differs,
    a line for each."""


class NoTopic(WrongTopic):
    """The broker that was asked knows no such topic."""


async def make(settings: Settings) -> None:
    """Make the topic if there is none, and check it. Raises WrongTopic or StreamAway."""
    await _with_client(settings, _make)


async def check(settings: Settings) -> None:
    """Compare the topic with the settings. Raises WrongTopic or StreamAway."""
    await _with_client(settings, _check)


async def _with_client(settings: Settings, act: Any) -> None:
    client = administrator(settings)
    await start(settings, client)
    try:
        async with asyncio.timeout(3 * REQUEST_SECONDS):
            await act(client, settings)
    except (KafkaError, OSError, TimeoutError) as away:
        raise StreamAway from away
    finally:
        await stop(client)


async def _make(client: AIOKafkaAdminClient, settings: Settings) -> None:
    wanted = NewTopic(
        settings.kafka_topic,
        settings.kafka_partitions,
        settings.kafka_replication,
        topic_configs=_wanted(settings),
    )
    made = False
    answer = await client.create_topics([wanted], timeout_ms=int(REQUEST_SECONDS * 1000))
    for name, code, *message in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            said = message[0] if message else error.__name__
            raise WrongTopic(f"Kafka does not make the topic {name}: {said}")
        made = not code
    looks = 0
    while True:
        try:
            return await _check(client, settings)
        except WrongTopic as wrong:
            # Brokers learn of a new topic one after the other, and any of them may be asked.
            looks += 1
            if looks == MOST_LOOKS or not (made or isinstance(wrong, NoTopic)):
                raise
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _check(client: AIOKafkaAdminClient, settings: Settings) -> None:
    topic = settings.kafka_topic
    partitions = await _partitions(client, topic)
    if not partitions:
        raise NoTopic(f"Kafka has no topic {topic}. Run `frontdoor migrate --pre`, which makes it.")
    found = {
        "partitions": str(len(partitions)),
        "replicas": str(min(len(one["replicas"]) for one in partitions)),
        **await _configuration(client, topic),
    }
    wanted = {
        "partitions": str(settings.kafka_partitions),
        "replicas": str(settings.kafka_replication),
        **_wanted(settings),
    }
    differences = [
        f"{name} is {found.get(name, 'unknown')} and has to be {value}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    if differences:
        raise WrongTopic(
            "\n".join([f"The topic {topic} is not as the settings want it:", *differences])
        )


def _wanted(settings: Settings) -> dict[str, str]:
    return {
        # Everything is kept: a read model is rebuilt from the first event.
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "min.insync.replicas": str(settings.kafka_min_insync),
        # A replica that lacks events never leads: that would lose what was acknowledged.
        "unclean.leader.election.enable": "false",
        "max.message.bytes": str(LARGEST_RECORD_BATCH),
    }


async def _partitions(client: AIOKafkaAdminClient, topic: str) -> list[Mapping[str, Any]]:
    for found in await client.describe_topics([topic]):
        if found["topic"] == topic and not found["error_code"]:
            return list(found["partitions"])
    return []


async def _configuration(client: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    answers = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {
        entry[0]: entry[1]
        for answer in answers
        for _code, _message, _kind, _name, entries in answer.resources
        for entry in entries
    }
