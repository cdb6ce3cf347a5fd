"""Clocks: arming many, firing ten thousand of the same second, and counting all of them again.

    python -m bench.clocks --clocks 1000000 --due 10000 --recalculated 100000 [--peers procrastinate]

One PostgreSQL server with its usual settings, fsync on. Clocks are armed as the service arms them:
the domain starts them, and batches of referrals are locked, saved and their events appended in one
transaction each, two at a time. Copies made inside the database stand for the rest of `--clocks`; they are due
over the month to come, and lie in the same tables and indexes. Then `--due` clocks, of a referral
each, are due in the same second, and `--workers` loops of the service fire them, each with its
event. Lateness is from that second to the commit. A peer defers as many jobs to one second in the
same run, in a database of its own on the same server, with the same number of loops.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

import asyncpg
import click
import uvloop

from bench.peers import deferred
from bench.subjects import one_server
from chassis.clock import system_clock
from chassis.database import Database
from chassis.database.migrate import migrate
from chassis.ids import new_id
from chassis.stream.bell import Bell
from chassis.stream.kernel import Kernel, Service, Sweep
from chassis.stream.kernel.batch import BatchOf, Folding
from chassis.stream.kernel.events import TOGETHER
from chassis.stream.kernel.saving import Saving
from chassis.stream.port import EventSource, Lag
from chassis.vault import KeyRing, Vault
from contracts.events import AgeBand, AgreementStatus, Rag
from frontdoor.catalogue import schemas
from policy.announced import EVERYWHERE, Announced
from policy.loading import PackSet, load_packs
from services.allocation.clocks.firing import Firing
from services.allocation.clocks.recalculating import Recalculation
from services.allocation.domain import Case
from services.allocation.domain.timing import happen, then
from services.allocation.handlers import HANDLERS
from services.allocation.store import AllocationStore

AUTHORITY = "warwickshire"
SOURCE = "allocation/1"
VAULT = Vault("allocation", KeyRing.new())
ARMED_A_SECOND = 10_000
MOST_LATE_SECONDS = 2.0
TIMES_SOONER = 20
MOST_SECONDS_A_100000 = 30.0
"""What is aimed at."""

ARMED = 60_000
INSTANCES = 2
BATCH = 500
SOON = timedelta(seconds=3)
PASSWORDS = dict.fromkeys(("intake", "triage", "allocation", "notifications", "console"), "bench")

# Copies of armed clocks, each of a referral of its own, due over the month to come.
COPY = """
WITH made AS (
    SELECT gen_random_uuid() AS new_referral, clock.*, row_number() OVER () AS number
      FROM clock, generate_series(1, $1)
     LIMIT $2
), referrals AS (
    INSERT INTO referral (referral_id, authority, document)
    SELECT new_referral, made.authority, document FROM made JOIN referral USING (referral_id)
)
INSERT INTO clock
SELECT gen_random_uuid(), new_referral, authority, name, subject_id, 'running', started_at,
       counted_from, rag, $3::timestamptz + interval '1 hour' + number % 2500000 * interval '1 s',
       NULL, explanation, calendar_version, pauses, pack_version, NULL, NULL, NULL, NULL,
       $3::timestamptz + interval '1 hour' + number % 2500000 * interval '1 s', compared_with, 0
  FROM made
"""
SETTLE = "VACUUM ANALYZE allocation.clock, allocation.referral, allocation.mark"
OPEN = "SELECT count(*) FROM clock WHERE state = 'running'"
FIRED = """
SELECT count(*) AS events, count(DISTINCT body::json -> 'data' ->> 'clock_id') AS clocks
  FROM event_stream.event_log WHERE type = 'uk.frontdoor.clock.breached.v1'
