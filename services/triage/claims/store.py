"""Every query about claims."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection

# Claims whose time has passed, the oldest first.
LAPSED = """
SELECT referral_id, authority
  FROM referral
 WHERE claim_lapses_at <= $1
 ORDER BY claim_lapses_at
 LIMIT $2
"""


async def lapsed(connection: Connection, now: datetime, limit: int) -> dict[UUID, str]:
    """Referrals whose claim has lapsed, each with its authority."""
    rows = await connection.fetch(LAPSED, now, limit)
    return {row["referral_id"]: row["authority"] for row in rows}
