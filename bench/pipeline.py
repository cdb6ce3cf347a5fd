"""Referrals from an HTTP post, through a practitioner's decision over HTTP, to the committed intent
of the message about it; with `--mail`, until a local mail server has taken that message.

    python -m bench.pipeline --edition single|kafka --referrals 3000 [--peers dbos,plain]
                             [--families 64] [--rate 50] [--mail] [--rounds 1]

Each subject stands alone on the machine with this load generator, on a database of its own in one
PostgreSQL server (the house's own settings, fsync on). A narrative has 300 characters; every
referral is read and decided by a client that agrees with what is suggested. Without `--rate` so
many families are always under way; with it they arrive at that rate whatever happens.

Times are those at which rows were committed (`track_commit_timestamp`), by the clock of this
machine, against the moment at which this process sent a post or a decision. A practitioner's client
learns that a referral can be opened by looking in triage's table every 10 ms; what that costs
PostgreSQL is not counted. CPU is that of all server processes, `generator_cpu_ms` this one's.
"""

import asyncio
import contextlib
import gc
import json
import os
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import click
import uvloop

from bench.broker import Brokers
from bench.families import Families, Journey, Watch, milliseconds
from bench.many import FiveServices
from bench.subjects import Spent, Subject, named, one_server
from bench.wire import Mailbox
from chassis.database import Connection

WARM_UP = 200
SETTLE_SECONDS = 120.0

# What is promised: times the rate of DBOS, and milliseconds at 50 referrals a second.
TIMES = {"single": 5.0, "kafka": 3.0}
TIMES_WITH_MAIL = 2.0
MOST_AT_A_RATE = {"rated_p50_ms": 100, "rated_p99_ms": 500, "decision_to_end_p99_ms": 2000}

# The messages about decisions, and when each was committed. A row that was followed up since says
# when that was: without a mail server none is.
ANSWERED = """
SELECT referral_id, message_id::text AS message_id,
       extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS committed
  FROM notifications.message
 WHERE kind = 'decision' AND referral_id = ANY ($1)
"""

# When each rating was committed: the event's row, which nothing changes.
RATED = """
SELECT referral_id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS committed
  FROM event_stream.event_log
 WHERE type = 'uk.frontdoor.triage.rated.v1' AND referral_id = ANY ($1)
"""

# How many referrals there are, and how many decisions on those that were decided.
STORED = "SELECT count(*) FROM intake.referral"
DECIDED = "SELECT count(*) FROM triage.decision WHERE referral_id = ANY ($1)"


async def measure(
    subject: Subject,
    *,
    referrals: int,
    families: int,
    rate: float | None,
    mailbox: Mailbox | None,
) -> dict[str, Any]:
    """Run one subject; its figures."""
    await subject.up()
    async with contextlib.AsyncExitStack() as closing:
        return await _measured(subject, closing, referrals, families, rate, mailbox)


