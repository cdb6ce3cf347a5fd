"""The chain of hashes over the audit trail.

Each second the sealer takes what is new, hashes it with the link before, and adds a link. Whoever
changes, removes or slips in an entry afterwards breaks the chain at that link; `verify` finds it.
A person who may rewrite the whole table may rewrite the chain: keep the newest hash elsewhere.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

import asyncpg

from chassis.audit import store
from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.rounds import go_round
from chassis.telemetry import metrics

EVERY_SECONDS = 1.0
MOST = 5_000
START = bytes(32)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
BEFORE_ALL = -(2**63)
"""Before every position that an entry can have: one slipped in under the first is seen too."""


class Sealer:
    """Chains the entries of one service until cancelled."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        """Seal once a second; at once again where much is waiting."""
        await go_round(self.step, EVERY_SECONDS, most=MOST)

    async def step(self) -> int:
        """Add one link over what is new. How many entries it holds."""
        async with self._database.transaction() as connection:
            if not await connection.fetchval(store.TRY_LOCK_SEALER):
                return 0
            last = await connection.fetchrow(store.LAST_SEAL)
            after = last["last_position"] if last else BEFORE_ALL
            entries = await connection.fetch(store.AFTER, after, MOST)
            if entries:
                previous = last["hash"] if last else START
                await connection.execute(
                    store.SEAL,
                    (last["number"] if last else 0) + 1,
                    entries[0]["position"],
                    entries[-1]["position"],
                    len(entries),
                    previous,
                    _hash(previous, entries),
                    self._clock(),
                )
                after = entries[-1]["position"]
            waiting = 0
            if len(entries) == MOST:
                waiting = await connection.fetchval(store.COUNT_AFTER, after)
        metrics.AUDIT_UNSEALED.labels(self._database.schema).set(waiting)
        return len(entries)


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found. `broken_at` is the first position of the first link that does not
    hold; `unsealed` entries are newer than the chain."""

    holds: bool
    sealed: int
    unsealed: int
    broken_at: int | None
    newest_hash: str


async def verify(connection: Connection) -> Verification:
    """Walk the whole chain of the connection's schema."""
    number, position, sealed, previous = 0, BEFORE_ALL, 0, START
    while links := await connection.fetch(store.SEALS, number):
        for link in links:
            entries = await connection.fetch(store.OF_SEAL, position, link["last_position"])
            holds = (
                link["number"] == number + 1
                and link["previous_hash"] == previous
                and link["entries"] == len(entries)
                and link["hash"] == _hash(previous, entries)
            )
            if not holds:
                return Verification(False, sealed, 0, link["first_position"], previous.hex())
            number, position, previous = link["number"], link["last_position"], link["hash"]
            sealed += len(entries)
    unsealed = await connection.fetchval(store.COUNT_AFTER, position)
    return Verification(True, sealed, unsealed, None, previous.hex())


def _hash(previous: bytes, entries: Sequence[asyncpg.Record]) -> bytes:
    chain = hashlib.sha256(previous)
    for entry in entries:
        chain.update(_canonical(entry))
        chain.update(b"\n")
    return chain.digest()


def _canonical(entry: asyncpg.Record) -> bytes:
    """The same bytes for the same entry for as long as the chain is kept: whatever PostgreSQL or
    a library makes of times and JSON by then."""
    content = {
        "position": entry["position"],
        "at": entry["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_kind": entry["actor_kind"],
        "actor_id": str(entry["actor_id"]) if entry["actor_id"] else None,
        "action": entry["action"],
        "authority": entry["authority"],
        "referral_id": str(entry["referral_id"]) if entry["referral_id"] else None,
        "details": entry["details"],
    }
    return _ENCODER.encode(content).encode()
