"""Members of a group come and go, and databases are restored: each event has one effect."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from chassis.database import Database
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.kafka import topic
from chassis.stream.kafka.relay import Relay
from chassis.stream.kafka.source import KafkaSource
from chassis.stream.kernel import Kernel
from chassis.stream.port import Superseded
from policy.loading import PackSet
from tests.clocks import SetClock
from tests.databases import Databases
from tests.integration.stream.kafka.running import answered, consuming
from tests.integration.stream.kafka.topics import append
from tests.integration.stream.streams import drain
from tests.integration.stream.toy import Tally, Toy, heard, kernel_of, parked, told, word

Instance = Callable[[str | None], KafkaSource]
SESSION_SECONDS = 1


@pytest.fixture
def bell(kernel: Kernel[Tally]) -> Bell:
    """One for all: it rings when events or partitions come, and when events were answered."""
    return kernel.service.bell


@pytest.fixture
async def instance(
    settings: Settings, database: Database, kernel: Kernel[Tally], clock: SetClock, bell: Bell
) -> AsyncIterator[Instance]:
    """Makes an instance with a stable name, or with none."""
    made: list[KafkaSource] = []

    def make(name: str | None) -> KafkaSource:
        one = settings.model_copy(
            update={"kafka_instance": name, "kafka_session_seconds": SESSION_SECONDS}
        )
        made.append(KafkaSource(one, database, "triage", kernel.service.types, clock, bell))
        return made[-1]

    yield make
    for source in made:
        await source.close()


@pytest.fixture
async def relay(settings: Settings, intake: Database, clock: SetClock) -> AsyncIterator[Relay]:
    made = Relay(settings, intake, "intake", Bell(), clock)
    yield made
    await made.close()


async def carry(relay: Relay) -> None:
    while await relay.step():
        pass


async def test_instances_join_and_leave(
    instance: Instance, relay: Relay, intake: Database, database: Database, toy: Toy,
    kernel: Kernel[Tally], packs: PackSet, clock: SetClock, bell: Bell,
) -> None:  # fmt: skip
    referrals = [new_id() for _ in range(12)]
    words = [f"{number}" for number in range(1, 13)]

    async def say(numbers: range) -> None:
        await append(
            intake,
            [word(one, number, f"{number}", clock()) for number in numbers for one in referrals],
        )
        await carry(relay)

    first, second = instance(None), instance(None)
    one, other = (kernel_of(toy, database, packs, clock, bell=bell) for _ in range(2))
    shared = bell.listener()
    async with consuming(one, first):
        await say(range(1, 4))
        await answered(kernel, database, 3 * len(referrals))
        async with consuming(other, second):
            await say(range(4, 7))
            await answered(kernel, database, 6 * len(referrals))
            while not (_share(first) and _share(second)):
                await shared.wait()
                shared.clear()
            await say(range(7, 10))
            await answered(kernel, database, 9 * len(referrals))
        await second.close()
        await say(range(10, 13))
        await answered(kernel, database, 12 * len(referrals))
    assert await heard(database) == dict.fromkeys(referrals, words)
    assert await told(database, "triage/1") == dict.fromkeys(referrals, words)


def _share(source: KafkaSource) -> int:
    member = source._member
    return len(member.partitions) if member else 0


async def test_an_instance_that_hung_beyond_its_session_does_no_harm(
    instance: Instance, relay: Relay, intake: Database, database: Database, toy: Toy,
    kernel: Kernel[Tally], packs: PackSet, clock: SetClock, bell: Bell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    referrals = [new_id() for _ in range(6)]
    hung, other = instance("hung"), instance("other")
    await append(intake, [word(one, 1, "1", clock()) for one in referrals])
    await carry(relay)
    batch = await hung.read(500)
    assert batch
    # Its heart stops: nothing of it reaches the group any more.
    coordinator = hung._member._client._coordinator  # type: ignore[union-attr]

    async def silent() -> bool:
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(coordinator, "_do_heartbeat", silent)
    async with consuming(kernel_of(toy, database, packs, clock, bell=bell), other):
        await append(intake, [word(one, 2, "2", clock()) for one in referrals])
        await carry(relay)
        await answered(kernel, database, 2 * len(referrals))
        with pytest.raises(Superseded):
            await kernel_of(toy, database, packs, clock).answer_events(hung, batch)
    assert await heard(database) == dict.fromkeys(referrals, ["1", "2"])
    assert await told(database, "triage/1") == dict.fromkeys(referrals, ["1", "2"])


async def test_a_restart_under_the_same_name_goes_on_at_once(
    instance: Instance, relay: Relay, intake: Database, database: Database,
    kernel: Kernel[Tally], clock: SetClock,
) -> None:  # fmt: skip
    referral = new_id()
    await append(intake, [word(referral, 1, "1", clock())])
    await carry(relay)
    before = instance("the one")
    await drain(kernel, before)
    await before.close()
    await append(intake, [word(referral, 2, "2", clock())])
    await carry(relay)
    await drain(kernel, instance("the one"))
    assert await heard(database) == {referral: ["1", "2"]}


async def test_a_restored_database_reads_again_what_it_forgot(
    instance: Instance, relay: Relay, intake: Database, database: Database,
    databases: Databases, kernel: Kernel[Tally], clock: SetClock,
) -> None:  # fmt: skip
    referrals = [new_id() for _ in range(6)]
    source = instance("one")
    await append(intake, [word(one, 1, "1", clock()) for one in referrals])
    await carry(relay)
    await drain(kernel, source)
    databases.execute(
        "TRUNCATE triage.tally, triage.mark; DELETE FROM triage.cursor;"
        " DELETE FROM event_stream.event_log WHERE source = 'triage/1'"
    )
    async with consuming(kernel, source):
        await answered(kernel, database, len(referrals))
    assert await heard(database) == dict.fromkeys(referrals, ["1"])


async def test_a_topic_that_was_made_again_is_read_from_its_start(
    instance: Instance, relay: Relay, intake: Database, database: Database,
    databases: Databases, settings: Settings, kernel: Kernel[Tally], clock: SetClock,
) -> None:  # fmt: skip
    referrals = [new_id() for _ in range(3)]
    source = instance("one")
    await append(
        intake, [word(one, number, f"{number}", clock()) for number in (1, 2) for one in referrals]
    )
    await carry(relay)
    await drain(kernel, source)
    await source.close()
    await _delete(settings)
    await topic.make(settings)
    # Only the last of each is on it: fewer than what was handled.
    databases.execute("DELETE FROM event_stream.event_log")
    databases.execute("UPDATE intake.cursor SET position = 0 WHERE consumer = 'relay'")
    await relay.close()
    await append(intake, [word(one, 3, "3", clock()) for one in referrals])
    await carry(relay)
    again = instance("one")
    async with consuming(kernel, again):
        await answered(kernel, database, 3 * len(referrals))
    assert await heard(database) == dict.fromkeys(referrals, ["1", "2", "3"])
    assert await parked(database) == {}


async def _delete(settings: Settings) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await client.start()
    await client.delete_topics([settings.kafka_topic])
    while settings.kafka_topic in await client.list_topics():
        pass
    await client.close()


async def test_kafka_is_told_the_positions(
    instance: Instance, relay: Relay, intake: Database, settings: Settings,
    kernel: Kernel[Tally], clock: SetClock,
) -> None:  # fmt: skip
    await append(intake, [word(new_id(), 1, "1", clock()) for _ in range(10)])
    await carry(relay)
    source = instance(None)
    await drain(kernel, source)
    await source.close()
    client = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await client.start()
    told_ = await client.list_consumer_group_offsets(f"{settings.kafka_topic}.triage")
    await client.close()
    assert sum(place.offset for place in told_.values()) == 10
