"""One stage of the kernel at a time, with the real load and save of each service.

    python -m bench.kernel --events 10000 [--brief] [--profile triage]

The sample referrals (with `--brief` cut to one child, one concern and 300 characters) are posted
through intake into a real PostgreSQL (its usual settings, fsync on), and their events are
multiplied, each under a referral id of its own. Then one service's consumer alone answers what is
in the log. The console comes last, in a house where the others answered a few referrals at a time:
its log is as days of work leave it, with what belongs to one referral close together.
`cpu_us_per_event` is this process's alone.

The aim is held where the console projects short referrals on a machine that does nothing else; a
run that misses it ends with 1.
"""

import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import httpx2
import uvloop

from bench.people import People
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream import store
from chassis.stream.consumer import BATCH, Consumer
from chassis.stream.port import Outgoing, Received
from frontdoor import memory
from frontdoor.accounts import ensure_accounts
from frontdoor.house import House, Parts
from frontdoor.installation import Installation
from policy.loading import load_packs

# How many events of some types there are.
WAITING = "SELECT count(*) FROM event_stream.event_log WHERE type = ANY ($1)"

EVERYTHING = 2**40

AT_A_TIME = 20
"""How many referrals come in the time that a busy house takes for one batch."""

AIM = 10_000
"""Events a second of one stage on two cores."""

STAGES = ("triage", "allocation", "notifications", "console")


@asynccontextmanager
async def opened(installation: Installation) -> AsyncIterator[House]:
    """A house whose loops do not run."""
    policy = load_packs()
    parts = Parts(Settings(local_accounts=True), installation.start(), policy, installation.ring())
    house = House(parts)
    await house.open()
    await ensure_accounts(house, installation, policy.authorities)
    try:
        yield house
    finally:
        await house.close()


async def posted(house: House, installation: Installation, *, brief: bool) -> list[Received]:
    """Post each sample once, and read what intake told of them."""
    intake = house.running["intake"].kernel
    serving = asyncio.create_task(intake.run_commands())
    async with People("http://house.example", installation.credentials, brief=brief) as people:
        people.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=house.app()), base_url="http://house.example"
        )
        for number in range(people.kinds):
            await people.post(number)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    async with house.databases["intake"].connection() as connection:
        types = house.running["triage"].kernel.service.types
        known, _ = await store.read(connection, 0, EVERYTHING, types, people.kinds)
    return known


async def fill(house: House, known: list[Received], numbers: range) -> None:
    """Append copies of `known`."""
    for start in range(numbers.start, numbers.stop, BATCH):
        part = range(start, min(numbers.stop, start + BATCH))
        copies = [copied(known[number % len(known)]) for number in part]
        async with house.databases["intake"].transaction() as connection:
            await store.append(connection, copies)


async def work(house: House, known: list[Received], numbers: range) -> None:
    """Append copies of `known`, and let every service but the console answer them, a few referrals
    at a time."""
    consumers = [consumer_of(house, name) for name in STAGES if name != "console"]
    for start in range(numbers.start, numbers.stop, AT_A_TIME):
        await fill(house, known, range(start, min(numbers.stop, start + AT_A_TIME)))
        for consumer in consumers:
            while await consumer.step():
                pass


def consumer_of(house: House, name: str) -> Consumer[Any]:
    """The loop of a service, not running."""
    return Consumer(house.running[name].kernel, house.running[name].source)


def copied(event: Received) -> Outgoing:
    """The event as one about another referral."""
    referral_id = new_id()
    original = json.loads(event.body)
    body = event.body.replace(original["subject"], str(referral_id))
    body = body.replace(original["id"], str(new_id()))
    return Outgoing(
        event.source, referral_id, event.sequence, event.type, event.authority, event.time, body
    )


def aimed(figures: dict[str, Any], *, brief: bool) -> dict[str, Any]:
    """The aim beside what was measured, of the stage that has one."""
    if figures["subject"] != "console" or not brief:
        return {}
    return {"aim": AIM, "met": figures["events_per_second"] >= AIM}


async def stage(
    house: House, name: str, profile: cProfile.Profile | None, *, brief: bool
) -> dict[str, Any]:
    """Let one service's consumer answer the whole log."""
    consumer = consumer_of(house, name)
    async with house.databases[name].connection() as connection:
        types = house.running[name].kernel.service.types
        events = await connection.fetchval(WAITING, list(types))
    if profile:
        profile.enable()
    wall, cpu = time.perf_counter(), time.process_time()
    while await consumer.step():
        pass
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if profile:
        profile.disable()
    async with house.databases[name].connection() as connection:
        parked = await store.count_parked(connection, name)
    return {
        "bench": "kernel",
        "subject": name,
        "edition": "single",
        "referrals": "brief" if brief else "samples",
        "events": events,
        "seconds": round(wall, 2),
        "events_per_second": round(events / wall),
        "cpu_us_per_event": round(cpu / events * 1e6, 1),
        "parked": parked,
    }


async def measure(
    folder: Path, events: int, stages: tuple[str, ...], profiled: str | None, *, brief: bool
) -> bool:
    """Measure and print. Whether every stage that has an aim met it."""
    well = True
    installation = Installation.at(folder)
    try:
        async with opened(installation) as house:
            known = await posted(house, installation, brief=brief)
            rest = range(len(known), events)
            if stages == ("console",):
                await work(house, known, rest)
            else:
                await fill(house, known, rest)
            memory.settle()
            for name in stages:
                profile = cProfile.Profile() if name == profiled else None
                figures = await stage(house, name, profile, brief=brief)
                if profile:
                    pstats.Stats(profile).sort_stats("tottime").print_stats(40)
                else:
                    figures |= aimed(figures, brief=brief)
                    well &= figures.get("met", True)
                print(json.dumps(figures), flush=True)
    finally:
        installation.stop()
    return well


@click.command()
@click.option("--events", default=20_000, show_default=True)
@click.option("--stages", default=",".join(STAGES), show_default=True)
@click.option("--brief", is_flag=True, help="Short referrals.")
@click.option("--profile", "profiled", default=None, help="A stage to profile, which slows it.")
def main(events: int, stages: str, profiled: str | None, brief: bool) -> None:
    wanted = tuple(stages.split(","))
    well = True
    others = tuple(name for name in wanted if name != "console")
    for house in (others, ("console",) if "console" in wanted else ()):
        if house:
            with tempfile.TemporaryDirectory(prefix="frontdoor-kernel-") as name:
                folder = Path(name)
                folder.chmod(0o711)
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    well &= runner.run(measure(folder, events, house, profiled, brief=brief))
    if not well:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
