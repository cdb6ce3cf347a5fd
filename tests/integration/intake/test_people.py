"""Looking people up on a real PostgreSQL: who is found, by whom, and what the database holds."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from chassis.database import Database
from chassis.ids import new_id
from chassis.vault import BlindIndex, KeyRing, Vault
from policy.loading import PackSet
from policy.matching import MatchingSection, Person, State
from services.intake.people import store as queries
from services.intake.people.finding import EVERYBODY, Hit, LookUp, matched
from services.intake.people.matches import Role
from services.intake.people.records import Record
from services.intake.people.store import PeopleStore
from tests.clocks import SetClock
from tests.databases import Databases

HERE, ELSEWHERE = "warwickshire", "walsall"
BORN = date(2017, 3, 4)


class Register:
    """Intake's people in one database."""

    def __init__(
        self, database: Database, ring: KeyRing, matching: MatchingSection, now: datetime
    ) -> None:
        self.database = database
        self.vault = Vault("intake", ring)
        self.people = PeopleStore(self.vault)
        self.look_up = LookUp(self.people, BlindIndex(ring.index_key))
        self.matching = matching
        self.now = now

    def record(self, person: Person, *, minutes: int = 0, number: int | None = None) -> Record:
        referral_id = UUID(int=number) if number else new_id()
        received_at = self.now + timedelta(minutes=minutes)
        role = Role.ADULT if person.adult else Role.CHILD
        person_id = UUID(int=number + 1) if number else new_id()
        return Record(person_id, referral_id, role, received_at, person)

    async def add(self, *records: Record, authority: str = HERE) -> None:
        async with self.database.transaction() as connection:
            for one in records:
                await self.vault.keys(connection, [one.referral_id], create=True)
                await self.look_up.add(connection, authority, one.referral_id, [one], self.matching)

    async def find(self, record: Record, authority: str = HERE) -> list[Hit]:
        async with self.database.connection() as connection:
            return await self.look_up.find(connection, authority, record, self.matching)


@pytest.fixture
async def register(
    databases: Databases, ring: KeyRing, packs: PackSet, clock: SetClock
) -> AsyncIterator[Register]:
    database = Database(databases.urls["intake"], schema="intake")
    await database.open()
    try:
        yield Register(database, ring, packs.packs[HERE][-1].matching, clock())
    finally:
        await database.close()


def callum(given: str = "Callum", family: str = "Testwood", **said: object) -> Person:
    known: dict[str, object] = {
        "lines": ["4 Sample Court"], "born": BORN, "sex": "M", "postcode": "CV32 9ZA", **said,
    }  # fmt: skip
    return Person.named(given, family, **known)  # type: ignore[arg-type]


async def test_somebody_written_otherwise_is_found_with_reasons(register: Register) -> None:
    known = register.record(callum())
    await register.add(known)
    (hit,) = await register.find(register.record(callum("Calum", born=date(2017, 4, 3))))
    assert hit.record == known
    assert hit.verdict.state is State.CANDIDATE
    assert "birth_swapped" in hit.verdict.reasons


async def test_another_authority_finds_nobody(register: Register) -> None:
    await register.add(register.record(callum()))
    assert await register.find(register.record(callum()), authority=ELSEWHERE) == []


async def test_nobody_finds_themselves_or_their_own_referral(register: Register) -> None:
    known = register.record(callum())
    await register.add(known)
    assert await register.find(known) == []


async def test_who_was_erased_is_found_no_more(register: Register) -> None:
    known = register.record(callum())
    await register.add(known)
    async with register.database.transaction() as connection:
        await register.vault.destroy(connection, [known.referral_id], register.now)
    assert await register.find(register.record(callum())) == []


async def test_names_are_counted_so_that_a_rare_one_says_more(register: Register) -> None:
    others = [
        register.record(callum("Oscar", born=date(2010, 1, 1 + number), postcode="WS1 1AA"))
        for number in range(28)
    ]
    await register.add(*others, register.record(callum("Xander", "Mockleyson")))
    async with register.database.connection() as connection:
        names = register.look_up.names(HERE, others[0].person)
        everybody = [("given", EVERYBODY), ("family", EVERYBODY)]
        counts = await register.people.counts(connection, HERE, [*names, *everybody])
    assert [counts[name] for name in names] == [28, 28]
    assert [counts[name] for name in everybody] == [29, 29]


async def test_the_order_in_which_referrals_are_looked_up_does_not_matter(
    register: Register,
) -> None:
    """Each is made findable before it looks; what two find of each other is one and the same."""
    records = [
        register.record(callum(given), minutes=place, number=1000 * (place + 1))
        for place, given in enumerate(("Callum", "Calum", "Cal"))
    ]
    await register.add(*records)
    seen = set()
    for order in permutations(records):
        pairs = set()
        for record in order:
            for hit in await register.find(record):
                owner, match = matched(record, hit)
                pairs.add((owner, match.pair, match.state, match.score, match.reasons))
        seen.add(frozenset(pairs))
    assert len(seen) == 1
    (pairs,) = seen
    assert len(pairs) == 3


async def test_what_is_to_be_decided_does_not_wait_for_what_an_earlier_system_held(
    register: Register,
) -> None:
    old, new, older, newer = (
        (new_id(), HERE, register.now - timedelta(days=days), historic)
        for days, historic in ((700, True), (2, False), (800, True), (1, False))
    )
    async with register.database.transaction() as connection:
        await queries.ask_for_look_ups(connection, [old, newer, older, new])
        found = await register.people.next(connection, [HERE], 10)
        before = await register.people.waiting(connection, register.now)
        for _ in range(queries.MOST_TRIES):
            await register.people.tried(connection, new[0])
        after = await register.people.waiting(connection, register.now)
    assert found == [one[0] for one in (new, newer, older, old)]
    assert before == {
        "new": (2, new[2]), "history": (2, older[2]), "given_up": (0, register.now),
    }  # fmt: skip
    assert (after["new"], after["given_up"]) == ((1, newer[2]), (1, new[2]))


async def test_making_people_findable_twice_keeps_them_once(register: Register) -> None:
    known = register.record(callum())
    await register.add(known)
    await register.add(known)
    assert len(await register.find(register.record(callum()))) == 1
    async with register.database.connection() as connection:
        names = register.look_up.names(HERE, known.person)
        assert set((await register.people.counts(connection, HERE, names)).values()) == {1}


async def test_the_database_holds_digests_and_no_names(
    register: Register, databases: Databases
) -> None:
    known = register.record(callum("Callum", nhs_number="9990000476"))
    await register.add(known)
    async with register.database.connection() as connection:
        rows = await connection.fetch(queries.OF_REFERRALS, [known.referral_id], [HERE])
    held = b"".join(row["sealed"] for row in rows)
    for word in (b"callum", b"testwood", b"9990000476", b"CV32", b"2017"):
        assert word not in held


async def test_a_look_up_uses_its_index(register: Register) -> None:
    """A look-up that read every person would be felt at the ten thousandth, not in a test."""
    await register.add(
        *(
            register.record(callum(born=date(2000, 1, 1) + timedelta(days=number * 37)))
            for number in range(120)
        )
    )
    blocks = register.look_up.blocks(HERE, callum(), register.matching)
    async with register.database.transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(f"EXPLAIN {queries.CANDIDATES}", blocks, HERE, new_id(), 300)
    assert "person_blocks" in str(plan)
