"""Kafka goes away and comes back: nothing is lost, nothing doubled, and all goes on without help.
These tests stop brokers of their own."""

import asyncio
from collections.abc import Iterator

import pytest

from bench.broker import Brokers
from chassis.database import Database
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.kafka import topic
from chassis.stream.kafka.clients import StreamAway
from chassis.stream.kafka.relay import NotAcknowledged, Relay
from chassis.stream.kafka.source import KafkaSource
from chassis.stream.kernel import Kernel
from tests.brokers import own
from tests.clocks import SetClock
from tests.integration.stream.kafka.running import answered, running
from tests.integration.stream.kafka.topics import append, firsts, records, words
from tests.integration.stream.streams import drain, kafka_settings
from tests.integration.stream.toy import Tally, heard, parked, told, word

AWAY = {NotAcknowledged.__name__, StreamAway.__name__}


@pytest.fixture(scope="module")
def mortal() -> Iterator[Brokers]:
    """A broker that a test may stop."""
    with own() as brokers:
        yield brokers


@pytest.fixture
async def settings(mortal: Brokers, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("chassis.stream.kafka.relay.ACKNOWLEDGE_SECONDS", 1.0)
    monkeypatch.setattr("chassis.stream.kafka.clients.START_SECONDS", 2.0)
    await asyncio.to_thread(mortal.start)
    made = kafka_settings(mortal.bootstrap)
    await topic.make(made)
    return made


async def away(mortal: Brokers, how: str) -> None:
    node = mortal.nodes[0]
    await asyncio.to_thread(getattr(node, how))


async def back(mortal: Brokers, how: str) -> None:
    if how == "pause":
        mortal.nodes[0].resume()
    else:
        await asyncio.to_thread(mortal.start)


class Resting(Relay):
    """Says when it had to wait, and for what."""

    def __init__(self, settings: Settings, intake: Database, clock: SetClock) -> None:
        super().__init__(settings, intake, "intake", Bell(), clock)
        self.rests: asyncio.Queue[str] = asyncio.Queue()

    async def _rest(self, why: str) -> None:
        self.rests.put_nowait(why)
        await super()._rest(why)


@pytest.mark.parametrize("how", ["stop", "kill", "pause"])
async def test_relay_and_consumer_wait_for_their_broker(
    mortal: Brokers, settings: Settings, intake: Database, database: Database,
    kernel: Kernel[Tally], clock: SetClock, how: str,
) -> None:  # fmt: skip
    referrals = [new_id() for _ in range(4)]
    relay = Resting(settings, intake, clock)
    source = KafkaSource(settings, database, "triage", kernel.service.types, clock)
    async with running(relay, kernel, source):
        await append(intake, [word(one, 1, "1", clock()) for one in referrals])
        await answered(kernel, database, len(referrals))
        await away(mortal, how)
        await append(intake, [word(one, 2, "2", clock()) for one in referrals])
        assert {await relay.rests.get() for _ in range(2)} <= AWAY
        await append(intake, [word(one, 3, "3", clock()) for one in referrals])
        await back(mortal, how)
        await answered(kernel, database, 3 * len(referrals))
    assert await heard(database) == dict.fromkeys(referrals, ["1", "2", "3"])
    assert await told(database, "triage/1") == dict.fromkeys(referrals, ["1", "2", "3"])
    assert await parked(database) == {}
    found = words(await records(settings))
    assert {one: firsts(said) for one, said in found.items() if one in referrals} == dict.fromkeys(
        referrals, ["1", "2", "3"]
    )


async def test_a_process_that_starts_before_its_broker_waits(
    mortal: Brokers, settings: Settings, intake: Database, database: Database,
    kernel: Kernel[Tally], clock: SetClock,
) -> None:  # fmt: skip
    await away(mortal, "stop")
    source = KafkaSource(settings, database, "triage", kernel.service.types, clock)
    relay = Relay(settings, intake, "intake", Bell(), clock)
    with pytest.raises(StreamAway):
        await source.read(500)
    with pytest.raises(StreamAway):
        await relay.step()
    await back(mortal, "stop")
    referral = new_id()
    await append(intake, [word(referral, 1, "1", clock())])
    assert await relay.step() == 1
    await drain(kernel, source)
    assert await heard(database) == {referral: ["1"]}
    await relay.close()
    await source.close()
