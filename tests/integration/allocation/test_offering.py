"""Offers to a register of a thousand, by two processes at once, on a real PostgreSQL."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from chassis.database import Database
from chassis.ids import new_id
from chassis.stream import store as stream_store
from chassis.stream.bell import Bell
from chassis.stream.kernel import Kernel, Saved, Service
from chassis.vault import KeyRing, Vault
from contracts.events import AgeBand, AgreementStatus, Outcome, Rag
from policy.loading import PackSet
from services.allocation.domain import Case
from services.allocation.domain.assigning import assign_work
from services.allocation.handlers import HANDLERS
from services.allocation.offers.offering import Offering
from services.allocation.store import AllocationStore
from services.allocation.workers import store as workers
from services.allocation.workers.domain import Worker
from tests.clocks import SetClock
from tests.databases import Databases

VAULT = Vault("allocation", KeyRing.new())
SOURCE = "allocation/1"
AUTHORITY = "warwickshire"
TEAM = "early_help_warwick"
HELD = """
SELECT worker_id, points, state FROM allocation WHERE worker_id IS NOT NULL ORDER BY allocation_id
"""
LEFT = "UPDATE worker SET left_on = $1 WHERE worker_id = $2"


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    database = Database(databases.urls["allocation"], schema="allocation")
    await database.open()
    yield database
    await database.close()


def kernel(database: Database, packs: PackSet, clock: SetClock) -> Kernel[Case]:
    return Kernel(
        Service(
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
    )


def worker(number: int, **said) -> Worker:
    return replace(
        Worker(
            worker_id=new_id(),
            authority=AUTHORITY,
            code=f"W-{number}",
            name=f"Worker {number}",
            agency="early_help",
            team=TEAM,
            skills=("early_help",),
            localities=(),
            wards=(),
            school_clusters=(),
            hours=5,
            leads_up_to=3,
            registered_on=datetime(2025, 1, 1, tzinfo=UTC).date(),
        ),
        **said,
    )


async def decided(database: Database, packs: PackSet, now: datetime, count: int) -> list[UUID]:
    """So many Greens of Warwick, decided as early help."""
    cases = []
    for number in range(count):
        case = Case(
            referral_id=new_id(),
            authority=AUTHORITY,
            reference=f"WAR-{number:06}-K",
            received_at=now,
            pack_version="2018.1",
            source_agency="school",
            locality="warwick",
            school_cluster=None,
            agreement=AgreementStatus.GIVEN,
            age_bands=(AgeBand.AGE_5_TO_10,),
            children=(new_id(),),
            rag=Rag.GREEN,
            level=2,
            decided=True,
        )
        cases.append(
            assign_work(case, Outcome.EARLY_HELP_ASSESSMENT, now, packs, new_id, now).state
        )
    cases.sort(key=lambda case: case.referral_id)
    async with database.transaction() as connection:
        ids = [case.referral_id for case in cases]
        await stream_store.lock_cases(connection, "allocation", SOURCE, ids)
        saved = [Saved(case.referral_id, AUTHORITY, None, case, now) for case in cases]
        await AllocationStore(VAULT).save(connection, saved)
    return ids


async def register(database: Database, people: list[Worker]) -> None:
    async with database.transaction() as connection:
        await workers.save(connection, people)


async def test_two_processes_offer_each_case_once_and_nobody_more_than_fits(
    database: Database, packs: PackSet, clock: SetClock
) -> None:
    # Five hours a week carry four points: two Greens.
    await register(database, [worker(number) for number in range(20)])
    await decided(database, packs, clock(), 60)
    both = [Offering(kernel(database, packs, clock)) for _ in range(2)]
    for _ in range(4):
        await asyncio.gather(*(one.step() for one in both))
    async with database.connection() as connection:
        rows = await connection.fetch(HELD)
    carried = Counter()
    for row in rows:
        carried[row["worker_id"]] += row["points"]
    assert len(rows) == 40, "twenty have room for two each; the rest waits"
    assert set(carried.values()) == {4}


async def test_of_a_thousand_each_is_asked_before_anybody_twice(
    database: Database, packs: PackSet, clock: SetClock
) -> None:
    await register(database, [worker(number, hours=37) for number in range(1000)])
    await decided(database, packs, clock(), 150)
    assert await Offering(kernel(database, packs, clock)).step() == 150
    async with database.connection() as connection:
        rows = await connection.fetch(HELD)
    assert len({row["worker_id"] for row in rows}) == 150


async def test_what_is_with_somebody_who_has_left_goes_to_another(
    database: Database, packs: PackSet, clock: SetClock
) -> None:
    leaver, other = worker(1), worker(2, hours=0)
    await register(database, [leaver, other])
    await decided(database, packs, clock(), 1)
    offering = Offering(kernel(database, packs, clock))
    await offering.step()
    await register(database, [replace(other, hours=37)])
    async with database.transaction() as connection:
        await connection.execute(LEFT, clock().date(), leaver.worker_id)
    await offering.step()
    async with database.connection() as connection:
        rows = await connection.fetch(HELD)
    assert [(row["worker_id"], row["state"]) for row in rows] == [
        (leaver.worker_id, "ended"),
        (other.worker_id, "offered"),
    ]
