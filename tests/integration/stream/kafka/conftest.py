"""A topic of the test's own."""

import pytest

from chassis.settings import Settings
from chassis.stream.kafka import topic
from tests.integration.stream.streams import kafka_settings


@pytest.fixture
async def settings(kafka: str) -> Settings:
    made = kafka_settings(kafka)
    await topic.make(made)
    return made
