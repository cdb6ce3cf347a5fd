"""How long it takes to be ready: a first start, later ones, one after `kill -9`, and the story.

python -m bench.starting
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.house import house
from bench.ports import free_ports

DEMO_SECONDS = 300


def figures(subject: str, seconds: float, **more: object) -> dict[str, Any]:
    """One line of what was measured, in seconds."""
    return {
        "bench": "starting",
        "subject": subject,
        "edition": "single",
        "seconds": round(seconds, 2),
        **more,
    }


async def starts() -> list[dict[str, Any]]:
    """Seconds from the command to /readyz, and from SIGTERM to the end."""
    with house(smtp=None) as one:
        found = [figures("first start, a new folder", await one.up())]
        began = time.perf_counter()
        one.ask_to_stop()
        await one.stopped(within=30)
        found.append(figures("stop by SIGTERM, PostgreSQL too", time.perf_counter() - began))
        found.append(figures("later start", await one.up()))
        one.kill()
        found.append(figures("start after kill -9, PostgreSQL running", await one.up()))
        one.kill_with_postgres()
        found.append(figures("start after kill -9 of everything", await one.up()))
    return found


def story() -> dict[str, Any]:
    """Seconds that `frontdoor demo --once` takes, and what it says it did."""
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "frontdoor", "demo", "--once", "--port", str(free_ports(1)[0]),
             "--summary", str(summary)],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=DEMO_SECONDS,
        )  # fmt: skip
        took = time.perf_counter() - began
        return figures("frontdoor demo --once", took, **json.loads(summary.read_text())["counts"])


def main() -> None:
    for one in (*asyncio.run(starts()), story()):
        print(json.dumps(one), flush=True)


if __name__ == "__main__":
    main()
