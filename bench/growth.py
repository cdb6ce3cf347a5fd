"""What a referral costs with 10 thousand, 100 thousand and 1 million stored.

    python -m bench.growth --referrals 600 [--sizes 10000,100000,1000000]

The pipeline of bench.pipeline on one database that is filled in between with copies of the
referrals that went through it (bench.copies). The cost of a referral is CPU of all server
processes, and time at full rate; both are compared with the first size. `scanned_rows` are the
rows that sequential scans read, for each referral, in tables that grow: there should be none.
"""

import asyncio
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import click
import uvloop

from bench.copies import fill
from bench.pipeline import measure
from bench.subjects import Kept, OneProcess, Server, named, one_server

BYTES_A_REFERRAL = 60_000
TEMPLATES = 200
AIM = 1.2

# A crash while copies are made would lose nothing but copies.
LOADING = {
    "fsync": "off", "full_page_writes": "off", "wal_compression": "off", "autovacuum": "off",
    "max_wal_size": "16GB", "maintenance_work_mem": "256MB",
}  # fmt: skip

# Rows that sequential scans have read in tables of more than a thousand rows.
SCANNED = """
SELECT schemaname || '.' || relname AS name, seq_tup_read
  FROM pg_stat_user_tables
 WHERE n_live_tup > 1000 AND relname NOT LIKE 'bench_%'
"""

SIZE = "SELECT pg_database_size(current_database())"


async def run(referrals: int, families: int, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Print the figures at each size, and what they come to."""
    found: list[dict[str, Any]] = []
    with one_server() as server:
        check_disk(server.postgres.folder, sizes[-1])
        url = server.fresh("growth")
        folder = server.postgres.folder.parent / "growth"
        folder.mkdir()
        kept = Kept(url, folder)
        await _once(server, kept, TEMPLATES, families)
        for stored in sizes:
            began = time.perf_counter()
            server.set(**LOADING)
            await asyncio.to_thread(fill, url, stored)
            server.set(**dict.fromkeys(LOADING, "default"))
            took = time.perf_counter() - began
            before = await _scanned(url)
            figures = await _once(server, kept, referrals, families)
            after = await _scanned(url)
            figures = {
                "bench": "growth",
                "subject": f"{stored:,} stored",
                **{key: figures[key] for key in KEPT},
                "load_seconds": round(took, 1),
                "database_mb": round(await _size(url) / 2**20),
                "scanned_rows": {
                    name: round((after[name] - before.get(name, 0)) / referrals)
                    for name in after
                    if after[name] - before.get(name, 0) > referrals
                },
            }
            print(json.dumps(figures), flush=True)
            found.append(figures)
    print(json.dumps(summary(sizes, found)), flush=True)
    return found


KEPT = (
    "edition", "referrals", "families", "referrals_per_second", "p50_ms", "p99_ms",
    "cpu_ms_per_referral", "cpu_ms", "memory_mb", "lost", "doubled",
)  # fmt: skip


def summary(sizes: Sequence[int], found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The last size beside the first; and, if every tenfold adds what the last one added, what
    ten times the last size would be."""
    cpu = [one["cpu_ms_per_referral"] for one in found]
    rate = [one["referrals_per_second"] for one in found]
    step = cpu[-1] - cpu[-2] if len(cpu) > 1 else 0.0
    return {
        "bench": "growth",
        "subject": f"{sizes[-1]:,} beside {sizes[0]:,}",
        "edition": "single",
        "cpu_times": round(cpu[-1] / cpu[0], 2),
        "time_times": round(rate[0] / rate[-1], 2),
        "aim": AIM,
        f"cpu_times_at_{sizes[-1] * 10:,}": round((cpu[-1] + max(0.0, step)) / cpu[0], 2),
    }


def check_disk(folder: Path, stored: int) -> None:
    """Raises click.ClickException where the disk has no room for so many."""
    needed = stored * BYTES_A_REFERRAL
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise click.ClickException(
            f"{stored:,} referrals need {needed / 2**30:.0f} GB; {free / 2**30:.0f} GB are free."
        )


async def _once(server: Server, kept: Kept, referrals: int, families: int) -> dict[str, Any]:
    subject: OneProcess = named("frontdoor", server, smtp=None, kept=kept)
    try:
        figures = await measure(
            subject, referrals=referrals, families=families, rate=None, mailbox=None
        )
        # What was read but not settled yet would be answered again.
        subject.process.ask_to_stop()
        await subject.process.stopped(within=30)
    finally:
        subject.clear()
    return figures


async def _scanned(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        return {row["name"]: row["seq_tup_read"] for row in await connection.fetch(SCANNED)}
    finally:
        await connection.close()


async def _size(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(SIZE))
    finally:
        await connection.close()


@click.command()
@click.option("--referrals", default=600, show_default=True)
@click.option("--families", default=64, show_default=True)
@click.option("--sizes", default="10000,100000,1000000", show_default=True)
def main(referrals: int, families: int, sizes: str) -> None:
    ordered = sorted(int(size) for size in sizes.split(","))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(run(referrals, families, ordered))
    cost = summary(ordered, found)
    if cost["cpu_times"] > AIM or any(one["lost"] or one["doubled"] for one in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
