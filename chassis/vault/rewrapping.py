"""Rotation while running: takes up a key ring that was changed, and wraps with its active key the
data keys that another key wraps. No text is touched."""

import asyncio
from collections.abc import Callable

from chassis.database import Database, DatabaseAway
from chassis.rounds import go_round
from chassis.telemetry import logs
from chassis.vault import store
from chassis.vault.keys import KeyRing, context_of
from chassis.vault.keyservice import KeyServiceAway

EVERY_SECONDS = 30.0
MOST = 500

log = logs.get_logger(__name__)


class Rewrapping:
    """One service's data keys, until cancelled. `load` reads the ring again."""

    def __init__(self, database: Database, ring: KeyRing, load: Callable[[], KeyRing]) -> None:
        self._database = database
        self._ring = ring
        self._load = load
        self._done: str | None = None

    async def run(self) -> None:
        """Look twice a minute; at once again where there is much."""
        # While the ring can't be read, what is in memory goes on working.
        await go_round(
            self.step,
            EVERY_SECONDS,
            most=MOST,
            away=(DatabaseAway, KeyServiceAway, OSError, ValueError),
            waits=_note,
        )

    async def step(self) -> int:
        """Take up the ring as it is now, and wrap some keys anew. How many."""
        self._ring.adopt(await asyncio.to_thread(self._load))
        others = [name for name in self._ring.keys if name != self._ring.active]
        if not others or self._done == self._ring.active:
            return 0
        service = self._database.schema
        async with self._database.transaction() as connection:
            rows = await store.wrapped_by(connection, others, MOST)
            anew = {}
            for referral_id, (name, wrapped) in rows.items():
                context = context_of(service, referral_id)
                key = self._ring.unwrap(name, wrapped, context)
                anew[referral_id] = self._ring.wrap(key, context)
            await store.rewrap(connection, anew)
        if not rows:
            self._done = self._ring.active
        else:
            log.info("keys_rewrapped", service=service, count=len(rows), key=self._ring.active)
        return len(rows)


def _note(away: Exception) -> None:
    if not isinstance(away, DatabaseAway):
        log.warning("keyring_unread", reason=type(away).__name__)
