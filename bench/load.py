"""The main job under load: many clients post, some decide, and `--kill` pulls the plug midway.

    python -m bench.load --referrals 2000 --posters 32 --deciders 8 --kill
    python -m bench.load --referrals 5000 --kills 2 --failing 0.33

Times are of the askings that were answered; an asking that the kill cut off is asked again.
"""

import asyncio
import json
import statistics
from dataclasses import asdict
from typing import Any

import click

from bench.house import house
from bench.ledger import account, settled
from bench.people import People, work
from bench.sink import Sink


async def load(
    referrals: int, posters: int, deciders: int, kills: int, failing: float = 0.0
) -> dict[str, Any]:
    """Run it once. `failing` is the share of attempts that the mail server fails. The figures; `wrong` lists every promise that was not kept."""
    sink = Sink(failing)
    await sink.start()
    with house(smtp=sink.address, LEASE_SECONDS="8", SMTP_SECONDS="5") as one:
        first_start = await one.up()
        restarts: list[float] = []

        async def pull_the_plug() -> None:
            one.kill()
            restarts.append(await one.up())

        at = {referrals * place // (kills + 1): pull_the_plug for place in range(1, kills + 1)}
        async with People(one.url, one.credentials, connections=posters + deciders) as people:
            took = await work(people, referrals, posters=posters, deciders=deciders, at=at)
        await settled(one.owner_url, within=600 if failing else 180)
        told = people.told
        found = await account(one.owner_url, told.posted, sink.taken)
    await sink.stop()
    figures = asdict(found)
    wrong = figures.pop("wrong")
    return {
        "bench": "load",
        "subject": "post, rate, decide, answer"
        + (" with kill -9" if kills else "")
        + (" and a mail server that fails" if failing else ""),
        "edition": "single",
        "referrals": referrals,
        "posters": posters,
        "deciders": deciders,
        "kills": kills,
        "mail_attempts": sum(sink.taken.values())
        + sum(sink.failed.values())
        - sink.failed["cut_after"],
        "mail_failed": dict(sink.failed),
        "messages": len(sink.taken),
        "referrals_per_second": round(referrals / took, 1),
        "seconds": round(took, 1),
        "post_p50_ms": quantile(told.post_ms, 50),
        "post_p99_ms": quantile(told.post_ms, 99),
        "decide_p50_ms": quantile(told.decide_ms, 50),
        "decide_p99_ms": quantile(told.decide_ms, 99),
        "asked_again": told.asked_again,
        **figures,
        "first_start_seconds": round(first_start, 2),
        "restart_seconds": [round(one, 2) for one in restarts],
        "wrong": wrong[:20],
    }


def quantile(values: list[float], hundredth: int) -> float:
    """A percentile, in the unit of `values`."""
    if len(values) < 2:
        return round(sum(values), 1)
    return round(statistics.quantiles(values, n=100)[hundredth - 1], 1)


@click.command()
@click.option("--referrals", default=2000, show_default=True)
@click.option("--posters", default=32, show_default=True)
@click.option("--deciders", default=8, show_default=True)
@click.option("--kill", is_flag=True, help="kill -9 midway, once.")
@click.option("--kills", default=0, help="The same so many times, evenly spread.")
@click.option("--failing", default=0.0, help="The share of attempts that the mail server fails.")
def main(
    referrals: int, posters: int, deciders: int, kill: bool, kills: int, failing: float
) -> None:
    figures = asyncio.run(load(referrals, posters, deciders, kills or int(kill), failing))
    print(json.dumps(figures))
    if figures["wrong"] or figures["lost"] or figures["doubled"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
