"""The audit trail: written with the change, chained by hash; whatever is done to it shows."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from chassis.audit import AuditEntry, Sealer, Verification, append, note_list_read, verify
from chassis.database import Database
from chassis.identity import Caller
from tests.clocks import START, SetClock
from tests.databases import Databases

MIRA = Caller("staff", UUID(int=1), "mira.okafor", authorities=frozenset({"walsall"}))
TOM = Caller("staff", UUID(int=2), "tom.hale", authorities=frozenset({"walsall"}))
IDS = [UUID(int=number) for number in range(10, 20)]
TODAY = date(2026, 3, 5)

SWAP = """
CREATE TEMP TABLE two AS SELECT * FROM audit_entry WHERE position IN (4, 5);
DELETE FROM audit_entry WHERE position IN (4, 5);
INSERT INTO audit_entry OVERRIDING SYSTEM VALUE
SELECT 9 - position, at, actor_kind, actor_id, action, authority, referral_id, details FROM two
"""
SLIP_IN_BEFORE_ALL = """
INSERT INTO audit_entry (position, at, actor_kind, action, authority, details)
OVERRIDING SYSTEM VALUE VALUES (-3, '2026-01-01Z', 'staff', 'x', 'walsall', '{}')
"""


def opened(number: int, caller: Caller | None = MIRA) -> AuditEntry:
    return AuditEntry("case_opened", caller, "walsall", IDS[number % 10], {"number": number})


async def write(database: Database, *numbers: int) -> None:
    async with database.transaction() as connection:
        await append(connection, [opened(number) for number in numbers], START)


async def checked(database: Database) -> Verification:
    async with database.connection() as connection:
        return await verify(connection)


async def seal_thrice(database: Database, clock: SetClock) -> None:
    """Positions 1 to 9 in three links."""
    sealer = Sealer(database, clock)
    for number in range(3):
        await write(database, *range(number * 3, number * 3 + 3))
        assert await sealer.step() == 3


async def test_entries_say_who_did_what_to_what(database: Database) -> None:
    behalf = Caller("service", UUID(int=9), "notifications", on_behalf_of=MIRA.id)
    async with database.transaction() as connection:
        await append(connection, [opened(0), opened(1, behalf), opened(2, None)], START)
        await append(connection, [], START)
        rows = await connection.fetch("SELECT * FROM audit_entry ORDER BY position")
    first, second, third = rows
    assert (first["actor_kind"], first["actor_id"], first["action"]) == (
        "staff",
        MIRA.id,
        "case_opened",
    )
    assert (first["authority"], first["referral_id"], first["at"]) == ("walsall", IDS[0], START)
    assert second["details"] == {"number": 1, "on_behalf_of": str(MIRA.id)}
    assert (third["actor_kind"], third["actor_id"]) == ("system", None)


async def test_what_is_rolled_back_leaves_no_entry(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as connection:
            await append(connection, [opened(0)], START)
            raise ZeroDivisionError
    assert (await checked(database)).unsealed == 0


async def test_a_whole_chain_holds(database: Database, clock: SetClock) -> None:
    assert (await checked(database)).holds
    await seal_thrice(database, clock)
    await write(database, 9)
    found = await checked(database)
    assert (found.holds, found.sealed, found.unsealed, found.broken_at) == (True, 9, 1, None)
    assert await Sealer(database, clock).step() == 1
    assert await Sealer(database, clock).step() == 0
    assert (await checked(database)).newest_hash != found.newest_hash


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit_entry SET actor_id = gen_random_uuid() WHERE position = 5", 4),
        ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE position = 5", 4),
        ("UPDATE audit_entry SET details = '{\"number\": 5}' WHERE position = 5", 4),
        ("UPDATE audit_entry SET referral_id = NULL WHERE position = 1", 1),
        ("UPDATE audit_entry SET authority = 'hartlepool' WHERE position = 9", 7),
        ("DELETE FROM audit_entry WHERE position = 5", 4),
        ("DELETE FROM audit_entry WHERE position IN (7, 8, 9)", 7),
        ("DELETE FROM audit_entry", 1),
        ("DELETE FROM audit_seal WHERE number = 1", 4),
        ("DELETE FROM audit_seal WHERE number = 2", 7),
        ("UPDATE audit_seal SET hash = previous_hash WHERE number = 3", 7),
        ("UPDATE audit_seal SET last_position = 8 WHERE number = 3", 7),
        (SWAP, 4),
        (SLIP_IN_BEFORE_ALL, 1),
    ],
)
async def test_tampering_shows(
    database: Database, shared: Databases, clock: SetClock, tampering: str, broken_at: int
) -> None:
    await seal_thrice(database, clock)
    shared.execute(f"SET search_path = triage; SET session_replication_role = replica; {tampering}")
    found = await checked(database)
    assert (found.holds, found.broken_at) == (False, broken_at)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET action = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_seal SET entries = 1",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_seal",
        "ALTER TABLE audit_entry DISABLE TRIGGER USER",
    ],
)
async def test_a_service_cannot_change_its_own_trail(
    database: Database, clock: SetClock, change: str
) -> None:
    await seal_thrice(database, clock)
    async with database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change)


async def test_the_owner_cannot_change_it_by_accident(
    database: Database, shared: Databases, clock: SetClock
) -> None:
    await seal_thrice(database, clock)
    owner = await asyncpg.connect(shared.owner)
    try:
        for change in (
            "UPDATE triage.audit_entry SET action = 'x'",
            "DELETE FROM triage.audit_seal",
        ):
            with pytest.raises(asyncpg.RaiseError):
                await owner.execute(change)
    finally:
        await owner.close()


async def test_an_entry_written_meanwhile_is_sealed_next(
    database: Database, clock: SetClock
) -> None:
    """The sealer never passes an entry by: positions follow the order of commits."""
    sealer = Sealer(database, clock)
    async with database.transaction() as connection:
        await append(connection, [opened(0)], START)
        later = asyncio.create_task(write(database, 1))
        assert await sealer.step() == 0
    await later
    assert await sealer.step() == 2
    assert (await checked(database)).holds


async def test_two_sealers_make_one_chain(database: Database, clock: SetClock) -> None:
    sealers = [Sealer(database, clock) for _ in range(2)]
    sealed = 0
    for number in range(10):
        await write(database, number)
        sealed += sum(await asyncio.gather(*(sealer.step() for sealer in sealers)))
    found = await checked(database)
    assert (found.holds, found.sealed, sealed) == (True, 10, 10)


async def test_times_of_any_zone_hash_alike(database: Database, clock: SetClock) -> None:
    east = datetime(2026, 3, 5, 23, 30, tzinfo=UTC).astimezone()
    async with database.transaction() as connection:
        await append(connection, [opened(0)], east)
    await Sealer(database, clock).step()
    async with database.connection() as connection:
        await connection.execute("SET timezone = 'Asia/Kathmandu'")
        assert (await verify(connection)).holds


async def test_a_list_is_noted_once_a_day_for_each_person(database: Database) -> None:
    async def look(caller: Caller, shown: list[UUID], day: date) -> None:
        async with database.transaction() as connection:
            await note_list_read(connection, caller, "walsall", shown, day, START)

    await look(MIRA, IDS[:3], TODAY)
    await look(MIRA, IDS[:3], TODAY)
    await look(MIRA, IDS[1:5], TODAY)
    await look(TOM, IDS[:2], TODAY)
    await look(MIRA, IDS[:1], TODAY + timedelta(days=1))
    await look(MIRA, [], TODAY)
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT actor_id, action, details FROM audit_entry ORDER BY position"
        )
    assert [(row["actor_id"], row["details"]["referral_ids"]) for row in rows] == [
        (MIRA.id, [str(one) for one in IDS[:3]]),
        (MIRA.id, [str(one) for one in IDS[3:5]]),
        (TOM.id, [str(one) for one in IDS[:2]]),
        (MIRA.id, [str(IDS[0])]),
    ]
    assert {row["action"] for row in rows} == {"list_read"}
