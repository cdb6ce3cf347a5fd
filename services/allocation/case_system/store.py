"""Every query about bundles: what the case system has, and what it has not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.stream.kernel import Saved
from services.allocation.case_system.domain import bundle_id, has_news
from services.allocation.domain import Case

# Something changed that the case system is told.
MARK = """
INSERT INTO bundle (bundle_id, referral_id, authority, changed_at)
SELECT bundle_id, referral_id, authority, $4
  FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS new (bundle_id, referral_id, authority)
    ON CONFLICT (referral_id) DO UPDATE
   SET changed_at = greatest(excluded.changed_at, bundle.changed_at + interval '1 microsecond')
"""

# A page of bundles, what changed first at the head; of those that wait alone, or of all. What was
# restricted since, or is no longer theirs, is left out.
LIST = """
SELECT bundle_id, referral_id, bundle.authority, changed_at, version, taken_version, taken_at,
       case_number
  FROM bundle JOIN referral USING (referral_id)
 WHERE bundle.authority = ANY ($1) AND ($2 OR taken_of IS NULL OR taken_of < changed_at)
   AND NOT coalesce((document ->> 'restricted')::boolean, false)
   AND (changed_at, bundle_id) > ($3, $4)
 ORDER BY changed_at, bundle_id
 LIMIT $5
"""

# One bundle, for a case system of these authorities.
READ = """
SELECT bundle_id, referral_id, bundle.authority, changed_at, version, taken_version, taken_at,
       case_number
  FROM bundle JOIN referral USING (referral_id)
 WHERE bundle_id = $1 AND bundle.authority = ANY ($2)
   AND NOT coalesce((document ->> 'restricted')::boolean, false)
"""

# What it says now, as of a change: another version only where it says something else.
VERSION = """
UPDATE bundle
   SET version = version + CASE WHEN digest IS DISTINCT FROM $2 THEN 1 ELSE 0 END,
       digest = $2, read_of = greatest(read_of, $3)
 WHERE bundle_id = $1
RETURNING version
"""

# The case system has a version, under its own number. An earlier version than it has changes
# nothing; with an earlier one than there is, it goes on waiting.
TAKE = """
UPDATE bundle
   SET taken_of = CASE WHEN $2 = version THEN read_of ELSE taken_of END,
       taken_at = CASE WHEN $2 > coalesce(taken_version, 0) THEN $4 ELSE taken_at END,
       taken_version = greatest(taken_version, $2),
       case_number = $3
 WHERE bundle_id = $1 AND $2 <= version AND (case_number IS NULL OR case_number = $3)
RETURNING bundle_id, referral_id, authority, changed_at, version, taken_version, taken_at,
          case_number
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is kept of a bundle: no words."""

    bundle_id: UUID
    referral_id: UUID
    authority: str
    changed_at: datetime
    version: int
    taken_version: int | None
    taken_at: datetime | None
    case_number: str | None


async def save(connection: Connection, changes: Sequence[Saved[Case]]) -> None:
    """Note which cases the case system has to be told of (again)."""
    told = [one for one in changes if has_news(one.previous, one.state)]
    if told:
        await connection.execute(
            MARK,
            [bundle_id(one.referral_id) for one in told],
            [one.referral_id for one in told],
            [one.authority for one in told],
            told[0].now,
        )


async def page(
    connection: Connection,
    authorities: Sequence[str],
    after: tuple[datetime, UUID],
    limit: int,
    *,
    everything: bool,
) -> list[Bundle]:
    """Bundles of some authorities: those that wait, or all."""
    rows = await connection.fetch(LIST, list(authorities), everything, *after, limit)
    return [Bundle(*row) for row in rows]


async def read(connection: Connection, bundle: UUID, authorities: Sequence[str]) -> Bundle | None:
    """One bundle."""
    row = await connection.fetchrow(READ, bundle, list(authorities))
    return Bundle(*row) if row else None


async def version(connection: Connection, bundle: UUID, digest: bytes, read_of: datetime) -> int:
    """The version of what a bundle says now."""
    return int(await connection.fetchval(VERSION, bundle, digest, read_of))


async def take(
    connection: Connection, bundle: UUID, taken: int, case_number: str, now: datetime
) -> Bundle | None:
    """Note what the case system has. None where there is no such version, or it has another
    number."""
    row = await connection.fetchrow(TAKE, bundle, taken, case_number, now)
    return Bundle(*row) if row else None


def shown(one: Bundle) -> Mapping[str, Any]:
    """A bundle in a list: ids, times and versions."""
    return {
        "id": one.bundle_id,
        "referral_id": one.referral_id,
        "authority": one.authority,
        "changed_at": one.changed_at,
        "version": one.version or None,
        "taken_version": one.taken_version,
        "taken_at": one.taken_at,
        "case_number": one.case_number,
        "links": {"self": f"/v1/case-system/bundles/{one.bundle_id}"},
    }
