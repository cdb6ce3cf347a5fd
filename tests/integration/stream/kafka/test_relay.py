"""The relay: the log's events come to the topic, all of them, in order, whoever dies."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import pytest

from chassis.database import Database
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.faults import Faults, Point, no_faults
from chassis.stream.kafka import relay as relays
from chassis.stream.kafka import store
from chassis.stream.kafka.relay import Relay
from chassis.telemetry import metrics
from tests.clocks import SetClock
from tests.databases import Databases
from tests.integration.stream.kafka.topics import append, firsts, records, words
from tests.integration.stream.toy import AUTHORITY, word

RELAY_POINTS = [point for point in Point if point.startswith("relay_")]


class Killed(BaseException):
    """The process ends here."""


class Once:
    """Passes each point but the chosen one, where it does something the first time."""

    def __init__(self, point: Point) -> None:
        self._point = point
        self.reached = asyncio.Event()

    async def __call__(self, point: Point) -> None:
        if point == self._point and not self.reached.is_set():
            self.reached.set()
            await self.act()

    async def act(self) -> None:
        raise Killed


class Hanging(Once):
    async def act(self) -> None:
        await asyncio.Event().wait()


def relay_of(
    settings: Settings, intake: Database, clock: SetClock, faults: Faults = no_faults
) -> Relay:
    return Relay(settings, intake, "intake", Bell(), clock, faults=faults)


@asynccontextmanager
async def relaying(*all_: Relay) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(one.run()) for one in all_]
    yield tasks
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Killed):
            await task


class Watched:
    """Says when a relay has committed."""

    def __init__(self) -> None:
        self._committed = asyncio.Event()

    async def __call__(self, point: Point) -> None:
        if point == Point.RELAY_COMMITTED:
            self._committed.set()

    async def published(self, intake: Database) -> None:
        """Return when the relay's cursor is at the log's end."""
        while True:
            async with intake.connection() as connection:
                if not (await store.unpublished(connection))[0]:
                    return
            await self._committed.wait()
            self._committed.clear()


@pytest.fixture
def watched() -> Watched:
    return Watched()


async def fill(
    intake: Database, clock: SetClock, referrals: Sequence[UUID], numbers: range
) -> None:
    await append(
        intake,
        [word(one, number, f"{number}", clock()) for number in numbers for one in referrals],
    )


def said(numbers: range) -> list[str]:
    return [f"{number}" for number in numbers]


async def test_the_log_comes_to_the_topic_as_it_is(
    settings: Settings, intake: Database, clock: SetClock, watched: Watched
) -> None:
    referrals = [new_id() for _ in range(4)]
    await fill(intake, clock, referrals, range(1, 9))
    async with relaying(relay_of(settings, intake, clock, watched)):
        await watched.published(intake)
    found = await records(settings)
    assert words(found) == dict.fromkeys(referrals, said(range(1, 9)))
    async with intake.connection() as connection:
        rows = await connection.fetch("SELECT body::text FROM event_stream.event_log")
    assert sorted(record.value.decode() for record in found) == sorted(row[0] for row in rows)
    for record in found:
        headers = dict(record.headers)
        assert headers["content-type"] == b"application/cloudevents+json"
        assert headers["ce_type"] == b"uk.frontdoor.referral.withdrawn.v1"
        assert headers["ce_authority"] == AUTHORITY.encode()


async def test_a_batch_that_is_too_large_goes_in_parts(
    settings: Settings, intake: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.stream.kafka.clients.BATCH_BYTES", 3_000)
    referrals = [new_id() for _ in range(3)]
    await fill(intake, clock, referrals, range(1, 21))
    relay = relay_of(settings, intake, clock)
    sizes = []
    while sent := await relay.step():
        sizes.append(sent)
    await relay.close()
    assert len(sizes) > 3
    assert words(await records(settings)) == dict.fromkeys(referrals, said(range(1, 21)))


async def test_two_relays_publish_each_event_once(
    settings: Settings, intake: Database, clock: SetClock, watched: Watched
) -> None:
    referrals = [new_id() for _ in range(5)]
    async with relaying(*(relay_of(settings, intake, clock, watched) for _ in range(2))):
        await asyncio.gather(*(fill(intake, clock, [one], range(1, 41)) for one in referrals))
        await watched.published(intake)
    assert words(await records(settings)) == dict.fromkeys(referrals, said(range(1, 41)))


@pytest.mark.parametrize("point", RELAY_POINTS)
async def test_a_relay_that_dies_is_followed_by_another(
    settings: Settings, intake: Database, clock: SetClock, point: Point, watched: Watched
) -> None:
    referrals = [new_id() for _ in range(3)]
    await fill(intake, clock, referrals, range(1, 4))
    faults = Once(point)
    async with relaying(relay_of(settings, intake, clock, faults)) as (first,):
        with pytest.raises(Killed):
            await first
        assert faults.reached.is_set()
        async with relaying(relay_of(settings, intake, clock, watched)):
            await fill(intake, clock, referrals, range(4, 7))
            await watched.published(intake)
    found = words(await records(settings))
    assert {one: firsts(heard) for one, heard in found.items()} == dict.fromkeys(
        referrals, said(range(1, 7))
    )


@pytest.mark.parametrize("point", [Point.RELAY_LOCKED, Point.RELAY_ACKNOWLEDGED])
async def test_a_relay_that_hangs_loses_the_cursor(
    settings: Settings,
    intake: Database,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
    point: Point,
    watched: Watched,
) -> None:
    assert int(relays.SESSION["idle_in_transaction_session_timeout"]) <= 15_000
    monkeypatch.setitem(relays.SESSION, "idle_in_transaction_session_timeout", "500")
    referrals = [new_id() for _ in range(3)]
    faults = Hanging(point)
    async with relaying(relay_of(settings, intake, clock, faults)):
        await fill(intake, clock, referrals, range(1, 4))
        await faults.reached.wait()
        async with relaying(relay_of(settings, intake, clock, watched)):
            await watched.published(intake)
    found = words(await records(settings))
    assert {one: firsts(heard) for one, heard in found.items()} == dict.fromkeys(
        referrals, said(range(1, 4))
    )


async def test_a_relay_whose_connection_is_cut_goes_on(
    settings: Settings, intake: Database, clock: SetClock, databases: Databases, watched: Watched
) -> None:
    referral = new_id()
    async with relaying(relay_of(settings, intake, clock, watched)):
        await fill(intake, clock, [referral], range(1, 4))
        await watched.published(intake)
        databases.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'frontdoor intake relay'"
        )
        await fill(intake, clock, [referral], range(4, 7))
        await watched.published(intake)
    assert firsts(words(await records(settings))[referral]) == said(range(1, 7))


async def test_what_waits_is_measured(
    settings: Settings, intake: Database, clock: SetClock
) -> None:
    await fill(intake, clock, [new_id()], range(1, 4))
    clock.now = clock.now.replace(minute=2)
    relay = relay_of(settings, intake, clock)
    await relay.measure()
    assert _value(metrics.RELAY_LAG_EVENTS) == 3
    assert _value(metrics.RELAY_OLDEST_SECONDS) == 120
    await relay.step()
    await relay.measure()
    await relay.close()
    assert _value(metrics.RELAY_LAG_EVENTS) == _value(metrics.RELAY_OLDEST_SECONDS) == 0


def _value(gauge: object) -> float:
    return gauge.labels("intake")._value.get()  # type: ignore[attr-defined,no-any-return]
