"""Every query about messages that did not arrive."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters

# Messages to somebody outside that did not reach them, and nobody has told them since.
UNDELIVERED = f"""
SELECT message_id, referral_id, authority, kind, channel, audience, state, attempt, reason,
       queued_at, sent_at, delivered_at, told_at, told_how
  FROM message
 WHERE authority = ANY ($1) AND state IN ('failed', 'held') AND told_at IS NULL
   AND audience IN ('referrer', 'agency')
   AND (queued_at, message_id) > ($2, $3)
   AND NOT {hidden("message.referral_id", 5)}
 ORDER BY queued_at, message_id
 LIMIT $4
"""

# One message of these authorities, that somebody may see.
VISIBLE = f"""
SELECT referral_id, authority
  FROM message
 WHERE message_id = $1 AND authority = ANY ($2) AND NOT {hidden("message.referral_id", 3)}
"""

# Those of some messages that were sent, and of which nobody has said how they ended.
ON_THEIR_WAY = """
SELECT message_id
  FROM message
 WHERE message_id = ANY ($1) AND state IN ('sent', 'uncertain') AND delivered_at IS NULL
 ORDER BY message_id
"""

# Whose a message is.
OF = "SELECT referral_id, authority FROM message WHERE message_id = $1"


async def undelivered(
    connection: Connection,
    authorities: Sequence[str],
    after: tuple[datetime, UUID],
    limit: int,
    seer: Seer,
) -> list[Mapping[str, Any]]:
    """A page of messages whose recipients have to be telephoned, the longest queued first."""
    rows = await connection.fetch(UNDELIVERED, list(authorities), *after, limit, *parameters(seer))
    return [dict(row) for row in rows]


async def visible(
    connection: Connection, message_id: UUID, authorities: Sequence[str], seer: Seer
) -> tuple[UUID, str] | None:
    """The referral and the authority of a message that somebody may see."""
    row = await connection.fetchrow(VISIBLE, message_id, list(authorities), *parameters(seer))
    return (row["referral_id"], row["authority"]) if row else None


async def of(connection: Connection, message_id: UUID) -> tuple[UUID, str] | None:
    """The referral that a message is about, and its authority."""
    row = await connection.fetchrow(OF, message_id)
    return (row["referral_id"], row["authority"]) if row else None


async def on_their_way(connection: Connection, message_ids: Sequence[UUID]) -> list[UUID]:
    """Those of `message_ids` of whose end nothing is known."""
    rows = await connection.fetch(ON_THEIR_WAY, list(message_ids))
    return [row["message_id"] for row in rows]
