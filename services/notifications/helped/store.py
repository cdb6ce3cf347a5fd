"""Every query about whether the help that was named happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection
from services.notifications.domain import Case

# Note when to look whether to ask. What a replay brings again is there already.
ADD = """
INSERT INTO help (decision_id, referral_id, authority, ask_at)
SELECT decision_id, referral_id, authority, ask_at
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])
       AS new (decision_id, referral_id, authority, ask_at)
    ON CONFLICT (decision_id) DO NOTHING
"""

# The decisions whose time has come.
DUE = """
SELECT decision_id, referral_id, authority
  FROM help
 WHERE looked_at IS NULL AND ask_at <= $1
 ORDER BY ask_at
 LIMIT $2
"""

# Note that somebody was asked, or was not to be.
LOOKED = "UPDATE help SET looked_at = $2 WHERE decision_id = $1"

# The message that a link is about, where its link may still be used.
OPENED = """
SELECT message.referral_id, referral.reference, help_answer.answer
  FROM message
  JOIN referral USING (referral_id)
  LEFT JOIN help_answer USING (message_id)
 WHERE message_id = $1 AND message.kind = 'help_asked_after' AND message.sent_at > $2
   AND NOT referral.erased
"""

# Keep what somebody said; said again, the last counts.
KEEP = """
INSERT INTO help_answer (message_id, authority, answer, said_at)
SELECT message_id, authority, $2, $3 FROM message WHERE message_id = $1
    ON CONFLICT (message_id) DO UPDATE SET answer = excluded.answer, said_at = excluded.said_at
"""

# How many said what.
COUNTED = """
SELECT authority, answer, count(*)::integer AS count
  FROM help_answer
 WHERE authority = ANY ($1) AND said_at >= $2 AND said_at < $3
 GROUP BY authority, answer
"""


async def save(connection: Connection, cases: Sequence[Case]) -> None:
    """Note what is to be asked after."""
    rows = [
        (one.decision_id, case.referral_id, case.authority, one.ask_at)
        for case in cases
        for one in case.helps
        if not case.erased
    ]
    if rows:
        await connection.execute(ADD, *[list(column) for column in zip(*rows, strict=True)])


async def due(connection: Connection, now: datetime, most: int) -> list[tuple[UUID, UUID, str]]:
    """Decisions to look at, each with its referral and authority, the oldest first."""
    rows = await connection.fetch(DUE, now, most)
    return [(row["decision_id"], row["referral_id"], row["authority"]) for row in rows]


async def looked(connection: Connection, decision_id: UUID, now: datetime) -> None:
    """It was looked at, and is not looked at again."""
    await connection.execute(LOOKED, decision_id, now)


async def opened(
    connection: Connection, message_id: UUID, since: datetime
) -> Mapping[str, Any] | None:
    """A question that was sent after `since`, with what was answered."""
    row = await connection.fetchrow(OPENED, message_id, since)
    return dict(row) if row else None


async def keep(connection: Connection, message_id: UUID, answer: str, now: datetime) -> None:
    """Write down what somebody said."""
    await connection.execute(KEEP, message_id, answer, now)


async def counted(
    connection: Connection, authorities: Sequence[str], start: datetime, end: datetime
) -> list[Mapping[str, Any]]:
    """What was said in a period, `end` not included."""
    return [dict(row) for row in await connection.fetch(COUNTED, list(authorities), start, end)]
