"""Every query about requests for information."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection
from services.triage.domain.case import Case

# Note where requests are found, and how they stand.
SAVE = """
INSERT INTO information_request (request_id, referral_id, authority, organisation_id, state,
                                 asked_at)
SELECT request_id, referral_id, authority, organisation_id, state, asked_at
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[])
       AS new (request_id, referral_id, authority, organisation_id, state, asked_at)
    ON CONFLICT (request_id) DO UPDATE SET state = excluded.state
"""

# The referral and the authority of some requests.
FIND = """
SELECT request_id, referral_id, authority, organisation_id
  FROM information_request
 WHERE request_id = ANY ($1)
"""

# What an organisation is asked, in one state, the newest first.
LIST_OWN = """
SELECT request_id, referral_id, asked_at
  FROM information_request
 WHERE organisation_id = $1 AND state = $2 AND (asked_at, request_id) < ($3, $4)
 ORDER BY asked_at DESC, request_id DESC
 LIMIT $5
"""


async def save(connection: Connection, changed: Sequence[tuple[Case | None, Case]]) -> None:
    """Note the requests of cases that are new or stand otherwise than before."""
    rows = [
        (
            one.request_id,
            case.referral_id,
            case.authority,
            one.organisation_id,
            one.state,
            one.asked_at,
        )
        for before, case in changed
        for one in case.requests
        if before is None or one not in before.requests
    ]
    if rows:
        rows.sort(key=lambda row: row[0])
        await connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))


async def find(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """Where some requests belong, by request."""
    return {row["request_id"]: dict(row) for row in await connection.fetch(FIND, list(ids))}


async def list_own(
    connection: Connection,
    organisation_id: UUID,
    state: str,
    before: tuple[datetime, UUID],
    limit: int,
) -> list[Mapping[str, Any]]:
    """A page of what an organisation is asked, the newest first."""
    rows = await connection.fetch(LIST_OWN, organisation_id, state, *before, limit)
    return [dict(row) for row in rows]
