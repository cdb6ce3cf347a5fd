"""The list of what was erased, kept outside the database.

A backup holds what was erased after it was made, and keys that open it. So the list is kept where
the backup is not, beside the key ring, and whoever starts on a database that lacks some of it
erases that again before anybody is served. It holds ids, codes and times.
"""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from chassis.clock import Clock
from chassis.database import Database
from chassis.erasing import store
from chassis.rounds import go_round
from chassis.telemetry import logs

EVERY_SECONDS = 1.0
MOST = 500

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A referral that was erased."""

    referral_id: UUID
    authority: str
    reason: str
    erased_at: datetime


class Tombstones:
    """The list in a file, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[UUID, Tombstone]:
        """All of it. A last line that was cut off is passed over: it is written again."""
        found: dict[UUID, Tombstone] = {}
        if not self._path.exists():
            return found
        for line in self._path.read_text().splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                continue
            one = Tombstone(
                UUID(said["referral_id"]),
                said["authority"],
                said["reason"],
                datetime.fromisoformat(said["erased_at"]),
            )
            found[one.referral_id] = one
        return found

    def add(self, erased: Sequence[Tombstone]) -> None:
        """Add to it, on the disk before this returns."""
        lines = "".join(
            "\n"
            + json.dumps(
                {
                    "referral_id": str(one.referral_id),
                    "authority": one.authority,
                    "reason": one.reason,
                    "erased_at": one.erased_at.isoformat(),
                }
            )
            for one in erased
        )
        place = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(place, "w") as file:
            # Each on a line of its own, whatever stood cut off at the end.
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())


async def replay(database: Database, tombstones: Tombstones, clock: Clock) -> int:
    """Erase from a service what the list says and its database does not. How many. Raises
    DatabaseAway."""
    listed = tombstones.read()
    order = sorted(listed)
    count = 0
    for start in range(0, len(order), MOST):
        ids = order[start : start + MOST]
        async with database.transaction() as connection:
            known = await store.erased(connection, ids)
            again = [listed[one] for one in ids if one not in known]
            for reason in sorted({one.reason for one in again}):
                referrals = [
                    (one.referral_id, one.authority) for one in again if one.reason == reason
                ]
                await store.erase(connection, referrals, reason, clock())
            await store.note_listed(connection, [one.referral_id for one in again])
        count += len(again)
    if count:
        log.warning("erased_again", service=database.schema, count=count)
    return count


class Listing:
    """Adds what one service erases to the list, until cancelled."""

    def __init__(self, database: Database, tombstones: Tombstones) -> None:
        self._database = database
        self._tombstones = tombstones

    async def run(self) -> None:
        """Look each second."""
        await go_round(self.step, EVERY_SECONDS)

    async def step(self) -> int:
        """List what is new. How many."""
        async with self._database.transaction() as connection:
            new = [Tombstone(*row) for row in await store.unlisted(connection, MOST)]
            if new:
                listed = self._tombstones.read()
                missing = [one for one in new if one.referral_id not in listed]
                await asyncio.to_thread(self._tombstones.add, missing)
                await store.note_listed(connection, [one.referral_id for one in new])
        return len(new)
