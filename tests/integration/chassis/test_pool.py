"""A database that is away is told from a mistake in our own code: for one there is waiting, the
other has to be seen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from chassis.database import Connection, Database, DatabaseAway
from tests.databases import Databases

Use = Callable[[Connection], Awaitable[object]]


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    database = Database(databases.urls["triage"], schema="triage")
    await database.open()
    yield database
    await database.close()


async def too_many_arguments(connection: Connection) -> None:
    await connection.fetch("SELECT 1 WHERE $1::integer = 1", 1, 2)


async def two_queries_at_once(connection: Connection) -> None:
    await asyncio.gather(connection.fetch("SELECT 1"), connection.fetch("SELECT 2"))


async def a_missing_file(connection: Connection) -> None:
    await connection.fetch("SELECT 1")
    Path("/no/such/file").read_bytes()


async def a_time_limit_of_our_own(connection: Connection) -> None:
    async with asyncio.timeout(0):
        await connection.fetch("SELECT 1")


@pytest.mark.parametrize(
    ("use", "fault"),
    [
        (too_many_arguments, asyncpg.InterfaceError),
        (two_queries_at_once, asyncpg.InterfaceError),
        (a_missing_file, FileNotFoundError),
        (a_time_limit_of_our_own, TimeoutError),
    ],
)
async def test_a_mistake_is_seen_as_what_it_is(
    database: Database, use: Use, fault: type[Exception]
) -> None:
    for block in (database.connection, database.transaction):
        with pytest.raises(fault):
            async with block() as connection:
                await use(connection)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def cut_off(connection: Connection) -> None:
    await connection.fetch("SELECT pg_terminate_backend(pg_backend_pid())")


async def cut_off_before(connection: Connection) -> None:
    connection.terminate()
    await connection.fetch("SELECT 1")


async def silent(connection: Connection) -> None:
    """What the pool's own limit of a minute does to a query that is not answered."""
    await connection.fetch("SELECT pg_sleep(30)", timeout=0.05)


@pytest.mark.parametrize("use", [cut_off, cut_off_before, silent])
async def test_a_connection_that_is_lost_is_a_database_that_is_away(
    database: Database, use: Use
) -> None:
    for block in (database.connection, database.transaction):
        with pytest.raises(DatabaseAway):
            async with block() as connection:
                await use(connection)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_closed_pool_and_nobody_listening_are_away(databases: Databases) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing", schema="triage")
    with pytest.raises(DatabaseAway):
        async with nowhere.connection():
            pass
    await nowhere.open()
    with pytest.raises(DatabaseAway):
        async with nowhere.connection():
            pass
    await nowhere.close()


async def test_a_task_that_is_ended_ends_though_its_rollback_fails(
    database: Database, databases: Databases
) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with database.transaction() as connection:
            own = await connection.fetchval("SELECT pg_backend_pid()")
            databases.execute(f"SELECT pg_terminate_backend({own}, 5000)")
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
