"""The topic is made as it has to be, and one that isn't is refused with words."""

import pytest

from chassis.settings import Settings
from chassis.stream.kafka import topic
from chassis.stream.kafka.clients import StreamAway
from tests.integration.stream.streams import kafka_settings


async def test_what_was_made_is_as_it_has_to_be(settings: Settings) -> None:
    await topic.check(settings)
    await topic.make(settings)


async def test_a_topic_that_differs_is_refused(settings: Settings) -> None:
    other = settings.model_copy(update={"kafka_partitions": 4, "kafka_min_insync": 2})
    with pytest.raises(topic.WrongTopic) as refused:
        await topic.check(other)
    assert str(refused.value).splitlines()[1:] == [
        "partitions is 3 and has to be 4",
        "min.insync.replicas is 1 and has to be 2",
    ]
    with pytest.raises(topic.WrongTopic):
        await topic.make(other)


async def test_a_topic_that_is_not_there_is_named(kafka: str) -> None:
    settings = kafka_settings(kafka)
    with pytest.raises(topic.WrongTopic, match=f"no topic {settings.kafka_topic}"):
        await topic.check(settings)


async def test_a_topic_that_cannot_be_made_says_why(kafka: str) -> None:
    with pytest.raises(topic.WrongTopic, match="replication factor"):
        # More than any cluster has that is given to tests.
        await topic.make(kafka_settings(kafka).model_copy(update={"kafka_replication": 99}))


async def test_a_broker_that_is_away_is_said_so() -> None:
    with pytest.raises(StreamAway):
        await topic.check(kafka_settings("127.0.0.1:1"))
