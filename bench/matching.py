"""Looking people up: how well, and how fast.

    python -m bench.matching [--people 50000] [--look-ups 2000] [--skip-public]

The public FEBRL sets stand beside Splink (`bench/febrl.py`; needs requirements/bench.txt). Then
invented people are loaded in bulk into a real PostgreSQL, and others with the mistakes that forms
have are looked up among them, one at a time for the times and several at once for the rate. Ends with
1 where an aim was missed; `missed` says which.
"""

import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import click
import psutil
import psycopg
import uvloop

from bench.invented import NOW, TODAY, Rates, World, numbered
from chassis.database import Database
from chassis.vault import BlindIndex, KeyRing, Vault
from chassis.vault.keys import KEY_BYTES, context_of
from frontdoor.installation import Installation
from policy.loading import load_packs
from policy.matching import MatchingSection, Person, State
from services.intake.people.finding import EVERYBODY, Hit, LookUp
from services.intake.people.matches import Role
from services.intake.people.records import Record, sealed_form
from services.intake.people.store import PeopleStore

AUTHORITY = "warwickshire"
PORTION = 20_000
STRANGERS = 0.3

# What is aimed at: shares, milliseconds, and look-ups a second on two cores.
RECALL, PRECISION, P95_MS, RATE = 0.98, 0.99, 20, 500

# An index is made faster at once than row by row.
DROP_INDEX = "DROP INDEX intake.person_blocks"
MAKE_INDEX = (
    "CREATE INDEX person_blocks ON intake.person USING gin (blocks) WITH (fastupdate = off)"
)
SETTLE = "VACUUM ANALYZE intake.person, intake.vault_key, intake.name_count"


