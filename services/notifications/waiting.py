"""The gauge of messages on their way: with no mail server it is the only sign that they wait."""

import asyncio
from contextlib import suppress

from chassis.database import Database
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
        metrics.MESSAGES_WAITING.labels(state).set(counts.get(state, 0))
