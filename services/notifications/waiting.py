"""The gauge of messages on their way: with no mail server it is the only sign that they wait."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from chassis.database import Connection, Database
from chassis.errors import Unavailable
from chassis.telemetry import metrics
from services.notifications.domain.case import WAITING
from services.notifications.store import NotificationsStore

EVERY_SECONDS = 15.0


async def watch(database: Database, store: NotificationsStore) -> None:
    """Count the messages on their way, for ever."""
    while True:
        with suppress(Unavailable):
            await count(database, store)
        await asyncio.sleep(EVERY_SECONDS)


async def count(database: Database, store: NotificationsStore) -> None:
    """Count them once. Raises DatabaseAway."""
    async with database.connection() as connection:
        counts = await store.waiting(connection)
    for state in WAITING:
        metrics.MESSAGES_WAITING.labels(state).set(counts[state][0] if state in counts else 0)


async def watched(
    store: NotificationsStore, connection: Connection, now: datetime
) -> Mapping[str, Any]:
    """How many messages are on their way, and for how many seconds the first of them has been."""
    found = (await store.waiting(connection)).values()
    since = min((since for _, since in found), default=now)
    return {
        "messages_waiting": sum(number for number, _ in found),
        "oldest_message_seconds": (now - since).total_seconds(),
    }
