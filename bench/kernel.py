"""One stage of the kernel at a time, with the real load and save of each service.

    python -m bench.kernel --events 20000 [--brief] [--profile triage]

The sample referrals (with `--brief` cut to one child, one concern and 300 characters) are posted through intake into a real PostgreSQL (its usual settings, fsync
on), and their events are multiplied, each under a referral id of its own. Then each service's
consumer alone answers what is in the log. `cpu_us_per_event` is this process's alone.
"""

import asyncio
import cProfile
import gc
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
from frontdoor.accounts import ensure_accounts
from frontdoor.house import House, Parts
from frontdoor.installation import Installation
from policy.loading import load_packs

# How many events of some types there are.
WAITING = "SELECT count(*) FROM event_stream.event_log WHERE type = ANY ($1)"

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


async def fill(house: House, installation: Installation, events: int, *, brief: bool) -> None:
    """Put `events` submitted referrals into the log."""
    intake = house.running["intake"].kernel
    serving = asyncio.create_task(intake.run_commands())
    async with People("http://house.example", installation.credentials, brief=brief) as people:
        people.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=house.app()), base_url="http://house.example"
        )
        for number in range(min(events, people.kinds)):
            await people.post(number)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    async with house.databases["intake"].connection() as connection:
        known = await store.read(
            connection, 0, events, list(house.running["triage"].kernel.service.types), events
        )
    for start in range(len(known), events, BATCH):
        numbers = range(start, min(events, start + BATCH))
        copies = [_copy(known[number % len(known)]) for number in numbers]
        async with house.databases["intake"].transaction() as connection:
            await store.append(connection, copies)


def _copy(event: Received) -> Outgoing:
    """The event as one about another referral."""
    referral_id = new_id()
    original = json.loads(event.body)
    body = event.body.replace(original["subject"], str(referral_id))
    body = body.replace(original["id"], str(new_id()))
    return Outgoing(
        event.source, referral_id, event.sequence, event.type, event.authority, event.time, body
    )


async def stage(
    house: House, name: str, profile: cProfile.Profile | None, *, brief: bool
) -> dict[str, Any]:
    """Let one service's consumer answer the whole log."""
    running = house.running[name]
    consumer = Consumer(running.kernel, running.source)
    async with house.databases[name].connection() as connection:
        events = await connection.fetchval(WAITING, list(running.kernel.service.types))
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
) -> None:
    installation = Installation.at(folder)
    try:
        async with opened(installation) as house:
            await fill(house, installation, events, brief=brief)
            # As serving does.
            gc.collect()
            gc.freeze()
            for name in stages:
                profile = cProfile.Profile() if name == profiled else None
                print(json.dumps(await stage(house, name, profile, brief=brief)), flush=True)
                if profile:
                    pstats.Stats(profile).sort_stats("tottime").print_stats(40)
    finally:
        installation.stop()


@click.command()
@click.option("--events", default=20_000, show_default=True)
@click.option("--stages", default=",".join(STAGES), show_default=True)
@click.option("--brief", is_flag=True, help="Short referrals.")
@click.option("--profile", "profiled", default=None, help="A stage to profile, which slows it.")
def main(events: int, stages: str, profiled: str | None, brief: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="frontdoor-kernel-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(folder, events, tuple(stages.split(",")), profiled, brief=brief))


if __name__ == "__main__":
    main()
