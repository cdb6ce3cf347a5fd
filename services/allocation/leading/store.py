"""Every query about the work of lead professionals."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from chassis.database import Connection
from chassis.stream.kernel import Saved
from services.allocation.domain import Case
from services.allocation.leading.domain import distance

# Keep what was reached, to be counted.
ADD_MILESTONES = """
INSERT INTO milestone (milestone_id, referral_id, authority, allocation_id, milestone, on_day,
                       recorded_at)
SELECT milestone_id, referral_id, authority, allocation_id, milestone, on_day, recorded_at
  FROM json_populate_recordset(NULL::milestone, $1::json)
    ON CONFLICT DO NOTHING
"""

# Keep how cases ended; one that goes on again ends anew.
SAVE_ENDS = """
INSERT INTO case_end (referral_id, authority, reason, on_day, scored, first_scores, last_scores)
SELECT referral_id, authority, reason, on_day, scored, first_scores, last_scores
  FROM json_populate_recordset(NULL::case_end, $1::json)
    ON CONFLICT (referral_id) DO UPDATE
   SET reason = excluded.reason, on_day = excluded.on_day, scored = excluded.scored,
       first_scores = excluded.first_scores, last_scores = excluded.last_scores
"""

# What some workers have or were asked for, by their account or their organisation.
MINE = """
SELECT allocation_id, referral_id, referral.document ->> 'reference' AS reference,
       allocation.authority, allocation.worker_id, kind, state, rag, joint, assigned_at, accepted_at,
       allocation.version
  FROM allocation JOIN worker USING (worker_id) JOIN referral USING (referral_id)
 WHERE (worker.staff_id = $1 OR worker.organisation_id = $2)
   AND state IN ('offered', 'accepted') AND allocation_id > $3
 ORDER BY allocation_id
 LIMIT $4
"""


async def save(connection: Connection, changes: Sequence[Saved[Case]]) -> None:
    """Keep what is new of milestones and ends."""
    reached = [
        {
            "milestone_id": one.milestone_id,
            "referral_id": change.referral_id,
            "authority": change.authority,
            "allocation_id": one.allocation_id,
            "milestone": one.milestone,
            "on_day": one.on,
            "recorded_at": one.recorded_at,
        }
        for change in changes
        for one in change.state.milestones[
            len(change.previous.milestones) if change.previous else 0 :
        ]
    ]
    if reached:
        await connection.execute(ADD_MILESTONES, to_json(reached).decode())
    ends = [
        _end(change)
        for change in changes
        if change.state.ended is not None
        and (change.previous is None or change.previous.ended != change.state.ended)
    ]
    if ends:
        await connection.execute(SAVE_ENDS, to_json(ends).decode())


def _end(change: Saved[Case]) -> Mapping[str, Any]:
    ended = change.state.ended
    assert ended is not None
    scores = distance(change.state.milestones).values()
    return {
        "referral_id": change.referral_id,
        "authority": change.authority,
        "reason": ended.reason,
        "on_day": ended.on,
        "scored": len(scores),
        "first_scores": sum(first for first, _ in scores),
        "last_scores": sum(last for _, last in scores),
    }


async def mine(
    connection: Connection,
    staff_id: UUID | None,
    organisation_id: UUID | None,
    after: UUID,
    limit: int,
) -> list[Mapping[str, Any]]:
    """What a person, or an organisation's workers, have or were asked for."""
    rows = await connection.fetch(MINE, staff_id, organisation_id, after, limit)
    return [dict(row) for row in rows]
