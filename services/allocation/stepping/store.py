"""Every query about steps and transfers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from chassis.stream.kernel import Saved
from services.allocation.domain import Case
from services.allocation.stepping.domain import turns

# Write steps as they are now.
SAVE = """
INSERT INTO case_step (step_id, referral_id, authority, direction, state, planned, reason, asked_at,
                       answered_at, to_authority, turns)
SELECT step_id, referral_id, authority, direction, state, planned, reason, asked_at, answered_at,
       to_authority, turns
  FROM json_populate_recordset(NULL::case_step, $1::json)
 ORDER BY step_id
    ON CONFLICT (step_id) DO UPDATE
   SET state = excluded.state, answered_at = excluded.answered_at, turns = excluded.turns
"""

# Where a transfer is, and to whom it goes.
FIND = """
SELECT referral_id, authority, to_authority FROM case_step
 WHERE step_id = $1 AND direction = 'away'
"""

# Transfers that wait for an answer, from or to some authorities.
TRANSFERS = """
SELECT step_id, referral_id, authority, to_authority, reason, asked_at
  FROM case_step
 WHERE direction = 'away' AND state = 'asked' AND step_id > $2
   AND (authority = ANY ($1) OR to_authority = ANY ($1))
 ORDER BY step_id
 LIMIT $3
"""

# What was decided to be another authority's, and nobody there was asked to take yet.
UNASKED = f"""
SELECT referral_id, authority, document ->> 'reference' AS reference, received_at
  FROM referral
 WHERE authority = ANY ($1) AND document -> 'outcomes' ? 'another_authority'
   AND document ->> 'ended' IS NULL AND referral_id > $2
   AND NOT EXISTS (SELECT FROM case_step
                    WHERE case_step.referral_id = referral.referral_id AND direction = 'away'
                      AND state <> 'returned')
   AND NOT {hidden("referral.referral_id", 4)}
 ORDER BY referral_id
 LIMIT $3
"""

# Cases that went up and down three times or more.
LOOPS = """
SELECT referral_id, authority, max(turns) AS turns, max(answered_at) AS last_turn
  FROM case_step
 WHERE authority = ANY ($1) AND turns >= 3 AND referral_id > $2
 GROUP BY referral_id, authority
 ORDER BY referral_id
 LIMIT $3
"""


async def save(connection: Connection, changes: Sequence[Saved[Case]]) -> None:
    """Write the steps that changed."""
    rows = [
        {
            "step_id": one.step_id,
            "referral_id": change.referral_id,
            "authority": change.authority,
            "direction": one.direction,
            "state": one.state,
            "planned": one.planned,
            "reason": one.reason,
            "asked_at": one.asked_at,
            "answered_at": one.answered_at,
            "to_authority": one.to,
            "turns": turns(change.state.steps),
        }
        for change in changes
        if change.state.steps
        for one in change.state.steps
        if change.previous is None or one not in change.previous.steps
    ]
    if rows:
        await connection.execute(SAVE, to_json(rows).decode())


async def find(connection: Connection, step_id: UUID) -> tuple[UUID, str, str] | None:
    """(referral, authority, to whom) of a transfer."""
    row = await connection.fetchrow(FIND, step_id)
    return tuple(row) if row else None


async def transfers(
    connection: Connection, authorities: Sequence[str], after: UUID, limit: int
) -> list[Mapping[str, Any]]:
    """Transfers that wait for an answer."""
    return [dict(row) for row in await connection.fetch(TRANSFERS, list(authorities), after, limit)]


async def unasked(
    connection: Connection, authorities: Sequence[str], seer: Seer, after: UUID, limit: int
) -> list[Mapping[str, Any]]:
    """What was decided to be another authority's, and nobody there was asked to take yet."""
    rows = await connection.fetch(UNASKED, list(authorities), after, limit, *parameters(seer))
    return [dict(row) for row in rows]


async def loops(
    connection: Connection, authorities: Sequence[str], after: UUID, limit: int
) -> list[Mapping[str, datetime | Any]]:
    """Cases that go up and down."""
    return [dict(row) for row in await connection.fetch(LOOPS, list(authorities), after, limit)]
