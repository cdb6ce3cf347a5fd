"""The vault in PostgreSQL: keys are made once, shared, and destroyed for ever."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from chassis.database import Database
from chassis.vault import KeyRing, Rewrapping, RingFile, SealBroken, Vault
from chassis.vault.store import count_wrapped
from tests.clocks import START

IDS = [UUID(int=number) for number in range(1, 6)]
STORY = "Sam Sampleton hides under the table."


async def test_keys_are_made_once_and_read_again(database: Database, ring: KeyRing) -> None:
    async with database.transaction() as connection:
        made = await Vault("triage", ring).keys(connection, IDS[:3], create=True)
    sealed = {one: key.seal(STORY, "rationale") for one, key in made.items()}
    async with database.transaction() as connection:
        again = await Vault("triage", ring).keys(connection, IDS, create=True)
    assert set(again) == set(IDS)
    for one, text in sealed.items():
        assert again[one].open(text, "rationale") == STORY


async def test_nothing_is_made_by_reading(database: Database, ring: KeyRing) -> None:
    async with database.transaction() as connection:
        assert await Vault("triage", ring).keys(connection, IDS, create=False) == {}
        assert await connection.fetchval("SELECT count(*) FROM vault_key") == 0


async def test_two_who_make_the_same_key_share_one(database: Database, ring: KeyRing) -> None:
    waiting = asyncio.Event()

    async def late() -> str:
        async with database.transaction() as connection:
            vault = Vault("triage", ring)
            assert not await vault.keys(connection, IDS[:1], create=False)
            waiting.set()
            keys = await vault.keys(connection, IDS[:1], create=True)
            return keys[IDS[0]].open(sealed, "rationale")

    async with database.transaction() as connection:
        keys = await Vault("triage", ring).keys(connection, IDS[:1], create=True)
        sealed = keys[IDS[0]].seal(STORY, "rationale")
        second = asyncio.create_task(late())
        await waiting.wait()
    assert await second == STORY


async def test_a_destroyed_key_never_comes_back(database: Database, ring: KeyRing) -> None:
    vault = Vault("triage", ring)
    async with database.transaction() as connection:
        keys = await vault.keys(connection, IDS[:2], create=True)
        sealed = keys[IDS[1]].seal(STORY, "rationale")
        await vault.destroy(connection, IDS[:1], START)
    async with database.transaction() as connection:
        left = await vault.keys(connection, IDS[:2], create=True)
        assert set(left) == {IDS[1]}
        assert left[IDS[1]].open(sealed, "rationale") == STORY
        gone = await connection.fetchrow(
            "SELECT wrapped, destroyed_at FROM vault_key WHERE referral_id = $1", IDS[0]
        )
        assert gone is not None
        assert (gone["wrapped"], gone["destroyed_at"]) == (None, START)


async def test_a_key_moved_to_another_referral_opens_nothing(
    database: Database, ring: KeyRing
) -> None:
    vault = Vault("triage", ring)
    async with database.transaction() as connection:
        await vault.keys(connection, IDS[:2], create=True)
        await connection.execute(
            "UPDATE vault_key SET wrapped = "
            "(SELECT wrapped FROM vault_key WHERE referral_id = $1) WHERE referral_id = $2",
            IDS[0],
            IDS[1],
        )
        with pytest.raises(SealBroken):
            await vault.keys(connection, IDS[1:2], create=False)


async def test_another_installations_ring_opens_nothing(database: Database, ring: KeyRing) -> None:
    async with database.transaction() as connection:
        await Vault("triage", ring).keys(connection, IDS[:1], create=True)
        with pytest.raises(SealBroken):
            await Vault("triage", KeyRing.new()).keys(connection, IDS[:1], create=False)


async def test_keys_are_wrapped_anew_while_they_are_in_use(
    database: Database, tmp_path: Path
) -> None:
    file = RingFile(tmp_path / "keyring.json")
    ring = file.load_or_create()
    ring.again = file.load
    vault = Vault(database.schema, ring)
    referrals = [UUID(int=number) for number in range(1, 6)]
    async with database.transaction() as connection:
        keys = await vault.keys(connection, referrals, create=True)
        await vault.destroy(connection, referrals[:1], START)
    sealed = {one: key.seal("Sam", "narrative") for one, key in keys.items()}

    file.rotate()
    rewrapping = Rewrapping(database, ring, file.load)
    assert await rewrapping.step() == 4
    assert await rewrapping.step() == 0
    async with database.connection() as connection:
        assert await count_wrapped(connection, "k1") == 0
        assert await count_wrapped(connection, "k2") == 4
        found = await Vault(database.schema, file.load()).keys(connection, referrals, create=False)
    assert set(found) == set(referrals[1:])
    assert {found[one].open(sealed[one], "narrative") for one in found} == {"Sam"}
    # Without the old key too.
    file.retire("k1")
    async with database.connection() as connection:
        alone = await Vault(database.schema, RingFile(file.path).load()).keys(
            connection, referrals, create=False
        )
    assert set(alone) == set(found)