async def _measured(
    subject: Subject,
    closing: contextlib.AsyncExitStack,
    referrals: int,
    families: int,
    rate: float | None,
    mailbox: Mailbox | None,
) -> dict[str, Any]:
    triage = await asyncpg.connect(subject.database("triage"))
    notifications = await asyncpg.connect(subject.database("notifications"))
    watch = Watch(await asyncpg.connect(subject.database("triage")))
    for close in (triage.close, notifications.close, watch.close):
        closing.push_async_callback(close)
    spent = Spent(subject.processes(), subject.postmaster())
    for backend in (watch.backend, triage.get_server_pid(), notifications.get_server_pid()):
        spent.leave_out(backend)
    people = Families(subject, watch)
    closing.callback(people.close)
    await people.prepare(WARM_UP + referrals)
    stored = await _stored(subject)
    warm = await people.keep_busy(WARM_UP, families)
    await _answered(notifications, warm, mailbox)
    gc.collect()
    gc.freeze()
    before, own, began = spent.seconds(), time.process_time(), time.time()
    if rate:
        journeys = await people.arrive(referrals, rate)
    else:
        journeys = await people.keep_busy(referrals, families)
    rows = await _answered(notifications, journeys, mailbox)
    own, after = time.process_time() - own, spent.seconds()
    gc.unfreeze()
    memory = spent.memory()
    ended = _ends(rows, mailbox)
    by_id = {one.referral_id: one for one in journeys}
    figures: dict[str, Any] = {
        "bench": "pipeline",
        "subject": subject.name + (" to SMTP" if mailbox else ""),
        "edition": subject.edition,
        "referrals": referrals,
        **({"arrivals_per_second": rate} if rate else {"families": families}),
        "referrals_per_second": round(referrals / (max(ended.values()) - began), 1),
        "p50_ms": milliseconds([ended[key] - one.posted_at for key, one in by_id.items()], 50),
        "p99_ms": milliseconds([ended[key] - one.posted_at for key, one in by_id.items()], 99),
        **await _latencies(triage, by_id, ended, subject),
        "cpu_ms_per_referral": round(
            sum(after[name] - before[name] for name in after) / referrals * 1000, 2
        ),
        "cpu_ms": {
            name: round((after[name] - before[name]) / referrals * 1000, 2) for name in after
        },
        "generator_cpu_ms": round(own / referrals * 1000, 2),
        "memory_mb": memory,
        "asked_again": people.asked_again,
        **await _promises(triage, journeys, rows, mailbox),
    }
    more = await _stored(subject) - stored - WARM_UP - referrals
    figures["doubled"] += max(0, more)
    return figures


async def _answered(
    connection: Connection,
    journeys: Sequence[Journey],
    mailbox: Mailbox | None,
) -> Sequence[asyncpg.Record]:
    """Wait for the message about each decision; their rows. What is missing after two minutes is
    lost."""
    ids = [one.referral_id for one in journeys]
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        rows = await connection.fetch(ANSWERED, ids)
        there = {row["referral_id"] for row in rows} >= set(ids)
        taken = mailbox is None or all(row["message_id"] in mailbox.taken_at for row in rows)
        if (there and taken) or time.monotonic() > until:
            return rows
        await asyncio.sleep(0.1)


def _ends(rows: Sequence[asyncpg.Record], mailbox: Mailbox | None) -> dict[UUID, float]:
    if mailbox is None:
        return {row["referral_id"]: row["committed"] for row in rows}
    return {row["referral_id"]: mailbox.taken_at[row["message_id"]] for row in rows}


async def _latencies(
    triage: Connection,
    by_id: dict[UUID, Journey],
    ended: dict[UUID, float],
    subject: Subject,
) -> dict[str, float]:
    found = {
        "post_p50_ms": milliseconds([one.stored_at - one.posted_at for one in by_id.values()], 50),
        "post_p99_ms": milliseconds([one.stored_at - one.posted_at for one in by_id.values()], 99),
    }
    rated = {row["referral_id"]: row["committed"] for row in await triage.fetch(RATED, list(by_id))}
    if rated.keys() >= by_id.keys():
        waits = [rated[key] - one.posted_at for key, one in by_id.items()]
        found["rated_p50_ms"] = milliseconds(waits, 50)
        found["rated_p99_ms"] = milliseconds(waits, 99)
    waits = [ended[key] - one.decided_at for key, one in by_id.items()]
    found["decision_to_end_p50_ms"] = milliseconds(waits, 50)
    found["decision_to_end_p99_ms"] = milliseconds(waits, 99)
    return found


async def _stored(subject: Subject) -> int:
    intake = await asyncpg.connect(subject.database("intake"))
    try:
        return int(await intake.fetchval(STORED))
    finally:
        await intake.close()


async def _promises(
    triage: Connection,
    journeys: Sequence[Journey],
    rows: Sequence[asyncpg.Record],
    mailbox: Mailbox | None,
) -> dict[str, int]:
    """What was lost: referrals without a message about their decision. What was doubled: more
    decisions or messages than one, more mail than messages."""
    ids = [one.referral_id for one in journeys]
    answered = {row["referral_id"] for row in rows}
    decided = await triage.fetchval(DECIDED, ids)
    doubled = max(0, decided - len(ids)) + len(rows) - len(answered)
    if mailbox:
        doubled += sum(mailbox.taken[row["message_id"]] - 1 for row in rows)
    return {"lost": len(set(ids) - answered), "doubled": doubled}


