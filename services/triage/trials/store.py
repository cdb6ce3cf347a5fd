"""Every query of trials."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection

# A page of the referrals of an authority that were received in a time, in order of id.
PAGE = """
SELECT referral_id
  FROM referral
 WHERE authority = $1 AND received_at >= $2 AND received_at < $3 AND referral_id > $4
 ORDER BY referral_id
 LIMIT $5
"""

# How many referrals an authority received in a time.
RECEIVED = """
SELECT count(*) FROM referral WHERE authority = $1 AND received_at >= $2 AND received_at < $3
"""


async def received(connection: Connection, authority: str, span: tuple[datetime, datetime]) -> int:
    """How many were received from one moment up to another, in UTC."""
    return int(await connection.fetchval(RECEIVED, authority, *span))


async def page(
    connection: Connection,
    authority: str,
    span: tuple[datetime, datetime],
    after: UUID,
    limit: int,
) -> Sequence[UUID]:
    """Ids of referrals received from one moment up to another, in UTC."""
    rows = await connection.fetch(PAGE, authority, *span, after, limit)
    return [row["referral_id"] for row in rows]
