"""What may befall an installation while referrals go on, beside processes that die (crashes.py): its
broker and its database away, hosts that hang, instances that come and go, clocks that jump, an
event that nobody can answer, a database from yesterday.

Each returns how many faults it made, and raises TimeoutError where the work did not go on in time.
"""

import asyncio
import json
import random
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from uuid import uuid4

import psycopg
from psycopg import sql

from bench.house import until
from bench.ledger import UPDATED
from bench.people import People
from bench.site import Flow, Site, Spread, brought_up, freeze, thaw
from chassis.clock import system_clock
from chassis.database.embedded import PROGRAMS
from chassis.stream.faults import Point
from chassis.stream.store import APPEND_LOCK
from frontdoor.catalogue import SERVICES

# Twice what is promised, and more: five processes and whoever tries them share the cores here.
TAKEN_OVER_WITHIN_SECONDS = 40.0
SEEN_WITHIN_SECONDS = 60.0
DELAY_SECONDS = 1.0
LATER_SECONDS = 60.0

# End connections of the house, whatever they are doing.
CUT = """
SELECT count(pg_terminate_backend(pid))
  FROM pg_stat_activity
 WHERE application_name LIKE 'frontdoor %' AND state <> 'idle'
"""

# The end of a service's log.
HEAD = "SELECT coalesce(max(position), 0) FROM event_stream.event_log"

# An event that says nothing that its type has to say.
POISON = """
INSERT INTO event_stream.event_log (source, referral_id, sequence, type, authority, time, body)
SELECT 'intake/9', referral_id, 1, %(type)s, authority, time,
       (body::jsonb || jsonb_build_object('id', %(id)s::text, 'source', 'intake/9',
                                          'type', %(type)s::text, 'data', '{}'::jsonb))::json
  FROM event_stream.event_log
 WHERE referral_id = %(referral)s AND type = 'uk.frontdoor.referral.submitted.v1'
"""

# In its turn, as every append: a cursor passes by what was given its place before, and is seen after.
TURN = f"SELECT pg_advisory_xact_lock({APPEND_LOCK})"

# What it should have said.
MEND = """
UPDATE {schema}.parked_event
   SET body = jsonb_set(body::jsonb, '{{data}}', %s::jsonb)::json
 WHERE referral_id = %s AND source = 'intake/9'
"""


async def broker_away(site: Spread, flow: Flow, how: str, seconds: float) -> int:
    """The broker is stopped, or killed, and started again. Posts are answered all the while."""
    assert site.brokers is not None
    posted = len(flow.people.told.posted)
    await asyncio.to_thread(getattr(site.brokers, how))
    try:
        await asyncio.sleep(seconds)
        await until(lambda: _more(flow.people.told.posted, posted), 10, "posts answered meanwhile")
    finally:
        await asyncio.to_thread(site.brokers.start)
    await flow.pass_by(3)
    return 1


async def leader_moves(site: Spread, flow: Flow) -> int:
    """Each node of three in turn is killed, so that its partitions are led by another, and
    started again."""
    assert site.brokers is not None
    for node in site.brokers.nodes:
        await asyncio.to_thread(node.kill)
        await flow.pass_by(3)
        node.start()
        await asyncio.to_thread(node.wait)
        await flow.pass_by(3)
    return len(site.brokers.nodes)


async def postgres_away(site: Site, flow: Flow, how: str) -> int:
    """PostgreSQL is stopped, or killed, and started again."""
    await asyncio.to_thread(getattr(site.postgres, how))
    await asyncio.to_thread(site.postgres.start)
    await flow.pass_by(3)
    return 1


async def connections_cut(site: Site, flow: Flow, times: int) -> int:
    """Connections are cut while they work, in the middle of transactions."""
    cut = 0
    with psycopg.connect(site.databases["intake"], autocommit=True) as connection:
        while cut < times:
            row = connection.execute(CUT).fetchone()
            assert row is not None
            cut += int(row[0])
            await asyncio.sleep(0.02)
    await flow.pass_by(3)
    return cut


