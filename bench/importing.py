"""Taking a file of notifications: `frontdoor import` as an operator runs it, on a new installation.

    python -m bench.importing --rows 100000 [--processes 1]
    python -m bench.importing --rows 20000 --before OTHER-CHECKOUT

Prints one JSON line: rows a second over the whole command, CPU for each row, and how much memory its
processes held at each fifth of the file, which has to stay level. With `--before` first one more,
for what another checkout of this repository makes of the same file, in turn with ours, and then the
ratio; on a machine that others use, look at the CPU. The rows are historic: a live import goes no
faster than triage behind it, which `bench.pipeline` measures.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psutil
import psycopg

from bench.invented import STARTS
from chassis.database.embedded import EmbeddedPostgres

FRONTDOOR = (sys.executable, "-m", "frontdoor")
AUTHORITY = "warwickshire"
CLIENT = "mockshire-police"
WORDS = (
    "Officers attended after a call from a neighbour. The parents were arguing in the kitchen and "
    "the children were upstairs. No injury was seen and nobody was arrested. The older child said "
    "that it happens at weekends. The house was tidy and there was food. Both parents were told "
    "that this would be shared."
)
LOOK_SECONDS = 0.5
AIM = 1_000
"""Rows a second over the whole command."""
FIFTHS = 5
HERE = Path(__file__).parents[1]


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Notifications about invented children, each another."""
    draw = random.Random(count)
    for number in range(count):
        yield {
            "your_reference": f"MP-{number:08d}",
            "received_at": f"20{draw.randrange(18, 25)}-{draw.randrange(1, 13):02d}-11T21:40:00Z",
            "request": "unsure",
            "referrer": {"name": "A Constable", "role": "Officer", "email": "p@mockshire.example"},
            "children": [
                {
                    "given_name": f"{draw.choice(STARTS)}{draw.choice('aeiouy')}",
                    "family_name": f"{draw.choice(STARTS)}{draw.choice(STARTS).lower()}",
                    "date_of_birth": f"20{draw.randrange(10, 18)}-0{draw.randrange(1, 10)}-14",
                    "sex": draw.choice("MF"),
                    "address": {"lines": [f"{number % 300} Sample Road"], "postcode": "CV32 9ZA"},
                }
            ],
            "household": [{"name": "Kerry Mock", "relationship": "mother"}],
            "concerns": [{"code": "domestic_abuse", "impact": "serious", "children": [0]}],
            "narrative": f"{WORDS} Log {number}.",
            "parents_informed": True,
        }


@contextmanager
def installation(folder: Path, checkout: Path) -> Iterator[list[str]]:
    """A new one of a checkout's, with a partner, and the options by which commands find it."""
    data = folder / "frontdoor"
    database = folder / "postgres"
    database.mkdir()
    postgres = EmbeddedPostgres(database)
    owner = postgres.start()
    try:
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("CREATE DATABASE frontdoor")
        where = ["--data", str(data), "--database", postgres.url("frontdoor")]
        run(["migrate", *where], checkout)
        about = ["--client-id", CLIENT, "--name", "Mockshire Police", "--agency", "police"]
        run(["partner", "add", *where, *about], checkout)
        yield where
    finally:
        postgres.stop()


def run(words: list[str], checkout: Path) -> None:
    """Run a command of a checkout's that has to end well."""
    subprocess.run([*FRONTDOOR, *words], check=True, stdout=subprocess.DEVNULL, cwd=checkout)


def measure(words: list[str], checkout: Path) -> dict[str, Any]:
    """Run an import, looking at its memory and at what its processes use."""
    began = time.perf_counter()
    process = psutil.Popen([*FRONTDOOR, "import", *words], stdout=subprocess.PIPE, cwd=checkout)
    seen: list[int] = []
    used: dict[int, float] = {}
    while process.poll() is None:
        try:
            family = [process, *process.children(recursive=True)]
            seen.append(sum(one.memory_info().rss for one in family))
            used |= {one.pid: sum(one.cpu_times()[:2]) for one in family}
        except psutil.NoSuchProcess:
            pass
        time.sleep(LOOK_SECONDS)
    took = time.perf_counter() - began
    done = json.loads(process.communicate()[0].splitlines()[-1])
    places = [round(len(seen) * fifth / FIFTHS) - 1 for fifth in range(1, FIFTHS + 1)]
    return {
        **{name: done[name] for name in ("rows", "taken", "refused")},
        "seconds": round(took, 1),
        "rows_per_second": round(done["rows"] / took, 1),
        "cpu_ms_per_row": round(sum(used.values()) * 1000 / done["rows"], 2),
        "megabytes_by_fifth": [round(seen[max(0, place)] / 1e6) for place in places],
    }


def measured(count: int, processes: int, checkout: Path) -> dict[str, Any]:
    """What a checkout makes of a file on a new installation."""
    with tempfile.TemporaryDirectory(prefix="frontdoor-import-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "notifications.jsonl"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in rows(count))
        with installation(folder, checkout) as where:
            words = [str(file), *where, "--authority", AUTHORITY, "--client-id", CLIENT]
            words += ["--processes", str(processes), "--historic"]
            return measure(words, checkout)


@click.command()
@click.option("--rows", "count", default=100_000, show_default=True)
@click.option("--processes", default=max(1, (os.cpu_count() or 2) - 1), show_default=True)
@click.option(
    "--before",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    default=None,
    help="Another checkout, to measure in turn with this one.",
)
@click.option("--rounds", default=1, show_default=True, help="With --before: of each in turn.")
def main(count: int, processes: int, before: Path | None, rounds: int) -> None:
    """Take a file and print the figures."""
    subjects = {"before": before, "historic": HERE} if before else {"historic": HERE}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, checkout in subjects.items():
            found[name].append(measured(count, processes, checkout))
    best = {
        name: max(figures, key=lambda one: one["rows_per_second"])
        for name, figures in found.items()
    }
    for name, figures in best.items():
        said = {"bench": "importing", "subject": name, "edition": "single"}
        said |= {"processes": processes + 1, **figures}
        if name == "historic":
            said |= {"aim": AIM, "met": figures["rows_per_second"] >= AIM}
        if before and name == "historic":
            rate = figures["rows_per_second"] / best["before"]["rows_per_second"]
            said["times_before"] = round(rate, 2)
        print(json.dumps({**said, "load_average": round(os.getloadavg()[0], 1)}))
    if best["historic"]["rows_per_second"] < AIM:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
