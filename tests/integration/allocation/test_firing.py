"""Clocks that cannot be fired hold up no others, and are tried again."""

import asyncio
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from chassis.database import Database
from chassis.stream.port import EventSource
from policy.loading import PackSet
from services.allocation.clocks import store
from services.allocation.clocks.firing import MOST, Firing
from tests.clocks import SetClock
from tests.integration.allocation.cases import AUTHORITY, CaughtUp, kernel_on, received, save

MENDED = "UPDATE referral SET document = jsonb_set(document, '{pack_version}', '\"2018.1\"')"
WAITING = "SELECT count(*) FROM clock WHERE fires_at <= $1 AND referral_id = $2"
FIRED = (
    "SELECT type, count(*) FROM event_stream.event_log WHERE referral_id = ANY ($1) GROUP BY type"
)
PUT_OFF_NOW = "SELECT count(*) FROM unfired"


async def waiting(database: Database, referral_id: UUID, now: datetime) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval(WAITING, now, referral_id))


async def unfired(database: Database, now: datetime) -> list[tuple[UUID, str]]:
    async with database.connection() as connection:
        return await store.unfired(connection, now)


async def test_a_batch_of_clocks_that_cannot_be_fired_starves_no_other(
    firing: Firing, database: Database, packs: PackSet, clock: SetClock
) -> None:
    early = clock() - timedelta(days=30)
    stuck = [received(packs, early, unfireable=True) for _ in range(MOST + 1)]
    sound = received(packs, early + timedelta(days=1), unfireable=False)
    await save(database, [*stuck, sound], clock())
    assert await waiting(database, sound.referral_id, clock())

    steps = 0
    while await firing.step():
        steps += 1
    # At least two clocks a referral: each step puts off a batch of them.
    assert steps <= 5
    assert not await waiting(database, sound.referral_id, clock())
    expected = sorted((case.referral_id, AUTHORITY) for case in stuck)
    assert await unfired(database, clock()) == expected


async def test_what_could_not_be_fired_is_tried_again_ever_later_and_forgotten_once_it_is(
    firing: Firing, database: Database, packs: PackSet, clock: SetClock
) -> None:
    case = received(packs, clock() - timedelta(days=30), unfireable=True)
    await save(database, [case], clock())
    assert await firing.step() == 1
    assert await firing.step() == 0
    clock.forward(timedelta(minutes=1))
    assert await firing.step() == 1
    clock.forward(timedelta(minutes=1))
    assert await firing.step() == 0
    clock.forward(timedelta(minutes=1))
    async with database.transaction() as connection:
        await connection.execute(MENDED)
    assert await firing.step() == 1
    assert not await waiting(database, case.referral_id, clock())
    async with database.connection() as connection:
        assert await connection.fetchval(PUT_OFF_NOW) == 0
    for _ in range(12):
        clock.forward(timedelta(minutes=30))
        assert await firing.step() == 0


async def test_a_clock_that_was_stopped_meanwhile_waits_for_nothing(
    firing: Firing, database: Database, packs: PackSet, clock: SetClock
) -> None:
    case = received(packs, clock() - timedelta(days=30), unfireable=True)
    await save(database, [case], clock())
    await firing.step()
    assert await unfired(database, clock()) == [(case.referral_id, AUTHORITY)]
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE clock SET state = 'cancelled', fires_at = NULL, stopped_at = $1", clock()
        )
    assert await unfired(database, clock()) == []


async def test_several_workers_share_the_load_and_nothing_fires_twice(
    database: Database, packs: PackSet, clock: SetClock
) -> None:
    early = clock() - timedelta(days=30)
    cases = [received(packs, early, unfireable=False) for _ in range(300)]
    await save(database, cases, clock())
    workers = [
        Firing(kernel_on(database, packs, clock), cast("EventSource", CaughtUp())) for _ in range(3)
    ]

    async def work(worker: Firing) -> None:
        while await worker.step():
            pass

    await asyncio.gather(*map(work, workers))
    async with database.connection() as connection:
        fired = await connection.fetch(FIRED, [case.referral_id for case in cases])
    # After an outage each clock is breached, once; no warning comes too late.
    assert {row["type"] for row in fired} == {"uk.frontdoor.clock.breached.v1"}
    assert [row["count"] for row in fired] == [sum(len(case.clocks) for case in cases)]
