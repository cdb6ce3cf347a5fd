"""Who takes a referral: how long the choice takes, and how fairly work is shared.

    python -m bench.allocation [--workers 1000] [--referrals 10000]

The choice alone, without a database: all workers in one team, in five localities, of all hours.
"""

import json
import random
import time
from uuid import UUID

import click

from policy.allocation import Candidate, Load, Task, choose, explain

PLACES = ("north", "south", "east", "west", "middle")
HOURS = (12.0, 18.0, 24.0, 30.0)


@click.command()
@click.option("--workers", default=1000)
@click.option("--referrals", default=10_000)
def main(workers: int, referrals: int) -> None:
    """Print one JSON line."""
    dice = random.Random(20260305)
    everybody = [
        Candidate(
            worker_id=UUID(int=number),
            team="help",
            skills=frozenset({"early_help"}),
            localities=frozenset({PLACES[number % len(PLACES)]}),
            school_clusters=frozenset({f"cluster_{number % 40}"}),
            capacity=dice.choice(HOURS),
            leads_up_to=3,
        )
        for number in range(1, workers + 1)
    ]
    loads = {one.worker_id: Load() for one in everybody}
    asked = dict.fromkeys(PLACES, 0)
    closing: list[list[tuple[UUID, int]]] = [[] for _ in range(referrals + 1)]
    took = []
    cpu = 0.0
    for number in range(referrals):
        for whose, points in closing[number]:
            loads[whose].open -= points
        task = Task(
            team="help",
            points=dice.choice((2, 2, 2, 3, 4)),
            level=2,
            locality=dice.choice(PLACES),
            needs=frozenset({"early_help"}),
        )
        begun, worked = time.perf_counter(), time.thread_time()
        choice = choose(task, everybody, loads)
        took.append(time.perf_counter() - begun)
        cpu += time.thread_time() - worked
        if choice.worker_id is None or task.locality is None:
            continue
        load = loads[choice.worker_id]
        load.open += task.points
        load.given += task.points
        asked[task.locality] += task.points
        closing[min(referrals, number + dice.randint(1, 1_600))].append(
            (choice.worker_id, task.points)
        )
    capacity = {
        place: sum(one.capacity for one in everybody if place in one.localities) for place in PLACES
    }
    most = max(
        loads[one.worker_id].given / (asked[place] * one.capacity / capacity[place])
        for one in everybody
        for place in one.localities
    )
    begun = time.perf_counter()
    explain(Task(team="help", points=2, locality="north"), everybody, loads)
    preview = time.perf_counter() - begun
    took.sort()
    print(
        json.dumps(
            {
                "bench": "allocation",
                "subject": "ours",
                "edition": "none",
                "workers": workers,
                "referrals": referrals,
                "p50_ms": round(1000 * took[len(took) // 2], 3),
                "p99_ms": round(1000 * took[len(took) * 99 // 100], 3),
                "cpu_ms_per_referral": round(1000 * cpu / referrals, 3),
                "preview_ms": round(1000 * preview, 3),
                "most_share": round(most, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
