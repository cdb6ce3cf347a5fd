"""How many events a second the relay publishes, beside aiokafka's producer alone.

    python -m bench.relay --events 20000 --rounds 3 [--profile]

The log holds examples of every event type, each under referral ids of its own, in a real PostgreSQL
(its usual settings, fsync on). In each round the relay publishes the whole log to a new topic: it
reads it, sends it, and moves its cursor. Then aiokafka's producer sends the same records to another
new topic: same settings, the bytes ready in memory, no database. Both share one broker with one
node on this machine. `cpu_us_per_event` is this process's alone.
"""

import asyncio
import cProfile
import json
import pstats
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click
import uvloop

from bench.broker import Brokers
from chassis.clock import system_clock
from chassis.database import Database
from chassis.database.embedded import EmbeddedPostgres
from chassis.database.migrate import migrate
from chassis.database.schemas import ServiceSchema
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream import store
from chassis.stream.bell import Bell
from chassis.stream.kafka import clients, topic
from chassis.stream.kafka.relay import BATCH, Relay
from chassis.stream.kafka.store import read_log
from chassis.stream.kafka.wire import Record, record_of
from chassis.stream.port import Outgoing
from contracts.registry import EventType, event_types
from contracts.sampling import example

PARTITIONS = 12
PASSWORD = "a-role-in-a-bench"
RESET = "UPDATE cursor SET position = 0 WHERE consumer = 'relay'"


def events(count: int) -> list[Outgoing]:
    """Examples, each referral with one of every type."""
    kinds = tuple(event_types().values())
    bodies = [json.dumps(example(kind), separators=(",", ":")) for kind in kinds]
    made: list[Outgoing] = []
    referral = new_id()
    for number in range(count):
        place = number % len(kinds)
        if place == 0:
            referral = new_id()
        made.append(_outgoing(kinds[place], bodies[place], str(referral)))
    return made


def _outgoing(kind: EventType, body: str, referral: str) -> Outgoing:
    envelope = json.loads(body)
    body = body.replace(envelope["subject"], referral)
    event = kind.envelope.model_validate_json(body)
    number = int(envelope["sequence"])
    return Outgoing(
        f"{kind.name}/{number}", event.subject, number, kind.type, event.authority, event.time, body
    )


async def relayed(settings: Settings, database: Database) -> None:
    relay = Relay(settings, database, "intake", Bell(), system_clock)
    await relay.step()
    while await relay.step():
        pass
    await relay.close()


async def produced(settings: Settings, records: list[Record]) -> None:
    producer = clients.producer(settings, "bench")
    await producer.start()
    sent = [
        await producer.send(
            settings.kafka_topic, record.value, key=record.key, headers=record.headers
        )
        for record in records
    ]
    await asyncio.gather(*sent)
    await producer.stop()


async def timed(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Seconds by the clock, and of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - wall, time.process_time() - cpu


async def measure(url: str, bootstrap: str, count: int, rounds: int, *, profiled: bool) -> None:
    database = Database(url, schema="intake")
    await database.open()
    filling = events(count)
    for start in range(0, count, BATCH):
        async with database.transaction() as connection:
            await store.append(connection, filling[start : start + BATCH])
    async with database.connection() as connection:
        records = [record_of(event) for event in await read_log(connection, 0, count)]
    profile = cProfile.Profile()
    seconds: dict[str, list[tuple[float, float]]] = {"relay": [], "aiokafka": []}
    for number in range(rounds):
        settings = Settings(
            kafka_bootstrap=bootstrap,
            kafka_topic=f"relay.{number}",
            kafka_partitions=PARTITIONS,
            kafka_replication=1,
            kafka_min_insync=1,
        )
        other = settings.model_copy(update={"kafka_topic": f"aiokafka.{number}"})
        await topic.make(settings)
        await topic.make(other)
        if profiled:
            profile.enable()
        seconds["relay"].append(await timed(lambda: relayed(settings, database)))  # noqa: B023
        profile.disable()
        seconds["aiokafka"].append(await timed(lambda: produced(other, records)))  # noqa: B023
        async with database.transaction() as connection:
            await connection.execute(RESET)
    await database.close()
    if profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
    _print(seconds, count, sum(len(one.value) for one in records) // count)


def _print(seconds: dict[str, list[tuple[float, float]]], count: int, size: int) -> None:
    walls = {name: statistics.median(wall for wall, _ in times) for name, times in seconds.items()}
    for name, times in seconds.items():
        figures: dict[str, Any] = {
            "bench": "relay",
            "subject": name,
            "edition": "kafka",
            "events": count,
            "bytes_per_event": size,
            "rounds": len(times),
            "seconds": round(walls[name], 2),
            "events_per_second": round(count / walls[name]),
            "cpu_us_per_event": round(statistics.median(cpu for _, cpu in times) / count * 1e6, 1),
            "of_aiokafka": round(walls["aiokafka"] / walls[name], 2),
        }
        print(json.dumps(figures), flush=True)


@click.command()
@click.option("--events", "count", default=20_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--profile", "profiled", is_flag=True, help="Profile the relay, which slows it.")
def main(count: int, rounds: int, profiled: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="frontdoor-relay-") as name, Brokers() as brokers:
        folder = Path(name)
        folder.chmod(0o711)
        postgres = EmbeddedPostgres(folder / "postgres")
        url = postgres.start()
        try:
            schema = ServiceSchema(
                "intake", Path(__file__).parents[1] / "services/intake/migrations", PASSWORD
            )
            migrate(url, [schema], ("pre", "post"))
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(
                    measure(
                        url,
                        brokers.bootstrap, count, rounds, profiled=profiled,
                    )
                )  # fmt: skip
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
