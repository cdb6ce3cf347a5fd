"""Three brokers, of which one dies: its partitions get another leader, and all goes on."""

import asyncio
from collections.abc import Iterator

import pytest

from bench.broker import Brokers
from chassis.database import Database
from chassis.ids import new_id
from chassis.stream.bell import Bell
from chassis.stream.kafka import topic
from chassis.stream.kafka.relay import Relay
from chassis.stream.kafka.source import KafkaSource
from chassis.stream.kernel import Kernel
from tests.brokers import own
from tests.clocks import SetClock
from tests.integration.stream.kafka.running import answered, running
from tests.integration.stream.kafka.topics import append
from tests.integration.stream.streams import kafka_settings
from tests.integration.stream.toy import Tally, heard, parked, told, word


@pytest.fixture(scope="module")
def three() -> Iterator[Brokers]:
    with own(nodes=3) as brokers:
        yield brokers


@pytest.mark.timeout(120)  # three brokers have to start
async def test_a_broker_that_dies_loses_nothing(
    three: Brokers, intake: Database, database: Database, kernel: Kernel[Tally], clock: SetClock
) -> None:
    settings = kafka_settings(three.bootstrap).model_copy(
        update={"kafka_replication": 3, "kafka_min_insync": 2}
    )
    await topic.make(settings)
    referrals = [new_id() for _ in range(6)]
    relay = Relay(settings, intake, "intake", Bell(), clock)
    source = KafkaSource(settings, database, "triage", kernel.service.types, clock)
    async with running(relay, kernel, source):
        await append(intake, [word(one, 1, "1", clock()) for one in referrals])
        await answered(kernel, database, len(referrals))
        await asyncio.to_thread(three.nodes[0].kill)
        await append(intake, [word(one, 2, "2", clock()) for one in referrals])
        await answered(kernel, database, 2 * len(referrals))
        await asyncio.to_thread(three.start)
        await append(intake, [word(one, 3, "3", clock()) for one in referrals])
        await answered(kernel, database, 3 * len(referrals))
    assert await heard(database) == dict.fromkeys(referrals, ["1", "2", "3"])
    assert await told(database, "triage/1") == dict.fromkeys(referrals, ["1", "2", "3"])
    assert await parked(database) == {}
