"""Working time beside a slow reference that walks through every minute, over random starts.

    python -m bench.working_time [--cases 100000]

Half of the cases are working hours and half working days, those counted both ways, on three
calendars: an office with closures of its own, a hub open on six days, one that never closes. Starts
are of 2015 to 2035, a quarter of them near Christmas, Easter or the changes of the clocks. With a
difference the run ends with 1.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Literal

import click

from policy.working_time import Calendar, due
from tests.unit.policy.slow_working_time import FIRST, LAST, SECTIONS, slow, starts

Case = tuple[str, datetime, datetime]
"""What was asked, in words, what we said and what the reference did."""


def hours(name: str, seed: str) -> Iterator[Case]:
    """Working hours on one calendar, without end."""
    calendar, reference = Calendar.of(SECTIONS[name]), slow(name)
    for chance, start in starts(seed, sys.maxsize):
        amount = chance.randint(1, 30)
        ours = due(start, amount, "working_hours", calendar=calendar).due_at
        theirs = reference.working_minutes(start, amount * 60)
        yield f"{amount} working hours from {start} ({name})", ours, theirs


def days(name: str, seed: str) -> Iterator[Case]:
    """Working days on one calendar, counted both ways, without end."""
    calendar, reference = Calendar.of(SECTIONS[name]), slow(name)
    for chance, start in starts(seed, sys.maxsize):
        amount = chance.choice((1, 1, 2, 3, 5, 7, 15, 45))
        inclusive = chance.random() < 0.5
        count: Literal["inclusive", "exclusive"] = "inclusive" if inclusive else "exclusive"
        ours = due(start, amount, "working_days", count, calendar=calendar).due_at
        theirs = reference.working_days(start, amount, inclusive=inclusive)
        yield f"{amount} working days from {start} ({name}, {count})", ours, theirs


@click.command()
@click.option("--cases", default=100_000, show_default=True)
@click.option("--seed", default="of the bench", show_default=True)
def main(cases: int, seed: str) -> None:
    """Print one JSON line."""
    began = time.perf_counter()
    kinds: tuple[Callable[[str, str], Iterator[Case]], ...] = (hours, days)
    walks = [kind(name, f"{seed} {kind.__name__} {name}") for kind in kinds for name in SECTIONS]
    counted, wrong = 0, []
    for place, walk in enumerate(walks):
        # As many of each as make up the number.
        for asked, ours, theirs in islice(walk, (cases + place) // len(walks)):
            counted += 1
            if ours != theirs:
                wrong.append(f"{asked}: {ours}, and not {theirs}")
    line = {
        "bench": "working_time", "subject": "beside walking through the minutes", "edition": "none",
        "cases": counted, "calendars": len(SECTIONS), "years": f"{FIRST} to {LAST}",
        "different": len(wrong), "first": wrong[:3], "seconds": round(time.perf_counter() - began),
    }  # fmt: skip
    print(json.dumps(line), flush=True)
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
