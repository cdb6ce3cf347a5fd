"""Every query of trials."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters

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

# Those of some referrals that are not hidden from somebody.
VISIBLE = f"""
SELECT asked.referral_id
  FROM unnest($1::uuid[]) AS asked (referral_id)
 WHERE NOT {hidden("asked.referral_id", 2)}
"""


async def received(connection: Connection, authority: str, span: tuple[datetime, datetime]) -> int:
    """How many were received from one moment up to another, in UTC."""
    return int(await connection.fetchval(RECEIVED, authority, *span))


async def visible(connection: Connection, ids: Sequence[UUID], seer: Seer) -> set[UUID]:
    """Those of some referrals that somebody may see."""
    rows = await connection.fetch(VISIBLE, list(ids), *parameters(seer))
    return {row["referral_id"] for row in rows}


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