async def run(
    edition: str, names: Sequence[str], rounds: int, *, mail: bool, **how: Any
) -> list[dict[str, Any]]:
    """Every subject, one after another, so many rounds."""
    found = []
    with one_server() as server, contextlib.ExitStack() as more:
        kafka = more.enter_context(Brokers()).bootstrap if edition == "kafka" else None
        for place in range(rounds):
            for name in names:
                mailbox = Mailbox() if mail else None
                if mailbox:
                    await mailbox.start()
                smtp = mailbox.address if mailbox else None
                subject: Subject
                if kafka and name == "frontdoor":
                    subject = FiveServices(kafka, smtp=smtp)
                else:
                    subject = named(name, server, smtp=smtp)
                try:
                    figures = await measure(subject, mailbox=mailbox, **how)
                finally:
                    subject.clear()
                    if mailbox:
                        mailbox.stop()
                figures["load_average"] = round(os.getloadavg()[0], 1)
                if rounds > 1:
                    figures["round"] = place + 1
                print(json.dumps(figures), flush=True)
                found.append(figures)
    return found


def compared(found: Sequence[dict[str, Any]], aim: float) -> list[dict[str, Any]]:
    """The house's rate as a multiple of each peer's, of the best round of each; `aim` is what it
    should be beside DBOS."""
    best: dict[str, float] = {}
    for one in found:
        name = one["subject"].split()[0]
        best[name] = max(best.get(name, 0.0), one["referrals_per_second"])
    return [
        {
            "bench": "pipeline",
            "subject": f"frontdoor beside {name}",
            "edition": found[0]["edition"],
            "times_the_rate": round(best["frontdoor"] / rate, 2),
            **({"aim": aim} if name == "dbos" else {}),
        }
        for name, rate in best.items()
        if name != "frontdoor"
    ]


def short_of(found: Sequence[dict[str, Any]], ratios: Sequence[dict[str, Any]]) -> list[str]:
    """What was promised and not reached."""
    wrong = [f"{one['subject']}: lost or doubled" for one in found if one["lost"] or one["doubled"]]
    wrong += [
        f"{one['subject']}: {one['times_the_rate']} times"
        for one in ratios
        if one["times_the_rate"] < one.get("aim", 0)
    ]
    for one in found:
        if "arrivals_per_second" in one:
            wrong += [
                f"{one['subject']}: {name} {one[name]}"
                for name, most in MOST_AT_A_RATE.items()
                if one.get(name, 0) > most
            ]
    return wrong


@click.command()
@click.option("--edition", type=click.Choice(["single", "kafka"]), default="single")
@click.option("--referrals", default=3000, show_default=True)
@click.option("--peers", default="", help="dbos, plain, separated by commas.")
@click.option("--only-peers", is_flag=True, help="Leave the house itself out.")
@click.option("--families", default=64, show_default=True, help="Referrals under way at once.")
@click.option("--rate", type=float, default=None, help="Arrivals a second, instead.")
@click.option("--mail", is_flag=True, help="Until a mail server has the message.")
@click.option("--rounds", default=1, show_default=True)
def main(
    edition: str,
    referrals: int,
    peers: str,
    only_peers: bool,
    families: int,
    rate: float | None,
    mail: bool,
    rounds: int,
) -> None:
    names = [*([] if only_peers else ["frontdoor"]), *filter(None, peers.split(","))]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(
            run(edition, names, rounds, mail=mail, referrals=referrals, families=families,
                rate=rate)
        )  # fmt: skip
    aim = TIMES_WITH_MAIL if mail else TIMES[edition]
    ratios = [] if only_peers or rate else compared(found, aim)
    for line in ratios:
        print(json.dumps(line), flush=True)
    wrong = short_of(found, ratios)
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
