"""Every query about local services."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

import asyncpg

from chassis.database import Connection
from services.intake.directory.domain import ADULTS_NEEDS, Entry

_NAMES = tuple(field.name for field in fields(Entry))
_SPACE: Final = UUID("5c7a9e0e-3d0b-4f53-9a43-6b1f0f2a7c11")
"""The space of the ids of services: one keeps its id however often it is imported."""
_COLUMNS = "service_id, authority, " + ", ".join(_NAMES)

# Take an entry; the newest file is right.
TAKE = f"""
INSERT INTO local_service (service_id, authority, seen_at, {", ".join(_NAMES)})
VALUES ($1, $2, $3, {", ".join(f"${place}" for place in range(4, 4 + len(_NAMES)))})
    ON CONFLICT (authority, source_id) DO UPDATE
   SET seen_at = excluded.seen_at,
       {", ".join(f"{name} = excluded.{name}" for name in _NAMES if name != "source_id")}
"""

# What the newest file does not have is not offered any more.
END = """
UPDATE local_service SET open = false
 WHERE authority = $1 AND open AND source_id <> ALL ($2)
RETURNING service_id
"""

# Services of an authority for some needs, an age and a place: what answers most of the needs first,
# then what was checked last. What is for adults fits any child, where the need is an adult's.
FIND = f"""
SELECT {_COLUMNS}
  FROM local_service
 WHERE authority = $1 AND open
   AND (cardinality($2::text[]) = 0 OR needs && $2)
   AND ($3::integer IS NULL
        OR (coalesce(minimum_age, 0) <= $3 AND coalesce(maximum_age, $3) >= $3)
        OR (minimum_age >= 16 AND needs && $2 AND needs && $4))
   AND (cardinality($5::text[]) = 0 OR cardinality(areas) = 0 OR areas && $5)
 ORDER BY (SELECT count(*) FROM unnest(needs) AS need WHERE need = ANY ($2)) DESC,
          checked_on DESC NULLS LAST, name, service_id
 LIMIT $6
"""

# Some services, those that have ended too.
READ = f"SELECT {_COLUMNS} FROM local_service WHERE service_id = ANY ($1)"

# Where a postcode lies.
PLACES = "SELECT ward, district FROM postcode WHERE postcode = $1"


async def take(
    connection: Connection,
    authority: str,
    found: Sequence[Entry],
    now: datetime,
) -> int:
    """Take a whole directory. Returns how many services it no longer has."""
    rows = sorted(found, key=lambda one: one.source_id)
    await connection.executemany(
        TAKE,
        [
            (
                uuid5(_SPACE, f"{authority}/{entry.source_id}"),
                authority,
                now,
                *(getattr(entry, name) for name in _NAMES),
            )
            for entry in rows
        ],
    )
    return len(await connection.fetch(END, authority, [entry.source_id for entry in rows]))


async def find(
    connection: Connection,
    authority: str,
    *,
    needs: Sequence[str] = (),
    age: int | None = None,
    places: Sequence[str] = (),
    limit: int,
) -> list[tuple[UUID, Entry]]:
    """Services that fit, the best first. `age` is in whole years."""
    rows = await connection.fetch(
        FIND, authority, list(needs), age, sorted(ADULTS_NEEDS), list(places), limit
    )
    return [(row["service_id"], _entry(row)) for row in rows]


async def read(
    connection: Connection, service_ids: Sequence[UUID]
) -> dict[UUID, tuple[str, Entry]]:
    """Some services with their authorities."""
    rows = await connection.fetch(READ, list(service_ids))
    return {row["service_id"]: (row["authority"], _entry(row)) for row in rows}


async def places(connection: Connection, postcode: str) -> list[str]:
    """The ward and the district of a postcode; none where it is not known."""
    row = await connection.fetchrow(PLACES, postcode)
    return [code for code in row if code] if row else []


def _entry(row: asyncpg.Record) -> Entry:
    said = {name: row[name] for name in _NAMES}
    return Entry(**{**said, "needs": tuple(said["needs"]), "areas": tuple(said["areas"])})
