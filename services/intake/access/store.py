"""Every query about requests for a copy."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from contracts.codes.access import Considered, Requester
from services.intake.access.domain import Request

COLUMNS = """
    request_id, authority, referral_id, person_id, requester, opened_by, opened_at,
    considered::text AS considered, considered_by, considered_at, released_by, released_at
"""

# Open a request.
ADD = """
INSERT INTO access_request (request_id, authority, referral_id, person_id, requester, opened_by,
                            opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

# One request for somebody of these authorities, held by this transaction.
LOCK = f"""
SELECT {COLUMNS} FROM access_request
 WHERE request_id = $1 AND authority = ANY ($2)
   AND NOT {hidden("access_request.referral_id", 3)}
   FOR UPDATE
"""

# Write what became of a request.
WRITE = """
UPDATE access_request
   SET considered = $2::text::jsonb, considered_by = $3, considered_at = $4, released_by = $5,
       released_at = $6
 WHERE request_id = $1
"""

# A page of requests for somebody of these authorities, the newest first, before a place.
LIST = f"""
SELECT {COLUMNS} FROM access_request
 WHERE authority = ANY ($1) AND (opened_at, request_id) < ($2, $3)
   AND NOT {hidden("access_request.referral_id", 5)}
 ORDER BY opened_at DESC, request_id DESC
 LIMIT $4
"""

# Referrals that are linked to some by a person, as (referral, person, other referral, other person).
LINKS = """
SELECT referral_id, person_id, other_referral_id, other_person_id
  FROM match
 WHERE state = 'linked' AND authority = $1
   AND (referral_id = ANY ($2) OR other_referral_id = ANY ($2))
"""


async def add(connection: Connection, request: Request) -> None:
    """Open a request."""
    await connection.execute(
        ADD,
        request.request_id,
        request.authority,
        request.referral_id,
        request.person_id,
        request.requester,
        request.opened_by,
        request.opened_at,
    )


async def lock(
    connection: Connection, request_id: UUID, authorities: Sequence[str], seer: Seer
) -> Request | None:
    """One request, for this transaction to change."""
    row = await connection.fetchrow(LOCK, request_id, list(authorities), *parameters(seer))
    return _request(row) if row else None


async def write(connection: Connection, request: Request) -> None:
    """Write what became of a request."""
    await connection.execute(
        WRITE,
        request.request_id,
        to_json(request.considered).decode() if request.considered is not None else None,
        request.considered_by,
        request.considered_at,
        request.released_by,
        request.released_at,
    )


async def listed(
    connection: Connection,
    authorities: Sequence[str],
    before: tuple[datetime, UUID],
    limit: int,
    seer: Seer,
) -> list[Request]:
    """At most `limit` requests, the newest first."""
    rows = await connection.fetch(LIST, list(authorities), *before, limit, *parameters(seer))
    return [_request(row) for row in rows]


async def person_in(
    connection: Connection, authority: str, referral_id: UUID, person_id: UUID
) -> dict[UUID, set[UUID]]:
    """Every referral that the same person is on, by links, with the ids that they have there."""
    found: dict[UUID, set[UUID]] = {referral_id: {person_id}}
    new = [referral_id]
    while new:
        rows = await connection.fetch(LINKS, authority, new)
        new = []
        for row in rows:
            one = (row["referral_id"], row["person_id"])
            other = (row["other_referral_id"], row["other_person_id"])
            for (here, me), (there, them) in ((one, other), (other, one)):
                if me in found.get(here, ()) and them not in found.get(there, ()):
                    found.setdefault(there, set()).add(them)
                    new.append(there)
    return found


def _request(row: asyncpg.Record) -> Request:
    considered = from_json(row["considered"]) if row["considered"] else None
    return Request(
        request_id=row["request_id"],
        authority=row["authority"],
        referral_id=row["referral_id"],
        person_id=row["person_id"],
        requester=Requester(row["requester"]),
        opened_by=row["opened_by"],
        opened_at=row["opened_at"],
        considered=(
            {ground: Considered(said) for ground, said in considered.items()}
            if considered
            else None
        ),
        considered_by=row["considered_by"],
        considered_at=row["considered_at"],
        released_by=row["released_by"],
        released_at=row["released_at"],
    )