"""


class CaughtUp:
    """A consumer that has read everything."""

    async def lag(self) -> Lag:
        return Lag(0, 0.0)


class Watched(Kernel[Case]):
    """A kernel that notes when each batch of due times was committed."""

    def __init__(self, service: Service[Case]) -> None:
        super().__init__(service)
        self.committed: list[tuple[datetime, int]] = []

    async def sweep(
        self, due: Mapping[UUID, str], handle: Sweep[Case], failed: set[UUID] | None = None
    ) -> int:
        seen = await super().sweep(due, handle, failed)
        self.committed.append((system_clock(), seen))
        return seen


@dataclass(frozen=True, slots=True)
class Bench:
    """Allocation's database and rules."""

    database: Database
    policy: PackSet

    def service(self, policy: PackSet | None = None) -> Service[Case]:
        return Service(
            name="allocation",
            source=SOURCE,
            database=self.database,
            store=AllocationStore(VAULT),
            handlers=HANDLERS,
            policy=policy or self.policy,
            clock=system_clock,
            ids=new_id,
            bell=Bell(),
        )

    async def arm(self, referrals: int, *, due_at: datetime | None = None) -> dict[str, Any]:
        """Arm the clocks of referrals that are received and rated now. With `due_at` each has one
        clock alone, due then."""
        armed, began = 0, time.perf_counter()
        batch = BatchOf(self.service())
        for start in range(0, referrals, BATCH):
            now = system_clock()
            cases = {new_id(): AUTHORITY for _ in range(min(BATCH, referrals - start))}
            async with self.database.transaction() as connection:
                run = await batch.open(connection, cases)
                folded: list[Folding[Case]] = []
                async with Saving(partial(batch.save_states, connection, run)) as saving:
                    for folding in run.cases.values():
                        change = self._received(folding.referral_id, now)
                        if due_at:
                            clock = change.state.clocks[0]
                            times = replace(clock.times, due_at=due_at, warn_at=None)
                            only = replace(change.state, clocks=(replace(clock, times=times),))
                            change = replace(change, state=only, events=change.events[:1])
                        said = batch.outgoing(folding, change, now, None, None)
                        batch.apply(run, folding, change, said)
                        armed += len(change.state.clocks)
                        folded.append(folding)
                        if len(folded) == TOGETHER:
                            await saving.save(folded)
                            folded = []
                    await saving.save(folded)
                await batch.save_marks(connection, run)
                await batch.append(connection, run)
        seconds = time.perf_counter() - began
        return {"clocks": armed, "seconds": seconds, "clocks_per_second": round(armed / seconds)}

    async def arm_many(self, referrals: int) -> dict[str, Any]:
        """Arm as two instances of the service do, each a batch at a time."""
        began = time.perf_counter()
        found = await asyncio.gather(*(self.arm(referrals // INSTANCES) for _ in range(INSTANCES)))
        seconds = time.perf_counter() - began
        clocks = sum(one["clocks"] for one in found)
        return {
            "clocks": clocks,
            "instances": INSTANCES,
            "seconds": round(seconds, 2),
            "clocks_per_second": round(clocks / seconds),
        }

    def _received(self, referral_id: UUID, now: datetime) -> Any:
        case = Case(
            referral_id=referral_id,
            authority=AUTHORITY,
            reference="WAR-000123-K",
            received_at=now,
            pack_version=self.policy.packs[AUTHORITY][-1].version,
            source_agency="school",
            locality=None,
            school_cluster=None,
            agreement=AgreementStatus.GIVEN,
            age_bands=(AgeBand.AGE_5_TO_10,),
            children=(new_id(),),
        )
        change = happen(case, "referral.submitted", now, self.policy, new_id)
        rated = replace(change.state, rag=Rag.AMBER)
        return then(change, happen(rated, "triage.rated", now, self.policy, new_id))

    async def fire(self, due: int, workers: int) -> dict[str, Any]:
        """Arm `due` clocks for one second, and fire them."""
        due_at = system_clock() + SOON + timedelta(seconds=due / 2000)
        await self.arm(due, due_at=due_at)
        early = (due_at - system_clock()).total_seconds()
        kernels = [Watched(self.service()) for _ in range(workers)]
        loops = [
            asyncio.create_task(Firing(kernel, cast("EventSource", CaughtUp())).run())
            for kernel in kernels
        ]
        cpu = time.process_time()
        while sum(seen for kernel in kernels for _, seen in kernel.committed) < due:
            await asyncio.sleep(0.05)
        cpu = time.process_time() - cpu
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        lateness = [
            (at - due_at).total_seconds()
            for kernel in kernels
            for at, seen in kernel.committed
            for _ in range(seen)
        ]
        async with self.database.connection() as connection:
            fired = await connection.fetchrow(FIRED)
        return {
            "due": due,
            "workers": workers,
            "armed_early_s": round(early, 1),
            **late(lateness),
            "cpu_us_per_clock": round(cpu / due * 1e6),
            "events": fired["events"],
            "lost": due - fired["clocks"],
            "doubled": fired["events"] - fired["clocks"],
        }

    async def recalculate(self) -> dict[str, Any]:
        """Announce a bank holiday for every day on which something armed could be due."""
        today = system_clock().date()
        days = {
            today + timedelta(days=ahead): "Announced late"
            for ahead in range(1, 8)
            if (today + timedelta(days=ahead)).weekday() < 5
        }
        policy = load_packs(announced={EVERYWHERE: Announced(bank_holidays=days)})
        async with self.database.connection() as connection:
            clocks = await connection.fetchval(OPEN)
        began = time.perf_counter()
        referrals = await Recalculation(Kernel(self.service(policy))).step()
        seconds = time.perf_counter() - began
        return {
            "clocks": clocks,
            "referrals": referrals,
            "seconds": round(seconds, 1),
            "seconds_per_100000": round(seconds / clocks * 100_000, 1),
        }


def late(lateness: Sequence[float]) -> dict[str, float]:
    """Figures of how late things were, in seconds."""
    ordered = sorted(lateness)
    return {
        f"p{part}_late_s": round(ordered[min(len(ordered) - 1, len(ordered) * part // 100)], 3)
        for part in (50, 99)
    } | {"last_late_s": round(ordered[-1], 3)}


def figures(subject: str, found: Mapping[str, Any], *, met: bool = True) -> bool:
    """Print a line. Whether what it says is what was aimed at."""
    line = {"bench": "clocks", "subject": subject, "edition": "single", **found}
    print(json.dumps(line | ({} if met else {"met": False})), flush=True)
    return met


async def opened(server: Any, name: str) -> tuple[Database, str]:
    owner = server.fresh(name)
    await asyncio.to_thread(migrate, owner, schemas(PASSWORDS), ["pre", "post"])
    database = Database(owner, schema="allocation")
    await database.open()
    return database, owner


async def run(clocks: int, due: int, recalculated: int, workers: int, peers: Sequence[str]) -> bool:
    """Print the figures. Whether all aims were met."""
    policy = load_packs()
    with one_server() as server:
        database, owner = await opened(server, "clocks")
        bench = Bench(database, policy)
        armed = await bench.arm_many(min(ARMED, clocks) // 3)
        well = figures("arming", armed, met=armed["clocks_per_second"] >= ARMED_A_SECOND)
        await _copy(database, owner, clocks - armed["clocks"])
        ours = await bench.fire(due, workers)
        in_time = ours["p99_late_s"] <= MOST_LATE_SECONDS and not ours["lost"] + ours["doubled"]
        well &= figures(f"{clocks:,} armed, firing", ours, met=in_time)
        await database.close()
        if "procrastinate" in peers:
            url = server.fresh("procrastinate")
            lateness = await deferred.fire(url, due, workers, SOON + timedelta(seconds=due / 2000))
            theirs = late(lateness)
            figures("procrastinate, deferred jobs", {"due": due, "workers": workers, **theirs})
            ratio = theirs["p99_late_s"] / max(ours["p99_late_s"], 0.001)
            sooner = {"times_sooner_p99": round(ratio, 1)}
            well &= figures("firing beside procrastinate", sooner, met=ratio >= TIMES_SOONER)
        if recalculated:
            database, owner = await opened(server, "recalculated")
            bench = Bench(database, policy)
            await bench.arm(recalculated // 3)
            found = await bench.recalculate()
            quick = found["seconds_per_100000"] <= MOST_SECONDS_A_100000
            well &= figures("recalculation", found, met=quick)
            await database.close()
    return well


async def _copy(database: Database, owner: str, count: int) -> None:
    if count > 0:
        async with database.transaction() as connection:
            each = count // ARMED + 2
            await connection.execute(COPY, each, count, system_clock(), timeout=3600)
        connection = await asyncpg.connect(owner)
        await connection.execute(SETTLE)
        await connection.close()


@click.command()
@click.option("--clocks", default=1_000_000, show_default=True, help="How many are armed.")
@click.option("--due", default=10_000, show_default=True, help="How many are due at once.")
@click.option("--recalculated", default=100_000, show_default=True)
@click.option("--workers", default=1, show_default=True)
@click.option("--peers", default="procrastinate", show_default=True, help="Or nothing.")
def main(clocks: int, due: int, recalculated: int, workers: int, peers: str) -> None:
    wanted = [name for name in peers.split(",") if name]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        well = runner.run(run(clocks, due, recalculated, workers, wanted))
    if not well:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
