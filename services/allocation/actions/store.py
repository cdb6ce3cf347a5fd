"""Every query about actions that agencies are asked for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from chassis.stream.kernel import Saved
from services.allocation.domain import Case
from services.allocation.domain.tabling import Action, Item

# Write actions as they are now. Outside a panel there is no panel and no meeting.
SAVE = """
INSERT INTO panel_action (action_id, referral_id, authority, panel, meeting_on, owner, by_day,
                          state, worker_id, kind)
SELECT action_id, referral_id, authority, panel, meeting_on, owner, by_day, state, worker_id, kind
  FROM json_populate_recordset(NULL::panel_action, $1::json)
 ORDER BY action_id
    ON CONFLICT (action_id) DO UPDATE SET state = excluded.state
"""

# What every list of actions reads.
_COLUMNS = """
SELECT action_id, referral_id, panel_action.authority, panel, meeting_on, owner, by_day, state,
       panel_action.worker_id, kind, worker.name AS worker_name
  FROM panel_action LEFT JOIN worker USING (worker_id)
"""

# Actions that nobody has done yet, the first due first, for staff of some authorities.
OPEN = f"""
{_COLUMNS}
 WHERE panel_action.authority = ANY ($1) AND state IN ('asked', 'accepted', 'declined')
   AND (by_day, action_id) > ($2, $3) AND NOT {hidden("panel_action.referral_id", 5)}
 ORDER BY by_day, action_id
 LIMIT $4
"""

# Those asked of a person, or of an organisation's workers, that are still to do.
MINE = f"""
{_COLUMNS}
 WHERE (worker.staff_id = $1 OR worker.organisation_id = $2) AND state IN ('asked', 'accepted')
   AND (by_day, action_id) > ($3, $4)
 ORDER BY by_day, action_id
 LIMIT $5
"""

# Where an action is, and who answers for the worker whom it was asked of.
FIND = """
SELECT referral_id, panel_action.authority, panel_action.worker_id, staff_id, organisation_id
  FROM panel_action LEFT JOIN worker USING (worker_id)
 WHERE action_id = $1
"""


async def save(connection: Connection, changes: Sequence[Saved[Case]]) -> None:
    """Write the actions that changed."""
    rows: list[Mapping[str, Any]] = []
    for change in changes:
        before = {id(one) for one, _ in _every(change.previous)} if change.previous else set()
        rows += (
            {
                "action_id": one.action_id,
                "referral_id": change.referral_id,
                "authority": change.authority,
                "panel": item.panel if item else None,
                "meeting_on": item.meeting_on if item else None,
                "owner": one.owner,
                "by_day": one.by,
                "state": one.state,
                "worker_id": one.worker_id,
                "kind": one.kind,
            }
            for one, item in _every(change.state)
            if id(one) not in before
        )
    if rows:
        await connection.execute(SAVE, to_json(rows).decode())


def _every(case: Case) -> Iterator[tuple[Action, Item | None]]:
    for item in case.items:
        for one in item.actions:
            yield one, item
    for one in case.actions:
        yield one, None


async def find(
    connection: Connection, action_id: UUID
) -> tuple[UUID, str, UUID | None, UUID | None, UUID | None] | None:
    """(referral, authority, worker, their account, their organisation) of an action."""
    row = await connection.fetchrow(FIND, action_id)
    return tuple(row) if row else None


async def open_ones(
    connection: Connection,
    authorities: Sequence[str],
    seer: Seer,
    after: tuple[date, UUID],
    limit: int,
) -> list[Mapping[str, Any]]:
    """What nobody has done yet, for staff."""
    rows = await connection.fetch(OPEN, list(authorities), *after, limit, *parameters(seer))
    return [dict(row) for row in rows]


async def mine(
    connection: Connection,
    staff_id: UUID | None,
    organisation_id: UUID | None,
    after: tuple[date, UUID],
    limit: int,
) -> list[Mapping[str, Any]]:
    """What was asked of a person, or of an organisation's workers, and is still to do."""
    rows = await connection.fetch(MINE, staff_id, organisation_id, *after, limit)
    return [dict(row) for row in rows]
