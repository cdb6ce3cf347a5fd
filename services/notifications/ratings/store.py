"""Every query about whether messages were useful."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection

# The message that a link is about, where its link may still be used.
OPENED = """
SELECT message.referral_id, message.authority, referral.reference, rating.useful, rating.because
  FROM message
  JOIN referral USING (referral_id)
  LEFT JOIN rating USING (message_id)
 WHERE message_id = $1 AND message.kind = 'decision' AND message.sent_at > $2
   AND NOT referral.erased
"""

# Keep what somebody said; said again, the last counts.
KEEP = """
INSERT INTO rating (message_id, authority, kind, template, useful, because, rated_at)
SELECT message_id, authority, kind, template, $2, $3, $4 FROM message WHERE message_id = $1
    ON CONFLICT (message_id) DO UPDATE
   SET useful = excluded.useful, because = excluded.because, rated_at = excluded.rated_at
"""

# How many said what of each kind of message and whoever wrote its template.
COUNTED = """
SELECT authority, kind, template, useful, because, count(*)::integer AS count
  FROM rating
 WHERE authority = ANY ($1) AND rated_at >= $2 AND rated_at < $3
 GROUP BY authority, kind, template, useful, because
 ORDER BY authority, kind, template, useful DESC, because
"""


async def opened(
    connection: Connection, message_id: UUID, since: datetime
) -> Mapping[str, Any] | None:
    """A message that was sent after `since` and can be rated, with what was said of it."""
    row = await connection.fetchrow(OPENED, message_id, since)
    return dict(row) if row else None


async def keep(
    connection: Connection, message_id: UUID, useful: bool, because: str | None, now: datetime
) -> None:
    """Write down what somebody said of a message."""
    await connection.execute(KEEP, message_id, useful, because, now)


async def counted(
    connection: Connection, authorities: Sequence[str], start: datetime, end: datetime
) -> list[Mapping[str, Any]]:
    """What was said in a period, `end` not included."""
    return [dict(row) for row in await connection.fetch(COUNTED, list(authorities), start, end)]
