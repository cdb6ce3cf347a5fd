"""Every query of the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis.audit.entries import AuditEntry
from chassis.database import Connection
from chassis.restriction.seeing import Seer
from chassis.restriction.store import hidden, parameters

# Let one transaction at a time write entries, so that positions follow the order of commits and
# the sealer never passes one by. The number is this schema's own.
LOCK = "SELECT pg_advisory_xact_lock(7301550, hashtext(current_schema()))"

# Let one sealer at a time chain; the others find nothing to do.
TRY_LOCK_SEALER = "SELECT pg_try_advisory_xact_lock(7301551, hashtext(current_schema()))"

# Write entries.
APPEND = """
INSERT INTO audit_entry (at, actor_kind, actor_id, action, authority, referral_id, details)
SELECT $1, actor_kind, actor_id, action, authority, referral_id, details
  FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::jsonb[])
       WITH ORDINALITY AS entry (actor_kind, actor_id, action, authority, referral_id, details,
                                 place)
 ORDER BY place
"""

# Remember what a list showed a person on one day; what was new is returned.
NOTE_SHOWN = """
INSERT INTO audit_shown (staff_id, day, referral_id)
SELECT $1, $2, unnest($3::uuid[])
    ON CONFLICT DO NOTHING
RETURNING referral_id
"""

# Forget what lists showed on days that have passed.
FORGET_SHOWN = "DELETE FROM audit_shown WHERE day < $1"

# The newest link of the chain.
LAST_SEAL = """
SELECT number, last_position, hash FROM audit_seal ORDER BY number DESC LIMIT 1
"""

# Entries after a position, in order.
AFTER = """
SELECT position, at, actor_kind, actor_id, action, authority, referral_id, details
  FROM audit_entry
 WHERE position > $1
 ORDER BY position
 LIMIT $2
"""

# Entries of one link, in order.
OF_SEAL = """
SELECT position, at, actor_kind, actor_id, action, authority, referral_id, details
  FROM audit_entry
 WHERE position > $1 AND position <= $2
 ORDER BY position
"""

# Add a link.
SEAL = """
INSERT INTO audit_seal (number, first_position, last_position, entries, previous_hash, hash,
                        sealed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

# The chain after a link, in order.
SEALS = """
SELECT number, first_position, last_position, entries, previous_hash, hash
  FROM audit_seal WHERE number > $1 ORDER BY number LIMIT 1000
"""

# What was done with some referrals, and by whom, in order.
OF_REFERRALS = """
SELECT referral_id, at, actor_kind, actor_id, action
  FROM audit_entry
 WHERE referral_id = ANY ($1)
 ORDER BY referral_id, position
"""

# What people did, the newest first: of a referral (lists that showed it too), of a person (also
# where a service acted for them), an action, a time. What is hidden from whoever asks is left out.
SEARCH = f"""
SELECT position, at, actor_kind, actor_id, action, authority,
       CASE WHEN referral_id IS NULL THEN $4 ELSE referral_id END AS referral_id,
       details ->> 'on_behalf_of' AS on_behalf_of
  FROM audit_entry
 WHERE authority = ANY ($1) AND at >= $2 AND at < $3
   AND ($4::uuid IS NULL OR referral_id = $4 OR details -> 'referral_ids' ? $4::text)
   AND ($5::uuid IS NULL OR actor_id = $5 OR details ->> 'on_behalf_of' = $5::text)
   AND ($6::text IS NULL OR action = $6)
   AND NOT {hidden("coalesce(referral_id, $4)", 8)}
 ORDER BY at DESC, position DESC
 LIMIT $7
"""

# How many entries wait for the sealer.
UNSEALED = """
SELECT count(*) FROM audit_entry
 WHERE position > (SELECT coalesce(max(last_position), 0) FROM audit_seal)
"""

# How many entries there are after a position.
COUNT_AFTER = "SELECT count(*) FROM audit_entry WHERE position > $1"


async def append(connection: Connection, entries: Sequence[AuditEntry], now: datetime) -> None:
    """Write `entries` under the audit lock."""
    await connection.execute(LOCK)
    await connection.execute(
        APPEND,
        now,
        [entry.caller.kind if entry.caller else "system" for entry in entries],
        [entry.caller.id if entry.caller else None for entry in entries],
        [entry.action for entry in entries],
        [entry.authority for entry in entries],
        [entry.referral_id for entry in entries],
        [_details(entry) for entry in entries],
    )


def _details(entry: AuditEntry) -> dict[str, Any]:
    behalf = entry.caller.on_behalf_of if entry.caller else None
    return {**entry.details, "on_behalf_of": str(behalf)} if behalf else dict(entry.details)


async def newly_shown(
    connection: Connection, staff_id: UUID, referral_ids: Sequence[UUID], day: date
) -> list[UUID]:
    """Those of `referral_ids` that this person's lists had not shown on `day`."""
    rows = await connection.fetch(NOTE_SHOWN, staff_id, day, sorted(referral_ids))
    return [row["referral_id"] for row in rows]


async def forget_shown(connection: Connection, before: date) -> None:
    """Forget what lists showed before a day."""
    await connection.execute(FORGET_SHOWN, before)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for in the trail, from one moment up to another, in UTC; None is anything."""

    authorities: tuple[str, ...]
    since: datetime
    until: datetime
    referral_id: UUID | None
    actor_id: UUID | None
    action: str | None
    limit: int


async def search(connection: Connection, asked: Search, seer: Seer) -> list[asyncpg.Record]:
    """The newest entries that fit, and that `seer` may know of."""
    rows: list[asyncpg.Record] = await connection.fetch(
        SEARCH,
        list(asked.authorities),
        asked.since,
        asked.until,
        asked.referral_id,
        asked.actor_id,
        asked.action,
        asked.limit,
        *parameters(seer),
    )
    return rows


async def count_unsealed(connection: Connection) -> int:
    """How many entries wait for the sealer."""
    return int(await connection.fetchval(UNSEALED))


async def of_referrals(
    connection: Connection, referral_ids: Sequence[UUID]
) -> list[asyncpg.Record]:
    """What was done with some referrals, in order."""
    rows: list[asyncpg.Record] = await connection.fetch(OF_REFERRALS, list(referral_ids))
    return rows
