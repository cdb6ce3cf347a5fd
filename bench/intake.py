"""Intake alone, beside an endpoint that only parses and validates the same form, in the same run.

    python -m bench.intake --posts 3000 [--clients 64] [--rounds 3]

Posts and nothing else: everything behind intake stands still. The two are measured in turn, and
the best round of each is compared.
"""

import asyncio
import json
import os
import time
from typing import Any

import asyncpg
import click
import uvloop

from bench.families import Families, Refused, Watch, milliseconds
from bench.subjects import Server, Spent, Subject, named, one_server

# Forms are read beside once many have come for a second, and the process has started.
WARM_UP = 3000
THIRD = 1 / 3


async def measure(subject: Subject, server: Server, posts: int, clients: int) -> dict[str, Any]:
    """Post to one subject; its figures."""
    await subject.up()
    # Nothing is waited for here: any database does.
    watch = Watch(await asyncpg.connect(server.postgres.url("postgres")))
    people = Families(subject, watch)
    await people.prepare(WARM_UP + posts)
    await _post_all(people, range(WARM_UP), clients)
    spent = Spent(subject.processes(), subject.postmaster())
    before, own, began = spent.seconds(), time.process_time(), time.perf_counter()
    waits = await _post_all(people, range(WARM_UP, WARM_UP + posts), clients)
    took, own, after = time.perf_counter() - began, time.process_time() - own, spent.seconds()
    people.close()
    await watch.close()
    return {
        "bench": "intake",
        "subject": subject.name,
        "edition": subject.edition,
        "posts": posts,
        "clients": clients,
        "posts_per_second": round(posts / took, 1),
        "p50_ms": milliseconds(waits, 50),
        "p99_ms": milliseconds(waits, 99),
        "cpu_ms": {name: round((after[name] - before[name]) / posts * 1000, 3) for name in after},
        "generator_cpu_ms": round(own / posts * 1000, 3),
        "load_average": round(os.getloadavg()[0], 1),
    }


async def _post_all(people: Families, numbers: range, clients: int) -> list[float]:
    todo = iter(numbers)
    waits: list[float] = []

    async def client() -> None:
        for number in todo:
            began = time.perf_counter()
            answer = await people.post(number)
            if answer.status != 201:
                raise Refused(f"{answer.status} {answer.body[:300]!r}")
            waits.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as everybody:
        for _ in range(clients):
            everybody.create_task(client())
    return waits


async def run(posts: int, clients: int, rounds: int) -> float:
    """Print each round and the ratio; the ratio."""
    best = dict.fromkeys(("intake", "form_only"), 0.0)
    with one_server() as server:
        for _ in range(rounds):
            for name, highest in best.items():
                subject = named(name, server, smtp=None)
                try:
                    figures = await measure(subject, server, posts, clients)
                finally:
                    subject.clear()
                print(json.dumps(figures), flush=True)
                best[name] = max(highest, figures["posts_per_second"])
    ratio = best["intake"] / best["form_only"]
    print(
        json.dumps(
            {
                "bench": "intake",
                "subject": "intake beside the form alone",
                "edition": "single",
                "ratio": round(ratio, 3),
                "aim": round(THIRD, 3),
            }
        )
    )
    return ratio


@click.command()
@click.option("--posts", default=3000, show_default=True)
@click.option("--clients", default=64, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def main(posts: int, clients: int, rounds: int) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        ratio = runner.run(run(posts, clients, rounds))
    if ratio < THIRD:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
