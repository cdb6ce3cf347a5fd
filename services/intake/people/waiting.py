"""How many referrals wait until their people are looked up: until then their page shows no earlier
record, and nobody is told of an open case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.database import Connection
from chassis.telemetry import metrics
from services.intake.people.store import PeopleStore


async def measure(people: PeopleStore, connection: Connection, now: datetime) -> None:
    """Set the gauges. Raises DatabaseAway."""
    waiting = await people.waiting(connection, now)
    for of, (number, _) in waiting.items():
        metrics.LOOK_UPS_WAITING.labels(of).set(number)
    metrics.OLDEST_LOOK_UP.set((now - waiting["new"][1]).total_seconds())


async def watched(people: PeopleStore, connection: Connection, now: datetime) -> Mapping[str, Any]:
    """What an operator wants to know of it."""
    waiting = await people.waiting(connection, now)
    return {
        "look_ups_waiting": waiting["new"][0] + waiting["history"][0],
        "oldest_look_up_seconds": (now - waiting["new"][1]).total_seconds(),
        "look_ups_given_up": waiting["given_up"][0],
    }