class Loader:
    """Loads people in bulk, as they would be stored one by one."""

    def __init__(self, look_up: LookUp, ring: KeyRing, matching: MatchingSection) -> None:
        self._look_up = look_up
        self._ring = ring
        self._vault = Vault("intake", ring)
        self._matching = matching
        self._ids = numbered()
        self._names: Counter[tuple[str, int]] = Counter()
        self.sample: list[tuple[UUID, Person]] = []

    async def load(self, connection: asyncpg.Connection, world: World, people: int) -> None:
        """Load `people`, three to a referral."""
        households = (world.household() for _ in range((people + 2) // 3))
        while portion := list(islice(households, PORTION // 3)):
            keys, rows = [], []
            for household in portion:
                referral_id = next(self._ids)
                secret = world.dice.randbytes(KEY_BYTES)
                name, wrapped = self._ring.wrap(secret, context_of("intake", referral_id))
                keys.append((referral_id, name, wrapped))
                rows += list(self._rows(household, referral_id, secret))
            await connection.copy_records_to_table(
                "vault_key", records=keys, columns=["referral_id", "key_id", "wrapped"]
            )
            await connection.copy_records_to_table(
                "person",
                records=rows,
                columns=["person_id", "authority", "referral_id", "role", "received_at", "blocks",
                         "sealed"],
            )  # fmt: skip
        await connection.copy_records_to_table(
            "name_count",
            records=[
                (AUTHORITY, field, digest, count) for (field, digest), count in self._names.items()
            ],
            columns=["authority", "field", "digest", "people"],
        )

    def _rows(
        self, household: Sequence[Person], referral_id: UUID, secret: bytes
    ) -> Iterator[tuple[Any, ...]]:
        key = self._vault.data_key(referral_id, secret)
        for person in household:
            person_id = next(self._ids)
            for field, digest in self._look_up.names(AUTHORITY, person):
                self._names[field, digest] += 1
                self._names[field, EVERYBODY] += 1
            if not person.adult:
                self.sample.append((person_id, person))
            role = Role.ADULT if person.adult else Role.CHILD
            yield (
                person_id, AUTHORITY, referral_id, role.value, NOW,
                self._look_up.blocks(AUTHORITY, person, self._matching),
                key.seal(sealed_form(person), f"{person_id}/person"),
            )  # fmt: skip


def asked(world: World, loader: Loader, count: int) -> list[tuple[UUID | None, Record]]:
    """Who is looked up: people who are known, with mistakes, and people who are not."""
    made = []
    for _ in range(count):
        if world.dice.random() < STRANGERS:
            true, person = None, world.household()[0]
        else:
            place = world.dice.randrange(len(loader.sample))
            true, known = loader.sample[place]
            # The children of a home stand beside each other.
            person = world.misread(known, loader.sample[place ^ 1][1], Rates())
        made.append((true, Record(UUID(int=1), UUID(int=2), Role.CHILD, NOW, person)))
    return made


async def one_by_one(
    database: Database, look_up: LookUp, wanted: Sequence[Record], matching: MatchingSection
) -> tuple[list[list[Hit]], list[float], float]:
    """What each finds, how long it took, in milliseconds, and the processor's time for one: ours
    and PostgreSQL's, in milliseconds, whatever else the machine did meanwhile."""
    found, took = [], []
    async with database.connection() as connection:
        postgres = psutil.Process(connection.get_server_pid())
        before = time.process_time() + sum(postgres.cpu_times()[:2])
        for record in wanted:
            began = time.perf_counter()
            found.append(await look_up.find(connection, AUTHORITY, record, matching))
            took.append((time.perf_counter() - began) * 1000)
        cpu = time.process_time() + sum(postgres.cpu_times()[:2]) - before
    return found, took, cpu * 1000 / len(wanted)


async def at_once(
    database: Database, look_up: LookUp, wanted: Sequence[Record], matching: MatchingSection
) -> float:
    """Look-ups in a second with four at a time."""
    waiting = iter(wanted)

    async def work() -> None:
        async with database.connection() as connection:
            for record in waiting:
                await look_up.find(connection, AUTHORITY, record, matching)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(4)))
    return len(wanted) / (time.perf_counter() - began)


def quality(
    wanted: Sequence[tuple[UUID | None, Record]], found: Sequence[Sequence[Hit]]
) -> dict[str, Any]:
    """How many were found, and how much else. `automatic` are links without a person,
    `automatic_share` how many of those known were linked so, `first` how many were found before
    anybody else."""
    known = reached = links = right = strangers = noise = first = 0
    for (true, _), hits in zip(wanted, found, strict=True):
        ids = [hit.record.person_id for hit in hits]
        if true is None:
            strangers += 1
            noise += len(hits)
        else:
            known += 1
            reached += true in ids
            first += ids[:1] == [true]
        for hit in hits:
            if hit.verdict.state is State.LINKED:
                links += 1
                right += hit.record.person_id == true
    return {
        "known": known,
        "recall": round(reached / known, 4),
        "first": round(first / known, 4),
        "automatic": links,
        "automatic_precision": round(right / links, 4) if links else None,
        "automatic_share": round(right / known, 4),
        "candidates_per_stranger": round(noise / max(1, strangers), 3),
    }


async def invented(
    folder: Path, people: int, look_ups: int, matching: MatchingSection
) -> dict[str, Any]:
    """One line about look-ups among `people`."""
    installation = Installation.at(folder)
    try:
        urls = installation.start()
        ring = installation.ring()
        look_up = LookUp(PeopleStore(Vault("intake", ring)), BlindIndex(ring.index_key))
        world = World(people, matching)
        loader = Loader(look_up, ring, matching)
        database = Database(urls["intake"], schema="intake")
        await database.open()
        try:
            began = time.perf_counter()
            with psycopg.connect(installation.owner_url(), autocommit=True) as owner:
                owner.execute(DROP_INDEX)
                async with database.connection() as connection:
                    await loader.load(connection, world, people)
                rows = time.perf_counter() - began
                owner.execute("SET maintenance_work_mem = '512MB'")
                owner.execute(MAKE_INDEX)
                owner.execute(SETTLE)
            loaded = time.perf_counter() - began
            wanted = asked(world, loader, look_ups)
            records = [record for _, record in wanted]
            await one_by_one(database, look_up, records[:100], matching)
            found, took, cpu = await one_by_one(database, look_up, records, matching)
            rate = await at_once(database, look_up, records, matching)
        finally:
            await database.close()
    finally:
        installation.stop()
    took.sort()
    found_well = quality(wanted, found)
    p95 = round(took[int(len(took) * 0.95)], 2)
    kept = {
        "recall": found_well["recall"] >= RECALL,
        "automatic_precision": (found_well["automatic_precision"] or 1) >= PRECISION,
        "p95_ms": p95 <= P95_MS,
        "look_ups_per_second": rate >= RATE,
    }
    return {
        "bench": "matching",
        "subject": "invented people",
        "people": people,
        "look_ups": look_ups,
        **found_well,
        "missed": [name for name, well in kept.items() if not well],
        "p50_ms": round(took[len(took) // 2], 2),
        "p95_ms": p95,
        "p99_ms": round(took[int(len(took) * 0.99)], 2),
        "look_ups_per_second": round(rate),
        "cpu_ms_per_look_up": round(cpu, 2),
        "load_average": round(os.getloadavg()[0], 1),
        "load_rows_seconds": round(rows, 1),
        "load_seconds": round(loaded, 1),
    }


@click.command()
@click.option("--people", default=50_000, show_default=True)
@click.option("--look-ups", default=2_000, show_default=True)
@click.option("--skip-public", is_flag=True, help="Leave out FEBRL and Splink.")
def main(people: int, look_ups: int, skip_public: bool) -> None:
    matching = load_packs(authorities=[AUTHORITY]).current(AUTHORITY, TODAY).matching
    if not skip_public:
        from bench import febrl

        for line in febrl.measured(matching):
            print(json.dumps(line), flush=True)
    with tempfile.TemporaryDirectory(prefix="frontdoor-matching-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            line = runner.run(invented(folder, people, look_ups, matching))
    print(json.dumps(line), flush=True)
    if line["missed"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
