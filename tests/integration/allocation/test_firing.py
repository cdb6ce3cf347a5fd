"""Clocks that cannot be fired hold up no others, and are tried again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from chassis.database import Database
from chassis.ids import new_id
from chassis.stream import store as stream_store
from chassis.stream.bell import Bell
from chassis.stream.kernel import Kernel, Saved, Service
from chassis.stream.port import EventSource, Lag
from chassis.vault import KeyRing, Vault
from contracts.events import AgeBand, ChildFacts, ReferralSubmitted
from contracts.registry import type_of
from policy.loading import PackSet
from services.allocation.clocks import store
from services.allocation.clocks.firing import MOST, Firing
from services.allocation.domain import Case, on_submitted
from services.allocation.handlers import HANDLERS
from services.allocation.store import AllocationStore
from tests.clocks import SetClock
from tests.databases import Databases

VAULT = Vault("allocation", KeyRing.new())

AUTHORITY = "walsall"
SOURCE = "allocation/1"
OTHER_PACK = "1999.1"
MENDED = "UPDATE referral SET document = jsonb_set(document, '{pack_version}', '\"2018.1\"')"
WAITING = "SELECT count(*) FROM clock WHERE fires_at <= $1 AND referral_id = $2"
PUT_OFF_NOW = "SELECT count(*) FROM unfired"


class CaughtUp:
    """A consumer that has read everything."""

    async def lag(self) -> Lag:
        return Lag(0, 0.0)


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    database = Database(databases.urls["allocation"], schema="allocation")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def firing(database: Database, packs: PackSet, clock: SetClock) -> Firing:
    service: Service[Case] = Service(
        name="allocation",
        source=SOURCE,
        database=database,
        store=AllocationStore(VAULT),
        handlers=HANDLERS,
        policy=packs,
        clock=clock,
        ids=new_id,
        bell=Bell(),
    )
    return Firing(Kernel(service), cast("EventSource", CaughtUp()))


def received(packs: PackSet, at: datetime, *, unfireable: bool) -> Case:
    """A referral with the clocks that run from its receipt."""
    facts = ReferralSubmitted(
        reference="WAL-000123-K",
        received_at=at,
        pack_version="2018.1",
        children=(ChildFacts(child_id=new_id(), age_band=AgeBand.UNDER_1),),
        source_agency="school",
        census_source="1A",
        organisation_id=new_id(),
        basis="public_task",
    )
    known = type_of(ReferralSubmitted)
    referral_id = new_id()
    event: Any = known.envelope(
        id=new_id(),
        source="intake/1",
        type=known.type,
        subject=referral_id,
        time=at,
        partitionkey=str(referral_id),
        sequence="0000000001",
        authority=AUTHORITY,
        correlationid=new_id(),
        data=facts,
    )
    change = on_submitted(None, event, packs, new_id, at)
    assert change is not None
    return replace(change.state, pack_version=OTHER_PACK) if unfireable else change.state


async def save(database: Database, cases: list[Case], now: datetime) -> None:
    cases = sorted(cases, key=lambda case: case.referral_id)
    async with database.transaction() as connection:
        ids = [case.referral_id for case in cases]
        await stream_store.lock_cases(connection, "allocation", SOURCE, ids)
        saved = [Saved(case.referral_id, AUTHORITY, None, case, now) for case in cases]
        await AllocationStore(VAULT).save(connection, saved)


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
