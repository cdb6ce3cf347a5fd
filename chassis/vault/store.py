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
