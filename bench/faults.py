"""Faults by the hundred, in both editions: after each trial every stage is compared with what was
posted. A line for each trial: how many faults were made, and what was lost, doubled, out of order
or repeated.

    python -m bench.faults --edition single,kafka --rounds 3 --referrals 3000
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from bench.broker import Brokers
from bench.crashes import KERNEL, RELAY, SOURCE, Death, die_at_random, together
from bench.ledger import Account
from bench.people import People
from bench.site import Flow, Site, Spread, alone, compared, spread
from bench.troubles import (
    broker_away,
    clock_jumps,
    connections_cut,
    consumer_sleeps,
    instances_come_and_go,
    leader_moves,
    poison,
    postgres_away,
    relay_hangs,
)
from chassis.stream.faults import Point

JUMPS = (1800.0, -600.0, 900.0)
SESSION_SECONDS = 6.0
KINDS = ("points", "common", "broker", "instances", "poison", "kills", "nodes")
SEED = 20_260_305


@dataclass(slots=True)
class Trials:
    """Trials of one installation, and the line of each."""

    site: Site
    people: People
    clock: Path
    rounds: int
    kinds: Collection[str] = KINDS
    lines: list[dict[str, Any]] = field(default_factory=list)

    async def trial(
        self, kind: str, subject: str, make: Callable[[Flow], Awaitable[int]], **said: int
    ) -> None:
        """If that kind is wanted, have `make` make faults while referrals go on; then compare, and print the figures."""
        if kind not in self.kinds:
            return
        began, before = time.perf_counter(), len(self.people.told.posted)
        faults, found, went_wrong = 0, Account(), ""
        try:
            async with Flow(self.people, **said) as flow:
                faults = await make(flow)
            found = await compared(self.site, self.people, within=180)
        except Exception as fault:
            went_wrong = "; ".join(
                [f"{type(fault).__name__}: {fault}", *getattr(fault, "__notes__", [])]
            )
        wrong = [*found.wrong[:10], *([went_wrong] if went_wrong else [])]
        line = {
            "bench": "faults",
            "subject": subject,
            "edition": self.site.edition,
            "faults": faults,
            "referrals": len(self.people.told.posted) - before,
            "lost": found.lost - self._before("lost"),
            "doubled": found.doubled - self._before("doubled"),
            "out_of_order": found.out_of_order - self._before("out_of_order"),
            "messages_repeated": found.repeated_messages - self._before("messages_repeated"),
            "records_repeated": found.repeated_records - self._before("records_repeated"),
            "seconds": round(time.perf_counter() - began, 1),
            "wrong": wrong,
        }
        print(json.dumps(line), flush=True)
        self.lines.append(line)

    def _before(self, name: str) -> int:
        """What earlier trials of this installation were blamed for: it is compared whole each time."""
        return sum(int(line[name]) for line in self.lines)

    async def common(self) -> None:
        """What both editions go through."""
        site = self.site
        await self.trial("common", "connections cut in the middle of a transaction",
                         lambda flow: connections_cut(site, flow, 20 * self.rounds))  # fmt: skip
        await self.trial("common", "PostgreSQL stopped and started",
                         lambda flow: postgres_away(site, flow, "stop"))  # fmt: skip
        await self.trial(
            "common", "PostgreSQL killed", lambda flow: postgres_away(site, flow, "kill")
        )
        await self.trial("common", "the clock jumps",
                         lambda flow: clock_jumps(site, flow, self.clock, JUMPS))  # fmt: skip


@asynccontextmanager
async def _trials(
    site: Site, clock: Path, rounds: int, kinds: Collection[str]
) -> AsyncIterator[Trials]:
    async with site.people() as people:
        yield Trials(site, people, clock, rounds, kinds)


def plan(
    names: Sequence[str], points: Sequence[Point], rounds: int, lives: tuple[int, int]
) -> dict[str, list[Death]]:
    """Deaths of each process at each point, in an order and after so many passings (from the one to
    the other of `lives`) as chance has it, the same at each run."""
    chance = random.Random(SEED)
    made: dict[str, list[Death]] = {}
    for name in names:
        made[name] = [
            Death(point, chance.randint(*lives)) for point in points for _ in range(rounds)
        ]
        chance.shuffle(made[name])
    return made


async def single(
    rounds: int, referrals: int, kinds: Collection[str], folder: Path
) -> list[dict[str, Any]]:
    """The single machine. A line for each trial."""
    clock = folder / "clock"
    clock.write_text("0")
    async with alone(CLOCK_FILE=str(clock)) as site, _trials(site, clock, rounds, kinds) as trials:

        async def points(_: Flow) -> int:
            # Long enough that something gets done between two deaths.
            deaths = plan(site.names, KERNEL, rounds * 2, (4, 12))
            return sum(map(len, (await together(site, deaths)).values()))

        await trials.trial("points", "it dies at each point", points)
        await trials.common()
        lines = trials.lines
    async with alone() as site, _trials(site, clock, rounds, kinds) as trials:
        await trials.trial(
            "kills",
            f"kill -9 every few seconds during {referrals} referrals",
            lambda flow: die_at_random(site, flow, referrals, 3.0, SEED),
            families=24,
        )
        return lines + trials.lines


async def kafka(
    rounds: int, referrals: int, broker_seconds: float, kinds: Collection[str], folder: Path
) -> list[dict[str, Any]]:
    """The five services. A line for each trial."""
    clock = folder / "clock"
    clock.write_text("0")
    with Brokers() as brokers:
        async with (
            spread(brokers, CLOCK_FILE=str(clock)) as site,
            _trials(site, clock, rounds, kinds) as trials,
        ):
            await _befall(trials, site, broker_seconds)
            lines = trials.lines
        async with spread(brokers) as site, _trials(site, clock, rounds, kinds) as trials:
            await trials.trial(
                "kills",
                f"kill -9 of any service every second or so during {referrals} referrals",
                lambda flow: die_at_random(site, flow, referrals, 1.0, SEED),
                families=24,
            )
            lines += trials.lines
    with Brokers(nodes=3) as brokers:
        async with (
            spread(brokers, KAFKA_REPLICATION="3", KAFKA_MIN_INSYNC="2") as site,
            _trials(site, clock, rounds, kinds) as trials,
        ):
            await trials.trial(
                "nodes",
                "each of three nodes killed: leaders move",
                lambda flow: leader_moves(site, flow),
            )
            return lines + trials.lines


async def _befall(trials: Trials, site: Spread, broker_seconds: float) -> None:
    async def points(_: Flow) -> int:
        deaths = plan(site.names, (*KERNEL, *RELAY, *SOURCE), trials.rounds, (1, 3))
        return sum(map(len, (await together(site, deaths)).values()))

    async def hangs(flow: Flow) -> int:
        faults, took = await relay_hangs(site, flow, "allocation")
        click.echo(f"another relay took over after {took:.1f} s", err=True)
        return faults

    async def poisoned(flow: Flow) -> int:
        return await poison(site, flow.people, site.fleet.command)

    await trials.trial("points", "they die at each point", points)
    await trials.common()
    await trials.trial("broker", f"the broker stopped for {broker_seconds:.0f} s",
                       lambda flow: broker_away(site, flow, "stop", broker_seconds))  # fmt: skip
    await trials.trial(
        "broker", "the broker killed", lambda flow: broker_away(site, flow, "kill", 3)
    )
    await trials.trial("instances", "a relay's host vanishes with the cursor", hangs)
    await trials.trial("instances", "a consumer sleeps longer than its session",
                       lambda flow: consumer_sleeps(site, flow, "triage", SESSION_SECONDS + 2))  # fmt: skip
    await trials.trial("instances", "a second instance of each joins and leaves",
                       lambda flow: instances_come_and_go(site, flow, trials.rounds))  # fmt: skip
    await trials.trial("poison", "a poisoned event among good ones", poisoned)


def altogether(lines: Sequence[Mapping[str, Any]]) -> bool:
    """Print what all trials come to. Whether all went well."""
    counted = ("faults", "referrals", "lost", "doubled", "out_of_order", "messages_repeated",
               "records_repeated")  # fmt: skip
    line = {
        "bench": "faults",
        "subject": "altogether",
        "edition": ",".join(sorted({line["edition"] for line in lines})),
        "trials": len(lines),
        **{name: sum(line[name] for line in lines) for name in counted},
        "wrong": sum(bool(line["wrong"]) for line in lines),
    }
    print(json.dumps(line), flush=True)
    return not line["wrong"]


def suite(times: int) -> bool:
    """The fault tests of `make test`, over and over. Whether all went well."""
    well = True
    for _ in range(times):
        tested = subprocess.run(
            [sys.executable, "-m", "pytest", "tests/fault", "-q"],
            check=False,
            stdout=subprocess.DEVNULL,
        )
        well &= tested.returncode == 0
    line = {"bench": "faults", "subject": "tests/fault", "edition": "both", "runs": times}
    print(json.dumps({**line, "wrong": [] if well else ["a test failed"]}), flush=True)
    return well


@click.command()
@click.option("--edition", default="single,kafka", show_default=True)
@click.option("--rounds", default=3, show_default=True, help="How often each point is died at.")
@click.option("--referrals", default=3000, show_default=True, help="How many go on under kills.")
@click.option("--broker-seconds", default=30.0, show_default=True)
@click.option("--kinds", default=",".join(KINDS), show_default=True)
@click.option("--suite-times", default=1, show_default=True)
def main(
    edition: str, rounds: int, referrals: int, broker_seconds: float, kinds: str, suite_times: int
) -> None:
    lines: list[dict[str, Any]] = []
    wanted = kinds.split(",")
    with tempfile.TemporaryDirectory() as folder:
        if "single" in edition:
            lines += asyncio.run(single(rounds, referrals, wanted, Path(folder)))
        if "kafka" in edition:
            lines += asyncio.run(kafka(rounds, referrals, broker_seconds, wanted, Path(folder)))
    well = altogether(lines) if lines else True
    if suite_times:
        well &= suite(suite_times)
    if not well:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
