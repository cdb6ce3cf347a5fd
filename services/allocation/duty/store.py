"""Every query about duty's work."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters

# What duty teams hold, each with the clock that waits for a person, the oldest first.
HELD = f"""
SELECT allocation_id, referral_id, assignee, rag, assigned_at, accepted_at, accepted_by,
       waits.due_at, waits.state AS clock_state, waits.escalated
  FROM allocation
  LEFT JOIN LATERAL (
       SELECT due_at, state, escalated
         FROM clock
        WHERE clock.referral_id = allocation.referral_id AND name = 'accepted_by_person'
          AND stopped_at IS NULL AND state IN ('running', 'breached')
        ORDER BY clock_id DESC LIMIT 1) AS waits ON true
 WHERE authority = $1 AND kind = 'duty' AND allocation.state <> 'ended'
   AND NOT {hidden("allocation.referral_id", 2)}
 ORDER BY assigned_at, allocation_id
"""

# Which of these the same person has taken over already, from a team.
TAKEN_OVER = """
SELECT old.allocation_id
  FROM allocation AS old JOIN allocation AS new USING (referral_id)
 WHERE old.allocation_id = ANY ($1) AND old.authority = $2 AND old.assignee = $3
   AND old.state = 'ended' AND new.rule = $4 AND new.accepted_by = $5
   AND new.assigned_at = old.ended_at
"""

# The handovers of an authority, the newest first: what one person took over at one time.
HANDOVERS = f"""
SELECT accepted_by AS signed_by, accepted_at::date AS day, max(accepted_at) AS signed_at,
       array_agg(referral_id ORDER BY allocation_id) AS referral_ids
  FROM allocation
 WHERE authority = ANY ($1) AND kind = 'duty' AND rule = $2
   AND NOT {hidden("allocation.referral_id", 4)}
 GROUP BY authority, accepted_by, accepted_at::date
 ORDER BY signed_at DESC
 LIMIT $3
"""


async def held(connection: Connection, authority: str, seer: Seer) -> list[Mapping[str, Any]]:
    """The open work of an authority's duty teams that somebody may see."""
    return [dict(row) for row in await connection.fetch(HELD, authority, *parameters(seer))]


async def taken_over(
    connection: Connection,
    allocation_ids: Sequence[UUID],
    *,
    authority: str,
    of: str,
    rule: str,
    by: UUID,
) -> set[UUID]:
    """Those of `allocation_ids`, of one team, that this person has taken over."""
    rows = await connection.fetch(TAKEN_OVER, list(allocation_ids), authority, of, rule, by)
    return {row["allocation_id"] for row in rows}


async def handovers(
    connection: Connection, authorities: Sequence[str], rule: str, limit: int, seer: Seer
) -> list[Mapping[str, Any]]:
    """Who took over what, and when."""
    rows = await connection.fetch(HANDOVERS, list(authorities), rule, limit, *parameters(seer))
    return [dict(row) for row in rows]