async def relay_hangs(site: Spread, flow: Flow, name: str) -> tuple[int, float]:
    """The host of a service's relay vanishes while it holds the cursor, and comes back when another
    has taken over. How many faults, and how many seconds nothing was published."""
    other = f"{name}+"
    await brought_up(site, other)
    site.kill(name)
    site.start(name, FAULT_AT=f"{Point.RELAY_LOCKED}:1:hang")
    await until(lambda: _hangs(site, name), 30, "the relay hangs")
    began = time.perf_counter()
    behind = _execute(site, name, HEAD, ())[0]
    await until(lambda: _published(site, name, behind), TAKEN_OVER_WITHIN_SECONDS, "taken over")
    took = time.perf_counter() - began
    await flow.pass_by(1)
    thaw(site, name)
    await site.ready(name)
    await flow.pass_by(2)
    await site.stop(other)
    return 2, took


async def consumer_sleeps(site: Spread, flow: Flow, name: str, seconds: float) -> int:
    """One of two instances hangs for longer than its session lasts, and wakes up with old work in
    its hands. It is the one that nobody asks: whom a gateway sends people to is another matter."""
    other = f"{name}+"
    await brought_up(site, other)
    await flow.pass_by(1)
    freeze(site, other)
    try:
        await asyncio.sleep(seconds)
        known = set(flow.people.told.posted)
        await until(lambda: _more(flow.people.told.posted, len(known) + 3), 30, "posted meanwhile")
        for new in set(flow.people.told.posted) - known:
            await until(partial(_marked, site, name, new), 30, "the other goes on")
    finally:
        thaw(site, other)
    await flow.pass_by(2)
    await site.stop(other)
    return 1


async def instances_come_and_go(site: Spread, flow: Flow, rounds: int) -> int:
    """A second process of each service joins, and leaves: in order, or killed."""
    for turn in range(rounds):
        others = [f"{name}+" for name in SERVICES]
        for other in others:
            site.start(other)
        for other in others:
            await site.ready(other)
        await flow.pass_by(3)
        if turn % 2:
            for other in others:
                site.kill(other)
        else:
            await site.stop(*others)
        await flow.pass_by(2)
    return 2 * rounds * len(SERVICES)


async def clock_jumps(site: Site, flow: Flow, file: Path, jumps: tuple[float, ...]) -> int:
    """The clocks of all processes are put forward and back by some seconds. In the end it is later
    than they ever said: what was put off by a clock that went fast is due only then."""
    for seconds in (*jumps, 0.0, max(jumps) + LATER_SECONDS):
        file.write_text(str(seconds))
        await flow.pass_by(3)
    return len(jumps) + 1


async def poison(site: Site, people: People, command: Callable[..., object]) -> int:
    """An event that nobody can answer: others of other referrals are not held up, its own referral
    waits where people see it, and a replay goes on in order. `command` runs `frontdoor` for one
    service."""
    before = [await _rated_within(site, people, number) for number in range(5)]
    poisoned = await people.post(90_001)
    await people.decide(poisoned)
    poisoning(site.databases["intake"], poisoned)
    await until(lambda: _parked_everywhere(site, poisoned), SEEN_WITHIN_SECONDS, "parked")
    after = [await _rated_within(site, people, number) for number in range(5, 10)]
    if median(after) > median(before) + DELAY_SECONDS:
        raise TimeoutError(f"others were held up: {before} before, {after} after")
    await until(lambda: _attention(site, poisoned), SEEN_WITHIN_SECONDS, "shown to people")
    for name in SERVICES:
        if _parked(site, name, poisoned):
            mended(site.databases[name], name, poisoned)
            # Whoever takes mail lives in this process, and must not be held up.
            await asyncio.to_thread(command, name, "dead-letters", "replay", poisoned)
    await until(lambda: _handled(site, poisoned), SEEN_WITHIN_SECONDS, "replayed")
    await until(
        lambda: _attention(site, poisoned, there=False), SEEN_WITHIN_SECONDS, "no longer shown"
    )
    return 1


