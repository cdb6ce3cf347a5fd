"""What encryption and the audit trail together cost a posted referral: intake alone with both, and
without either, in the same run.

    python -m bench.safety --posts 1500 [--clients 64] [--rounds 3]

Measured in turn, and the best round of each is compared, as in `bench.intake`. `cpu_cost` is the same
in processor time, the least of each: on a machine that others use it says more.
"""

import asyncio
import json

import click
import uvloop

from bench.intake import measure
from bench.subjects import named, one_server

MOST = 0.20
"""The share of the rate that both together may cost."""


async def run(posts: int, clients: int, rounds: int) -> float:
    """Print each round and the cost; the cost as a share of the rate."""
    best = dict.fromkeys(("intake", "bare"), 0.0)
    least = dict.fromkeys(best, float("inf"))
    with one_server() as server:
        for _ in range(rounds):
            for name, highest in best.items():
                subject = named(name, server, smtp=None)
                try:
                    figures = await measure(subject, server, posts, clients)
                finally:
                    subject.clear()
                print(json.dumps({**figures, "bench": "safety"}), flush=True)
                best[name] = max(highest, figures["posts_per_second"])
                least[name] = min(least[name], sum(figures["cpu_ms"].values()))
    cost = 1 - best["intake"] / best["bare"]
    print(
        json.dumps(
            {
                "bench": "safety",
                "subject": "encryption and audit",
                "edition": "single",
                "cost": round(cost, 3),
                "cpu_cost": round(1 - least["bare"] / least["intake"], 3),
                "aim": MOST,
            }
        )
    )
    return cost


@click.command()
@click.option("--posts", default=1500, show_default=True)
@click.option("--clients", default=64, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def main(posts: int, clients: int, rounds: int) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        cost = runner.run(run(posts, clients, rounds))
    if cost > MOST:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
