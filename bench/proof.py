"""Runs the long series one after another and writes docs/proof.md: what was run, where, on which
commit, and what came out, as it came out. With `--only` the other parts stay as they were, each
with the commit that it was run on.

    python -m bench.proof [--only load,kernel] [--more "--referrals 500"]
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import psutil

from chassis.database.embedded import PROGRAMS

PAGE = Path(__file__).parents[1] / "docs" / "proof.md"

HEAD = """# Proof

Written by `make proof`; not by hand. Each part shows the command, when and on which commit it was
run, and the figures as it printed them. A part that failed says so.

| | |
|---|---|
| cores | {cores} |
| memory | {memory} GB |
| Python | {python} |
| PostgreSQL | {postgresql} |
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One command of the series, and what its figures are to show."""

    name: str
    promise: str
    command: Sequence[str]


PARTS = (
    Part("starting", "`frontdoor up` is ready within 5 seconds on an installed folder; the story is "
         "told within 60.", ("-m", "bench.starting")),
    Part("load", "2,000 referrals posted by 32 clients and decided by 8, with `kill -9` midway: "
         "none lost, none doubled.", ("-m", "bench.load", "--kill")),
    Part("messages", "10,000 messages over a mail server that fails a third of the attempts, with two "
         "`kill -9`: none missing, none extra, again only where a conversation was cut.",
         ("-m", "bench.load", "--referrals", "5000", "--kills", "2", "--failing", "0.33")),
    Part("mail", "Messages about decisions, from the queue to the last outcome committed: 80 in 100 of "
         "the rate at which the SMTP client alone hands ready ones to the same server.",
         ("-m", "bench.mail")),
    Part("load-undisturbed", "The same without a kill.", ("-m", "bench.load")),
    Part("kernel", "One stage of the kernel with a real service's load and save: 10,000 events a "
         "second on two cores, reached where the console projects short referrals.",
         ("-m", "bench.kernel", "--brief", "--events", "10000")),
    Part("pipeline", "From a post, through a practitioner's decision over HTTP, to the committed "
         "intent of the message about it: 5 times the rate of the same steps as a DBOS workflow. "
         "How it is measured: bench/README.md.",
         ("-m", "bench.pipeline", "--peers", "dbos,plain", "--referrals", "2000")),
    Part("pipeline-mail", "The same until a mail server has the message: twice the rate.",
         ("-m", "bench.pipeline", "--peers", "dbos", "--mail", "--referrals", "1000")),
    Part("pipeline-rate", "At 50 referrals a second: rated in 100 ms (p50) and 500 ms (p99), and the "
         "message about a decision with the mail server within 2 seconds of it (p99).",
         ("-m", "bench.pipeline", "--rate", "50", "--mail", "--referrals", "3000")),
    Part("pipeline-kafka", "Five processes with a database each and Kafka between them: 3 times the "
         "rate of the same steps as a DBOS workflow.",
         ("-m", "bench.pipeline", "--edition", "kafka", "--peers", "dbos", "--referrals", "2000")),
    Part("pipeline-kafka-rate", "The same at 50 referrals a second.",
         ("-m", "bench.pipeline", "--edition", "kafka", "--rate", "50", "--mail", "--referrals",
          "3000")),
    Part("relay", "From a service's log to Kafka: 70 in 100 of the events a second that the producer "
         "alone reaches.", ("-m", "bench.relay")),
    Part("callbacks", "500 slow or dead call-back endpoints delay a healthy one by no more than a "
         "second.", ("-m", "bench.callbacks")),
    Part("intake", "Posts alone: a third of the rate of an endpoint that only parses and validates "
         "the same form, or more.", ("-m", "bench.intake")),
    Part("rating", "On one core, in processor time: 5,000 ticked referrals and 1,000 narratives of "
         "2,000 characters a second, a trial of 10,000 referrals in 30 seconds, a pack loaded in 100 "
         "ms.", ("-m", "bench.rating")),
    Part("matching", "Among a million invented people: recall 0.98 and precision 0.99 of automatic "
         "links, p95 of a look-up 20 ms, 500 look-ups a second on two cores; on the public FEBRL sets "
         "an F1 no lower than Splink's.",
         ("-m", "bench.matching", "--people", "1000000")),
    Part("safety", "Encryption and the audit trail together cost a post at most 20 in 100 of its "
         "rate.", ("-m", "bench.safety", "--posts", "1500")),
    Part("importing", "100,000 notifications of an earlier system at 1,000 rows a second, memory level.",
         ("-m", "bench.importing", "--rows", "100000")),
    Part("clocks", "A million armed clocks: 10,000 that are due in one second fire within 2 seconds "
         "(p99), 20 times sooner than as many deferred jobs of Procrastinate; 10,000 a second armed; "
         "100,000 recalculated in 30 seconds.", ("-m", "bench.clocks")),
    Part("working-time", "Working time as a reference that walks through the minutes has it: no "
         "difference in 100,000 random cases of 2015 to 2035.", ("-m", "bench.working_time")),
    Part("allocation", "One referral among 1,000 workers in 5 ms; over 10,000 referrals nobody has more "
         "than 1.1 times their share.", ("-m", "bench.allocation")),
    Part("console", "With a million referrals stored and 50,000 open: queue pages within 100 ms and the "
         "page of a referral within 150 ms (p95) at 20 requests a second; a new referral on 200 open "
         "queues within 2 seconds; a slow telephone shows a page within one.", ("-m", "bench.console")),
    Part("rebuild", "The console's read model made anew from a million events within 10 minutes, while "
         "the old one serves.", ("-m", "bench.rebuild")),
    Part("growth", "A referral costs at most 1.2 times as much with 1 million stored as with 10 "
         "thousand.", ("-m", "bench.growth")),
    Part("faults", "Faults of every kind while referrals go on, at least 200 in both editions together: "
         "nothing lost, doubled or out of order at any stage; a message again only where its "
         "conversation was cut.",
         ("-m", "bench.faults", "--edition", "single", "--rounds", "5", "--referrals", "300",
          "--suite-times", "0")),
    Part("faults-kafka", "The same with five processes and Kafka between them.",
         ("-m", "bench.faults", "--edition", "kafka", "--rounds", "1", "--referrals", "100",
          "--suite-times", "0")),
    Part("faults-tests", "The fault tests of `make test`, one of each kind.",
         ("-m", "bench.faults", "--edition", "none")),
)  # fmt: skip


def run(part: Part) -> tuple[str, bool]:
    """Run one part; its text for the page, and whether it kept its promise."""
    where = setting()
    began = time.perf_counter()
    said: list[str] = []
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            [sys.executable, *part.command], stdout=subprocess.PIPE, stderr=complaints, text=True
        ) as running,
    ):
        assert running.stdout
        for line in running.stdout:
            # Some parts take an hour.
            click.echo(line, err=True, nl=False)
            said.append(line)
        code = running.wait()
        complaints.seek(0)
        complained = complaints.read()
    took = time.perf_counter() - began
    lines = [json.loads(line) for line in said if line.startswith('{"bench"')]
    ended = "" if code == 0 else f" **It ended with {code}.**"
    text = [
        f"\n## {part.name}\n",
        f"{part.promise}{ended}\n",
        f"`python {' '.join(part.command)}`, {took:.0f} s, {where}\n",
        *(_table(line) for line in lines),
    ]
    if code and not lines:
        text.append(f"```\n{complained[-2000:]}\n```\n")
    return "\n".join(text), code == 0


def _table(figures: Mapping[str, Any]) -> str:
    rows = [
        f"| {key.replace('_', ' ')} | {_shown(value)} |"
        for key, value in figures.items()
        if key not in ("bench", "subject")
    ]
    return "\n".join([f"| {figures['subject']} | |", "|---|---|", *rows, ""])


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {part}" for name, part in value.items()) or "none"
    return str(value)


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def setting() -> str:
    """When, on which commit and beside how much other work a part is run."""
    changed = _said("git", "status", "--porcelain", "--", ":!docs/proof.md")
    commit = _said("git", "rev-parse", "--short=12", "HEAD")
    return ", ".join(
        [
            datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            f"commit {commit}{' with uncommitted changes' if changed else ''}",
            f"load average {os.getloadavg()[0]:.1f} before it began",
        ]
    )


def earlier() -> dict[str, str]:
    """The parts that the page has, by name."""
    _, *parts = f"\n{PAGE.read_text('utf-8')}".split("\n## ") if PAGE.exists() else [""]
    return {part.split("\n", 1)[0]: f"\n## {part.rstrip()}\n" for part in parts}


def head() -> str:
    """The page's beginning: on what it was run."""
    return HEAD.format(
        cores=f"{len(os.sched_getaffinity(0))} ({platform.machine()})",
        memory=round(psutil.virtual_memory().total / 2**30),
        python=platform.python_version(),
        postgresql=_said(str(PROGRAMS / "postgres"), "--version").rpartition(" ")[2],
    )


@click.command()
@click.option("--only", default="", help="Parts by name, separated by commas.")
@click.option("--more", default="", help="Arguments for their commands, such as a smaller number.")
def main(only: str, more: str) -> None:
    wanted = set(filter(None, only.split(",")))
    page = earlier()
    kept = True
    for part in PARTS:
        if not wanted or part.name in wanted:
            click.echo(f"{part.name} …", err=True)
            page[part.name], well = run(replace(part, command=(*part.command, *more.split())))
            kept &= well
            known = [page[other.name] for other in PARTS if other.name in page]
            PAGE.write_text("\n".join([head(), *known]).rstrip() + "\n", "utf-8")
    if not kept:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
