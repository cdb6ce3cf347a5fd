"""Every query about idempotency keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.database import Connection
from chassis.http.claims import Claim

# Claim keys that nobody has. A key that another transaction is claiming is waited for.
CLAIM = """
INSERT INTO idempotency (client, key, request_hash, created_at)
SELECT client, key, request_hash, $4
  FROM unnest($1::text[], $2::text[], $3::bytea[]) AS new (client, key, request_hash)
 ORDER BY client, key
    ON CONFLICT DO NOTHING
RETURNING client, key
"""

# What is kept under some keys.
READ = """
SELECT client, key, request_hash, status, body
  FROM idempotency JOIN unnest($1::text[], $2::text[]) AS asked (client, key)
       USING (client, key)
"""

# Store answers beside their keys.
KEEP = """
UPDATE idempotency SET status = done.status, body = done.body
  FROM unnest($1::text[], $2::text[], $3::integer[], $4::bytea[])
       AS done (client, key, status, body)
 WHERE idempotency.client = done.client AND idempotency.key = done.key
"""

# Let go of keys whose request was refused.
RELEASE = """
DELETE FROM idempotency USING unnest($1::text[], $2::text[]) AS refused (client, key)
 WHERE idempotency.client = refused.client AND idempotency.key = refused.key
"""

# Forget keys older than a time.
FORGET = "DELETE FROM idempotency WHERE created_at < $1"


@dataclass(frozen=True, slots=True)
class Kept:
    request_hash: bytes
    status: int | None
    body: bytes | None


async def claim(
    connection: Connection, claims: Sequence[Claim], now: datetime
) -> set[tuple[str, str]]:
    """The (client, key) pairs that are now this transaction's."""
    rows = await connection.fetch(
        CLAIM,
        [one.client for one in claims],
        [one.key for one in claims],
        [one.request_hash for one in claims],
        now,
    )
    return {(row["client"], row["key"]) for row in rows}


async def read(
    connection: Connection, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Kept]:
    """What is kept under (client, key) pairs."""
    rows = await connection.fetch(READ, [one[0] for one in keys], [one[1] for one in keys])
    return {
        (row["client"], row["key"]): Kept(row["request_hash"], row["status"], row["body"])
        for row in rows
    }


async def keep(connection: Connection, done: Sequence[tuple[Claim, int, bytes]]) -> None:
    """Store (claim, status, body)."""
    await connection.execute(
        KEEP,
        [one.client for one, _, _ in done],
        [one.key for one, _, _ in done],
        [status for _, status, _ in done],
        [body for _, _, body in done],
    )


async def release(connection: Connection, claims: Sequence[Claim]) -> None:
    """Let go of keys."""
    await connection.execute(RELEASE, [one.client for one in claims], [one.key for one in claims])


async def forget(connection: Connection, before: datetime) -> None:
    """Forget what was claimed before a time."""
    await connection.execute(FORGET, before)
