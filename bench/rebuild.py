"""How long the console's read model takes to be built anew.

    python -m bench.rebuild --events 1000000

Some referrals go through a real house; its log is then copied in bulk under new ids
(bench.copies), and `frontdoor console rebuild` runs in a process of its own. It is killed once on
the way (`kill -9`) and started again. `events_per_second` counts the runs after the kill and before
it together, without the second that each start takes.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import Any

import click
import psycopg
import uvloop

from bench.copies import fill_log
from bench.growth import LOADING, TEMPLATES
from bench.growth import _once as once
from bench.subjects import Kept, one_server

SEEN = re.compile(r"^([\d,]+) of ")


async def run(events: int, referrals: int) -> dict[str, Any]:
    """Load, rebuild, kill, rebuild; the figures."""
    with one_server() as server:
        url = server.fresh("rebuild")
        folder = server.postgres.folder.parent / "rebuild"
        folder.mkdir()
        await once(server, Kept(url, folder), referrals, 64)
        server.set(**LOADING)
        began = time.perf_counter()
        await asyncio.to_thread(fill_log, url, events)
        loaded = time.perf_counter() - began
        server.set(**dict.fromkeys(LOADING, "default"))
        return {
            **await asyncio.to_thread(measured, url, str(folder)),
            "load_seconds": round(loaded),
        }


def measured(url: str, folder: str) -> dict[str, Any]:
    """Rebuild, killed half way."""
    command = [sys.executable, "-m", "frontdoor", "console", "rebuild"]
    command += ["--data", folder, "--database", url]
    began = time.perf_counter()
    killed_at = 0
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            found = SEEN.match(line)
            total = int(line.split(" of ")[1].split()[0].replace(",", "")) if found else 0
            if found and int(found[1].replace(",", "")) * 2 > total:
                killed_at = int(found[1].replace(",", ""))
                os.kill(process.pid, signal.SIGKILL)
                break
    middle = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ended = time.perf_counter()
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM event_stream.event_log),"
            " (SELECT count(DISTINCT referral_id) FROM event_stream.event_log),"
            " (SELECT count(*) FROM console.queue_row), (SELECT count(*) FROM console.timeline)"
        ).fetchone()
    assert row
    return {
        "bench": "rebuild",
        "subject": f"{row[0]:,} events",
        "edition": "single",
        "events_per_second": round(row[0] / (ended - began)),
        "seconds": round(ended - began),
        "killed_at": killed_at,
        "seconds_before_kill": round(middle - began),
        "lost": row[1] - row[2],
        "lines": row[3],
        "said": done.stdout.strip(),
    }


@click.command()
@click.option("--events", default=1_000_000, show_default=True)
@click.option("--referrals", default=TEMPLATES, show_default=True)
def main(events: int, referrals: int) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(run(events, referrals))
    print(json.dumps(found), flush=True)
    if found["lost"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
