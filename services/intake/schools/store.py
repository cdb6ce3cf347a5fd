"""Every query about schools of the register."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from chassis.database import Connection

_SPACE: Final = UUID("0d6c1a1c-6f7e-4b7a-8d53-2f1e9b1c7a44")
"""The space of the ids of schools: one keeps its id however often it is imported."""

# Take schools; the newest register is right. What it says already is left alone.
TAKE = """
INSERT INTO organisation (organisation_id, urn, name, agency, la_code, postcode, open, created_at)
SELECT *, $8 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                         $7::boolean[])
    ON CONFLICT (urn) DO UPDATE
   SET name = excluded.name, agency = excluded.agency, la_code = excluded.la_code,
       postcode = excluded.postcode, open = excluded.open
 WHERE (organisation.name, organisation.agency, organisation.la_code, organisation.postcode,
        organisation.open)
       IS DISTINCT FROM (excluded.name, excluded.agency, excluded.la_code, excluded.postcode,
                         excluded.open)
RETURNING organisation_id
"""

# The school of a number, where it is open.
BY_URN = "SELECT organisation_id, name, agency FROM organisation WHERE urn = $1 AND open"

# Organisations with some words in their name: open ones first.
NAMED = """
SELECT organisation_id, name, agency, urn, la_code, postcode, open
  FROM organisation
 WHERE name ILIKE '%' || $1 || '%'
 ORDER BY open DESC, name, organisation_id
 LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class School:
    """One school of the register. `agency` is a code; `la_code` the census's of its local authority;
    not `open`: it has closed, or is yet to open."""

    urn: str
    name: str
    agency: str
    la_code: str | None
    postcode: str | None
    open: bool


async def take(connection: Connection, found: Sequence[School], now: datetime) -> int:
    """Take schools. Returns how many are new or have changed."""
    if not found:
        return 0
    rows = [(uuid5(_SPACE, one.urn), *astuple(one)) for one in sorted(found, key=_urn)]
    return len(await connection.fetch(TAKE, *map(list, zip(*rows, strict=True)), now))


async def by_urn(connection: Connection, urn: str) -> tuple[UUID, str, str] | None:
    """(organisation, name, agency) of an open school."""
    row = await connection.fetchrow(BY_URN, urn)
    return (row[0], row[1], row[2]) if row else None


async def named(connection: Connection, words: str, limit: int) -> list[dict[str, Any]]:
    """Organisations with these words in their name."""
    plain = words.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return [dict(row) for row in await connection.fetch(NAMED, plain, limit)]


def _urn(one: School) -> str:
    return one.urn
