"""Every query of the vault."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection

# The wrapped keys of some referrals; a destroyed key has no content any more.
READ = """
SELECT referral_id, key_id, wrapped FROM vault_key
 WHERE referral_id = ANY ($1) AND wrapped IS NOT NULL
"""

# Keep new keys. A referral whose key was made meanwhile, or destroyed, keeps what it has.
ADD = """
INSERT INTO vault_key (referral_id, key_id, wrapped)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[])
    ON CONFLICT (referral_id) DO NOTHING
RETURNING referral_id
"""

# Destroy keys, and with them all that was sealed.
DESTROY = """
UPDATE vault_key SET wrapped = NULL, destroyed_at = $2
 WHERE referral_id = ANY ($1) AND wrapped IS NOT NULL
"""

# Say with which referral a key is destroyed.
GO_WITH = "UPDATE vault_key SET goes_with = $2 WHERE referral_id = $1"

# Data keys that others than the active key wrap, for this transaction to wrap anew.
WRAPPED_BY = """
SELECT referral_id, key_id, wrapped FROM vault_key
 WHERE key_id = ANY ($1) AND wrapped IS NOT NULL
 LIMIT $2
   FOR UPDATE SKIP LOCKED
"""

# Wrap data keys anew.
REWRAP = """
UPDATE vault_key SET key_id = new.key_id, wrapped = new.wrapped
  FROM unnest($1::uuid[], $2::text[], $3::bytea[]) AS new (referral_id, key_id, wrapped)
 WHERE vault_key.referral_id = new.referral_id AND vault_key.wrapped IS NOT NULL
"""

# How many data keys a key wraps.
COUNT_WRAPPED = "SELECT count(*) FROM vault_key WHERE key_id = $1 AND wrapped IS NOT NULL"


async def read(
    connection: Connection, referral_ids: Sequence[UUID]
) -> dict[UUID, tuple[str, bytes]]:
    """(key name, wrapped key) of each referral that has one."""
    rows = await connection.fetch(READ, list(referral_ids))
    return {row["referral_id"]: (row["key_id"], row["wrapped"]) for row in rows}


async def add(connection: Connection, keys: Mapping[UUID, tuple[str, bytes]]) -> set[UUID]:
    """Keep new keys; the referrals whose key was kept."""
    order = sorted(keys)
    rows = await connection.fetch(
        ADD, order, [keys[one][0] for one in order], [keys[one][1] for one in order]
    )
    return {row["referral_id"] for row in rows}


async def destroy(connection: Connection, referral_ids: Sequence[UUID], now: datetime) -> None:
    """Destroy the keys of some referrals."""
    await connection.execute(DESTROY, list(referral_ids), now)


async def go_with(connection: Connection, subject_id: UUID, referral_id: UUID) -> None:
    """Have a key destroyed with a referral's."""
    await connection.execute(GO_WITH, subject_id, referral_id)


async def wrapped_by(
    connection: Connection, names: Sequence[str], most: int
) -> dict[UUID, tuple[str, bytes]]:
    """(key name, wrapped key) of at most `most` referrals whose key one of `names` wraps."""
    rows = await connection.fetch(WRAPPED_BY, list(names), most)
    return {row["referral_id"]: (row["key_id"], row["wrapped"]) for row in rows}


async def rewrap(connection: Connection, keys: Mapping[UUID, tuple[str, bytes]]) -> None:
    """Write keys that were wrapped anew."""
    order = sorted(keys)
    await connection.execute(
        REWRAP, order, [keys[one][0] for one in order], [keys[one][1] for one in order]
    )


async def count_wrapped(connection: Connection, name: str) -> int:
    """How many data keys the key called `name` wraps."""
    return int(await connection.fetchval(COUNT_WRAPPED, name))
