"""Every query about what other systems know. Children are digests here: nobody is named."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from chassis.database import Connection
from services.intake.elsewhere.known import Fact, Record

# When an authority's other systems were asked last; the row is held meanwhile.
AS_OF_HELD = "SELECT as_of FROM elsewhere_import WHERE authority = $1 FOR UPDATE"

# The same, to read.
AS_OF = "SELECT as_of FROM elsewhere_import WHERE authority = $1"

# Forget what they said before.
FORGET = "DELETE FROM elsewhere WHERE authority = $1"

# Note when they were asked, and of how many children they know something.
ASKED = """
INSERT INTO elsewhere_import (authority, as_of, imported_at, children)
VALUES ($1, $2, $3, $4)
    ON CONFLICT (authority) DO UPDATE
   SET as_of = excluded.as_of, imported_at = excluded.imported_at, children = excluded.children
"""

# What is known under some digests.
FIND = "SELECT digest, sure, known FROM elsewhere WHERE authority = $1 AND digest = ANY ($2)"

# Keep what they say now.
KEEP = """
INSERT INTO elsewhere (authority, digest, sure, known)
SELECT $1, digest, sure, known::jsonb
  FROM unnest($2::bytea[], $3::boolean[], $4::text[]) AS said (digest, sure, known)
"""

# Have the people looked up again of what nobody has decided yet.
LOOK_AGAIN = """
INSERT INTO to_look_up (referral_id, authority, received_at, indexed)
SELECT referral_id, authority, received_at, true
  FROM referral
 WHERE authority = $1 AND received_at > $2 AND document ->> 'stage' = 'received'
    ON CONFLICT DO NOTHING
"""

PART = 5_000
UNDECIDED = timedelta(days=60)
"""How far back what nobody has decided yet is looked for."""


class OlderThanHeld(Exception):
    """What is held was asked later than what is offered. `args` holds when."""


async def take(
    connection: Connection,
    authority: str,
    as_of: datetime,
    now: datetime,
    children: int,
    found: Mapping[tuple[bytes, bool], Sequence[Fact]],
) -> None:
    """Replace what an authority's other systems said, all at once. Raises OlderThanHeld."""
    held = await connection.fetchval(AS_OF_HELD, authority)
    if held is not None and held > as_of:
        raise OlderThanHeld(held)
    await connection.execute(FORGET, authority)
    rows = iter(found.items())
    while part := list(islice(rows, PART)):
        await connection.execute(
            KEEP,
            authority,
            [digest for (digest, _), _ in part],
            [sure for (_, sure), _ in part],
            [json.dumps([fact.shown() for fact in facts]) for _, facts in part],
        )
    await connection.execute(ASKED, authority, as_of, now, children)
    await connection.execute(LOOK_AGAIN, authority, now - UNDECIDED)


async def as_of(connection: Connection, authority: str) -> datetime | None:
    """When the authority's other systems were asked last; None where they never were."""
    found: datetime | None = await connection.fetchval(AS_OF, authority)
    return found


async def of(
    connection: Connection,
    authority: str,
    asked: Mapping[UUID, Sequence[bytes]],
) -> Mapping[UUID, list[Record]]:
    """What is known of children, each by their digests. What is sure stands alone."""
    wanted = sorted({digest for each in asked.values() for digest in each})
    if not wanted:
        return {}
    rows = await connection.fetch(FIND, authority, wanted)
    known = {
        row["digest"]: Record(row["sure"], tuple(Fact.of(said) for said in row["known"]))
        for row in rows
    }
    found: dict[UUID, list[Record]] = {}
    for child_id, each in asked.items():
        records = list(dict.fromkeys(known[digest] for digest in each if digest in known))
        sure = [one for one in records if one.sure]
        if records:
            found[child_id] = sure[:1] or records
    return found
