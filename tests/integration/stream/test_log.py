"""The log: no event is lost to a reader, none comes out of order, and none is ever changed."""

import asyncio
import random
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import pytest

from chassis.database import Connection, Database
from chassis.ids import new_id
from chassis.stream import store
from chassis.stream.port import Appender, Outgoing
from chassis.stream.postgres import PostgresSource
from contracts.events import ReferralWithdrawn
from contracts.registry import type_of
from tests.clocks import SetClock
from tests.databases import Databases
from tests.integration.stream.streams import blocked
from tests.integration.stream.toy import word

WRITERS = 20
EACH = 15
TYPES = (type_of(ReferralWithdrawn).type,)


async def naive(connection: Connection, events: Sequence[Outgoing]) -> None:
    """Append without the lock: positions are drawn in another order than transactions commit."""
    await connection.execute(
        store.APPEND,
        [event.source for event in events],
        [event.referral_id for event in events],
        [event.sequence for event in events],
        [event.type for event in events],
        [event.authority for event in events],
        [event.time for event in events],
        [event.body for event in events],
    )


class Greedy:
    """Reads as a consumer that is always hungry: its cursor goes as far as it could see."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self._source = PostgresSource(database, "greedy", TYPES, clock)
        self._database = database
        self.met: list[tuple[UUID, int]] = []

    async def read(self) -> None:
        """All that can be seen now."""
        while batch := await self._source.read(100):
            async with self._database.transaction() as connection:
                await self._source.settle(connection, batch)
            self.met += [(event.referral_id, event.sequence) for event in batch.events]


@pytest.fixture
def reader(database: Database, clock: SetClock) -> Greedy:
    return Greedy(database, clock)


async def test_twenty_writers_lose_nothing_and_keep_the_order(
    intake: Database, reader: Greedy, clock: SetClock
) -> None:
    writers = [asyncio.create_task(_write(intake, place, clock)) for place in range(WRITERS)]
    while not all(writer.done() for writer in writers):
        await reader.read()
    written = [writer.result() for writer in writers]
    await reader.read()
    assert len(reader.met) == WRITERS * EACH
    for referral in written:
        assert [number for one, number in reader.met if one == referral] == [*range(1, EACH + 1)]


async def _write(intake: Database, place: int, clock: SetClock) -> UUID:
    referral, dice = new_id(), random.Random(place)
    for number in range(1, EACH + 1):
        async with intake.transaction() as connection:
            for _ in range(dice.randrange(4)):
                await connection.execute("SELECT 1")
            await store.append(connection, [word(referral, number, "a word", clock())])
            for _ in range(dice.randrange(4)):
                await connection.execute("SELECT 1")
    return referral


async def _slow_first(
    append: Appender, intake: Database, reader: Greedy, clock: SetClock
) -> list[str]:
    """Two writers, of whom the first to append is the last to commit, and a reader in between.
    What the reader met, in order."""
    names = {new_id(): "slow", new_id(): "quick"}
    slow, quick = names
    async with intake.transaction() as connection:
        await append(connection, [word(slow, 1, "slow", clock())])
        second = asyncio.create_task(_append(append, intake, word(quick, 1, "quick", clock())))
        async with intake.connection() as other:
            waits = asyncio.create_task(blocked(other))
            await asyncio.wait([second, waits], return_when=asyncio.FIRST_COMPLETED)
            waits.cancel()
            await asyncio.wait([waits])
        await reader.read()
    await second
    await reader.read()
    return [names[referral] for referral, _ in reader.met]


async def _append(append: Appender, intake: Database, event: Outgoing) -> None:
    async with intake.transaction() as connection:
        await append(connection, [event])


async def test_a_writer_that_commits_late_is_met_in_its_place(
    intake: Database, reader: Greedy, clock: SetClock
) -> None:
    assert await _slow_first(store.append, intake, reader, clock) == ["slow", "quick"]


async def test_without_the_lock_a_writer_that_commits_late_would_be_lost(
    intake: Database, reader: Greedy, clock: SetClock
) -> None:
    assert await _slow_first(naive, intake, reader, clock) == ["quick"]


async def test_a_transaction_that_fails_leaves_no_event_and_no_gap_in_the_reading(
    intake: Database, reader: Greedy, clock: SetClock
) -> None:
    referral = new_id()
    with pytest.raises(ArithmeticError):
        async with intake.transaction() as connection:
            await store.append(connection, [word(referral, 1, "never", clock())])
            raise ArithmeticError
    await _append(store.append, intake, word(referral, 1, "said", clock()))
    await reader.read()
    assert reader.met == [(referral, 1)]


async def test_one_number_is_given_once(intake: Database, clock: SetClock) -> None:
    event = word(new_id(), 1, "a word", clock())
    await _append(store.append, intake, event)
    with pytest.raises(asyncpg.UniqueViolationError):
        await _append(store.append, intake, event)


EVIDENCE = ("event_stream.event_log", "audit_entry", "audit_seal")


@pytest.mark.parametrize("table", EVIDENCE)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"]
)
async def test_a_service_cannot_change_what_was_written(
    intake: Database, table: str, statement: str
) -> None:
    column = "entries" if table == "audit_seal" else "authority"
    async with intake.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement.format(table, column, column))


@pytest.mark.parametrize("table", EVIDENCE[1:])
def test_not_even_the_owner_changes_the_audit_trail_by_mistake(
    databases: Databases, table: str
) -> None:
    with pytest.raises(Exception, match="only added to"):
        databases.execute(f"DELETE FROM intake.{table}")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM triage.referral",
        "INSERT INTO event_stream.source_epoch VALUES ('intake', 2)",
        "CREATE TABLE mine (one integer)",
        "UPDATE migration_service_pre SET version_num = ''",
    ],
)
async def test_a_service_stays_in_its_own_rooms(intake: Database, statement: str) -> None:
    async with intake.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
