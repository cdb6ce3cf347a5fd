"""Referrals that the house could not process. The watchdog writes them, the queue shows them
first, as Red (practice rule 1).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from services.console.store.projection import ring

# Note referrals, each once; whoever is noted already keeps the time since when.
NOTE = """
INSERT INTO attention (referral_id, authority, reason, since)
SELECT referral_id, authority, reason, $4
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new (referral_id, authority, reason)
 ORDER BY referral_id
    ON CONFLICT (referral_id) DO UPDATE SET reason = excluded.reason
 WHERE attention.reason <> excluded.reason
RETURNING authority
"""

# Forget referrals that were processed after all.
CLEAR = "DELETE FROM attention WHERE referral_id = ANY ($1) RETURNING authority"

# What is noted now.
NOTED = "SELECT referral_id, authority, reason FROM attention"


async def note_attention(
    connection: Connection, found: Sequence[tuple[UUID, str, str]], now: datetime
) -> int:
    """Put (referral, authority, reason code) first in their authorities' queues. Returns how
    many of them are news.
    """
    rows = await connection.fetch(NOTE, *_columns(found), now)
    if rows:
        await ring(connection, {row["authority"] for row in rows})
    return len(rows)


async def clear_attention(connection: Connection, referrals: Sequence[UUID]) -> int:
    """Take referrals back out. Returns how many had been noted."""
    rows = await connection.fetch(CLEAR, list(referrals))
    if rows:
        await ring(connection, {row["authority"] for row in rows})
    return len(rows)


async def noted(connection: Connection) -> dict[UUID, tuple[str, str]]:
    """Every referral that is noted now, with its authority and the reason code."""
    return {
        row["referral_id"]: (row["authority"], row["reason"])
        for row in await connection.fetch(NOTED)
    }


def _columns(found: Sequence[tuple[UUID, str, str]]) -> tuple[list[UUID], list[str], list[str]]:
    return (
        [referral for referral, _, _ in found],
        [authority for _, authority, _ in found],
        [reason for _, _, reason in found],
    )
