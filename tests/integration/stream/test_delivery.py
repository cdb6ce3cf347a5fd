"""Conformance: what is appended is answered once, in order, whatever dies in between."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.database import Connection, Database, DatabaseAway
from chassis.ids import new_id
from chassis.stream.kernel import Kernel
from chassis.stream.port import Batch, EventSource, Superseded
from contracts.envelope import TYPE_PREFIX
from policy.loading import PackSet
from tests.clocks import SetClock
from tests.databases import Databases
from tests.integration.stream.streams import Delivery, Stream, Wrapped, drain
from tests.integration.stream.toy import (
    MAKE_TABLE,
    Tally,
    Toy,
    heard,
    kernel_of,
    told,
    word,
)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("most", [1, 7, 500])
async def test_everything_is_answered_once_and_in_order(
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    clock: SetClock,
    most: int,
) -> None:
    referrals = [new_id() for _ in range(5)]
    await stream.publish(
        [
            word(one, number, f"word {number}", clock())
            for number in range(1, 9)
            for one in referrals
        ]
    )
    await drain(kernel, source, most)
    words = [f"word {number}" for number in range(1, 9)]
    assert await heard(database) == dict.fromkeys(referrals, words)
    assert await told(database, "triage/1") == dict.fromkeys(referrals, words)


async def test_a_consumer_reads_nothing_from_an_empty_stream(source: EventSource) -> None:
    assert (await source.lag()).events == 0
    assert await source.read(500) is None


async def test_lag_says_how_much_waits_and_for_how_long(
    stream: Stream, source: EventSource, kernel: Kernel[Tally], clock: SetClock
) -> None:
    referral, appended = new_id(), clock()
    await stream.publish([word(referral, number, "a word", appended) for number in (1, 2, 3)])
    clock.now = appended.replace(minute=appended.minute + 2)
    lag = await source.lag()
    assert (lag.events, lag.seconds) == (3, 120.0)
    await drain(kernel, source)
    lag = await source.lag()
    assert (lag.events, lag.seconds) == (0, 0.0)


class Dying(Wrapped):
    """Dies once, before the transaction is committed or after it."""

    def __init__(self, inner: EventSource, when: str) -> None:
        super().__init__(inner)
        self._when = when

    async def settle(self, connection: Connection, batch: Batch) -> None:
        await super().settle(connection, batch)
        self._die("before the commit")

    async def settled(self, batch: Batch) -> None:
        self._die("after the commit")
        await super().settled(batch)

    def _die(self, now: str) -> None:
        if self._when == now:
            raise Killed


@pytest.mark.parametrize("when", ["before the commit", "after the commit"])
async def test_a_consumer_that_is_killed_leaves_one_effect(
    stream: Stream,
    source: EventSource,
    toy: Toy,
    database: Database,
    packs: PackSet,
    clock: SetClock,
    when: str,
) -> None:
    kernel = kernel_of(toy, database, packs, clock)
    referral = new_id()
    await stream.publish([word(referral, number, f"word {number}", clock()) for number in (1, 2)])
    with pytest.raises(Killed):
        await drain(kernel, Dying(source, when))
    again = stream.source(database, kernel.service.name, kernel.service.types)
    await drain(kernel_of(toy, database, packs, clock), again)
    assert await heard(database) == {referral: ["word 1", "word 2"]}
    assert await told(database, "triage/1") == {referral: ["word 1", "word 2"]}


class Cut(Wrapped):
    """Its database connection is cut once, in the transaction of the effects."""

    def __init__(self, inner: EventSource, databases: Databases) -> None:
        super().__init__(inner)
        self._databases = databases

    async def settle(self, connection: Connection, batch: Batch) -> None:
        own = await connection.fetchval("SELECT pg_backend_pid()")
        self._databases.execute(f"SELECT pg_terminate_backend({own}, 5000)")
        await super().settle(connection, batch)


async def test_a_cut_connection_parks_nothing_and_leaves_one_effect(
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    databases: Databases,
    clock: SetClock,
) -> None:
    referral = new_id()
    await stream.publish([word(referral, 1, "a word", clock())])
    with pytest.raises(DatabaseAway):
        await drain(kernel, Cut(source, databases))
    assert await heard(database) == {}
    await drain(kernel, source)
    assert await heard(database) == {referral: ["a word"]}
    assert await told(database, "triage/1") == {referral: ["a word"]}


async def test_two_instances_of_a_consumer_share_without_a_double_effect(
    stream: Stream,
    toy: Toy,
    database: Database,
    packs: PackSet,
    clock: SetClock,
) -> None:
    referrals = [new_id() for _ in range(8)]
    kernels = [kernel_of(toy, database, packs, clock) for _ in range(2)]
    service = kernels[0].service
    sources = [stream.source(database, service.name, service.types) for _ in kernels]
    await stream.publish(
        [
            word(one, number, f"word {number}", clock())
            for number in range(1, 11)
            for one in referrals
        ]
    )
    await asyncio.gather(
        *(drain(kernel, source, 7) for kernel, source in zip(kernels, sources, strict=True))
    )
    words = [f"word {number}" for number in range(1, 11)]
    assert await heard(database) == dict.fromkeys(referrals, words)
    assert await told(database, "triage/1") == dict.fromkeys(referrals, words)


async def test_an_instance_that_comes_second_changes_nothing(
    stream: Stream, kernel: Kernel[Tally], database: Database, clock: SetClock
) -> None:
    service = kernel.service
    first, second = (stream.source(database, service.name, service.types) for _ in range(2))
    referral = new_id()
    await stream.publish([word(referral, 1, "a word", clock())])
    batch = await first.read(500)
    same = await second.read(500) or batch
    assert batch is not None
    assert same is not None
    await kernel.answer_events(first, batch)
    try:
        await kernel.answer_events(second, same)
    except Superseded:
        assert (await second.lag()).events == 0
    assert await told(database, "triage/1") == {referral: ["a word"]}


async def test_types_that_are_unknown_or_not_answered_are_passed_by(
    stream: Stream, source: EventSource, kernel: Kernel[Tally], database: Database, clock: SetClock
) -> None:
    referral = new_id()
    invented = f"{TYPE_PREFIX}referral.invented.v1"
    events = [word(referral, number, f"word {number}", clock()) for number in range(1, 6)]
    for place in (1, 3):
        body = events[place].body.replace(events[place].type, invented)
        events[place] = events[place]._replace(type=invented, body=body)
    await stream.publish(events)
    await drain(kernel, source)
    assert (await heard(database))[referral] == ["word 1", "word 3", "word 5"]


async def test_a_type_that_a_later_release_brings_is_counted_and_skipped(
    stream: Stream, kernel: Kernel[Tally], database: Database, clock: SetClock
) -> None:
    referral = new_id()
    invented = f"{TYPE_PREFIX}referral.invented.v1"
    source = stream.source(database, "triage", (*kernel.service.types, invented))
    first, second, third = (word(referral, number, f"{number}", clock()) for number in (1, 2, 3))
    await stream.publish([first, second._replace(type=invented), third])
    await drain(kernel, source)
    assert await heard(database) == {referral: ["1", "3"]}


async def test_repeats_are_dropped_wherever_they_come(
    kernel: Kernel[Tally], database: Database, clock: SetClock
) -> None:
    one, other = new_id(), new_id()
    first, second, third = (word(one, number, f"{number}", clock()) for number in (1, 2, 3))
    elsewhere = word(other, 1, "1", clock())
    delivery = Delivery()
    for events in ([first, first, elsewhere], [first, second], [second, third, elsewhere], [first]):
        await kernel.answer_events(delivery, delivery.batch(events))
    assert await heard(database) == {one: ["1", "2", "3"], other: ["1"]}
    assert await told(database, "triage/1") == {one: ["1", "2", "3"], other: ["1"]}


@pytest.mark.parametrize("most", [1, 3, 500])
async def test_no_consumer_meets_an_effect_before_its_cause(
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    toy: Toy,
    databases: Databases,
    packs: PackSet,
    clock: SetClock,
    most: int,
) -> None:
    databases.execute(MAKE_TABLE.format(schema="allocation"))
    second = Database(databases.urls["allocation"], schema="allocation")
    await second.open()
    referrals = [new_id() for _ in range(4)]
    follower = kernel_of(toy, second, packs, clock, hears_toys=True)
    follows = stream.source(second, "allocation", follower.service.types)

    async def publish() -> None:
        await stream.publish(
            [word(one, number, f"{number}", clock()) for number in range(1, 8) for one in referrals]
        )

    try:
        await asyncio.gather(publish(), drain(kernel, source, 2), drain(follower, follows, most))
        await drain(kernel, source, most)
        await stream.carried()
        await drain(follower, follows, most)
        found = await heard(second)
    finally:
        await second.close()
    assert set(found) == set(referrals)
    for words in found.values():
        _causes_first(words)


def _causes_first(words: Sequence[str]) -> None:
    causes = [one for one in words if not one.startswith("told of ")]
    effects = [one.removeprefix("told of ") for one in words if one.startswith("told of ")]
    assert causes == effects == [f"{number}" for number in range(1, 8)]
    for cause in causes:
        assert words.index(cause) < words.index(f"told of {cause}")