def poisoning(database: str, referral_id: str) -> None:
    """Append an event of a referral that nobody can answer to the log in that database."""
    values = {"type": UPDATED, "id": str(uuid4()), "referral": referral_id}
    with psycopg.connect(database) as connection:
        connection.execute(TURN.encode())
        connection.execute(POISON.encode(), values)


def mended(database: str, service: str, referral_id: str) -> None:
    """Let that event say, where a service has parked it, what it should have said."""
    said = {"version": 2, "received_at": system_clock().isoformat()}
    with psycopg.connect(database) as connection:
        connection.execute(MEND.format(schema=service).encode(), (json.dumps(said), referral_id))


def backed_up(site: Spread, name: str, to: Path) -> None:
    """Write one service's database to a file, as operators do."""
    _postgres("pg_dump", "--format=custom", f"--file={to}", site.databases[name])


def restored(site: Spread, name: str, archive: Path) -> str:
    """A service's database is that of yesterday; its process is not started again. What `frontdoor
    restored` said."""
    if site.ended(name) is None:
        site.kill(name)
    database = f"frontdoor_{name}"
    with psycopg.connect(site.postgres.url("postgres"), autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database))
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    _postgres(
        "pg_restore", "--exit-on-error", "--single-transaction",
        f"--dbname={site.databases[name]}", str(archive),
    )  # fmt: skip
    said = site.fleet.command(name, "restored")
    if said.returncode:
        raise RuntimeError(said.stderr)
    return said.stdout


def _postgres(program: str, *arguments: str) -> None:
    subprocess.run([str(PROGRAMS / program), *arguments], check=True, capture_output=True)


def _execute(site: Site, service: str, statement: str, values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(site.databases[service], autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), values)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


async def _more(posted: object, than: int) -> bool:
    return len(posted) > than  # type: ignore[arg-type]


async def _hangs(site: Site, name: str) -> bool:
    status = Path(f"/proc/{site.pid(name)}/stat").read_text()
    return status.rpartition(")")[2].split()[0] == "T"


async def _published(site: Site, name: str, until_position: tuple[object, ...]) -> bool:
    query = f"SELECT 1 FROM {name}.cursor WHERE consumer = 'relay' AND position >= %s"
    return bool(_execute(site, name, query, until_position))


async def _marked(site: Site, name: str, referral_id: str) -> bool:
    query = f"SELECT 1 FROM {name}.mark WHERE referral_id = %s"
    return bool(_execute(site, name, query, (referral_id,)))


async def _rated_within(site: Site, people: People, number: int) -> float:
    chance = random.randrange(10**6)
    referral_id = await people.post(100_000 + number + 10 * chance)
    began = time.perf_counter()
    query = "SELECT 1 FROM triage.referral WHERE referral_id = %s"

    async def rated() -> bool:
        return bool(_execute(site, "triage", query, (referral_id,)))

    await until(rated, 30, "rated")
    took = time.perf_counter() - began
    await people.decide(referral_id)
    return took


def _parked(site: Site, name: str, referral_id: str) -> bool:
    query = f"SELECT 1 FROM {name}.parked_event WHERE referral_id = %s"
    return bool(_execute(site, name, query, (referral_id,)))


async def _parked_everywhere(site: Site, referral_id: str) -> bool:
    return all(_parked(site, name, referral_id) for name in ("triage", "console"))


async def _handled(site: Site, referral_id: str) -> bool:
    return not any(_parked(site, name, referral_id) for name in SERVICES)


async def _attention(site: Site, referral_id: str, *, there: bool = True) -> bool:
    query = "SELECT 1 FROM console.attention WHERE referral_id = %s"
    return bool(_execute(site, "console", query, (referral_id,))) is there
