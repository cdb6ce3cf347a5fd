"""What the pages read: the queue a page at a time, its counts, one referral with its timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from services.console.domain import Row
from services.console.store.projection import COLUMNS, read, read_for


# What a person may ask of any list, from the parameter of that number on: colour, locality,
# urgency, agency, and due before a time. Last comes who asks, and what is hidden from them stays so.
def _asked(first: int) -> str:
    rag, locality, urgency, agency, due, seer = range(first, first + 6)
    return f"""
          AND (${rag}::text IS NULL OR coalesce(rag, 'red') = ${rag})
          AND (${locality}::text IS NULL OR locality = ${locality})
          AND (${urgency}::text IS NULL OR coalesce(urgency, 'immediate') = ${urgency})
          AND (${agency}::text IS NULL OR source_agency = ${agency})
          AND (${due}::timestamptz IS NULL OR due_at < ${due})
          AND NOT {hidden("queue_row.referral_id", seer)}"""


# A page of what is to decide, after a place in it: what is looked at first, then what is due
# first, then what is most severe. One index scan for each authority; the few that could not be processed are shown apart.
TO_DECIDE = f"""
SELECT listed.*
  FROM unnest($1::text[]) AS mine (authority)
 CROSS JOIN LATERAL (
       SELECT {COLUMNS}, place, due_at, severity
         FROM queue_row
        WHERE queue_row.authority = mine.authority
          AND stage = 'to_decide'
          AND (place, due_at, severity, referral_id)
              > ($2::smallint, $3::timestamptz, $4::smallint, $5::uuid){_asked(6)}
          AND ($14::uuid IS NULL OR claimed_by = $14)
          AND (NOT $15 OR claimed_by IS NULL)
          AND (NOT $16 OR waiting)
          AND (NOT $17 OR out_of_hours)
          AND (NOT $18 OR to_agree)
          AND NOT EXISTS (SELECT FROM attention
                           WHERE attention.referral_id = queue_row.referral_id)
        ORDER BY place, due_at, severity, referral_id
        LIMIT $19) AS listed
 ORDER BY place, due_at, severity, referral_id
 LIMIT $19
"""

# A page of what came in, newest first, after a place in it; of one stage, or of all.
NEWEST = f"""
SELECT listed.*
  FROM unnest($1::text[]) AS mine (authority)
 CROSS JOIN LATERAL (
       SELECT {COLUMNS}
         FROM queue_row
        WHERE queue_row.authority = mine.authority
          AND stage <> 'erased'
          AND (received_at, referral_id) < ($2::timestamptz, $3::uuid)
          AND ($4::text IS NULL OR stage = $4){_asked(5)}
        ORDER BY received_at DESC, referral_id DESC
        LIMIT $13) AS listed
 ORDER BY received_at DESC, referral_id DESC
 LIMIT $13
"""

# A page of a list in the order in which its rows are due, after a place in it.
_ORDERED = """
SELECT listed.*
  FROM unnest($1::text[]) AS mine (authority)
 CROSS JOIN LATERAL (
       SELECT {columns}, due_at
         FROM queue_row
        WHERE queue_row.authority = mine.authority
          AND {which}
          AND (due_at, referral_id) > ($2::timestamptz, $3::uuid){asked}
        ORDER BY due_at, referral_id
        LIMIT $12) AS listed
 ORDER BY due_at, referral_id
 LIMIT $12
"""

# What was decided and nobody has yet.
TO_ALLOCATE = _ORDERED.format(columns=COLUMNS, which="to_allocate", asked=_asked(4))

# What was decided and waits for a manager.
TO_COUNTERSIGN = _ORDERED.format(columns=COLUMNS, which="to_countersign", asked=_asked(4))

# What somebody was asked to take on, and has not answered.
OFFERED = _ORDERED.format(columns=COLUMNS, which="offered", asked=_asked(4))

# What some teams and workers have, or are offered.
HELD = _ORDERED.format(
    columns=COLUMNS,
    which="stage IN ('to_decide', 'decided') AND holders <> '{}' AND holders && $13::text[]",
    asked=_asked(4),
)

# What somebody still has to do, whatever it is, as far as its time has run out.
RUNNING = _ORDERED.format(
    columns=COLUMNS,
    which="stage IN ('to_decide', 'decided') AND due_at < '9000-01-01 00:00:00+00'",
    asked=_asked(4),
)

# Referrals that could not be processed, longest first, with what is known of them.
UNPROCESSED = f"""
SELECT attention.referral_id AS noted_id, attention.authority AS noted_authority, reason, since,
       known.*
  FROM attention
  LEFT JOIN LATERAL (SELECT {COLUMNS} FROM queue_row
                      WHERE queue_row.referral_id = attention.referral_id) AS known ON true
 WHERE attention.authority = ANY ($1)
   AND NOT {hidden("attention.referral_id", 3)}
 ORDER BY since, attention.referral_id
 LIMIT $2
"""

# One referral for somebody of these authorities.
READ = f"""
SELECT {COLUMNS} FROM queue_row
 WHERE referral_id = $1 AND authority = ANY ($2) AND stage <> 'erased'
   AND NOT {hidden("queue_row.referral_id", 3)}
"""

# Some referrals, for somebody of these authorities, in the order of what is to decide.
READ_SOME = f"""
SELECT {COLUMNS} FROM queue_row
 WHERE referral_id = ANY ($1) AND authority = ANY ($2) AND stage <> 'erased'
   AND NOT {hidden("queue_row.referral_id", 3)}
 ORDER BY place, due_at, severity, referral_id
"""

# A note of the watchdog on one referral, for somebody of these authorities.
READ_NOTE = f"""
SELECT authority, reason, since FROM attention
 WHERE referral_id = $1 AND authority = ANY ($2)
   AND NOT {hidden("attention.referral_id", 3)}
"""

# One referral by its reference, for somebody of these authorities.
FIND = f"""
SELECT referral_id FROM queue_row
 WHERE upper(reference) = upper($1) AND authority = ANY ($2) AND stage <> 'erased'
   AND NOT {hidden("queue_row.referral_id", 3)}
"""

# What some referrals are called, for somebody of these authorities.
REFERENCES = f"""
SELECT referral_id::text AS id, reference FROM queue_row
 WHERE referral_id = ANY ($1) AND authority = ANY ($2) AND stage <> 'erased'
   AND NOT {hidden("queue_row.referral_id", 3)}
"""

# The timeline of one referral, newest first.
TIMELINE = f"""
SELECT number, at, event_id, kind, codes FROM timeline
 WHERE referral_id = $1 AND authority = ANY ($2)
   AND NOT {hidden("timeline.referral_id", 4)}
 ORDER BY at DESC, number DESC
 LIMIT $3
"""

# How often something changed for each of some authorities.
REVISIONS = "SELECT authority, number FROM revision"

ByDue = Literal["to_countersign", "to_allocate", "offered", "held", "running"]
"""The lists in the order of due times."""

BY_DUE: Mapping[ByDue, str] = {
    "to_countersign": TO_COUNTERSIGN,
    "to_allocate": TO_ALLOCATE,
    "offered": OFFERED,
    "held": HELD,
    "running": RUNNING,
}

Place = tuple[int, datetime, int, UUID]
"""Where a row stands in what is to decide: place, due time, severity, id."""

FIRST: Place = (0, datetime(1, 1, 1, tzinfo=UTC), 0, UUID(int=0))
"""Before every place in what is to decide."""

SOONEST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
"""Before every place in a list by due time."""

LATEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
"""Before every place in a list that is newest first."""


NOBODY = Seer(UUID(int=0), (), datetime(1, 1, 1, tzinfo=UTC))
"""Who sees nothing that is restricted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks of a list. None: not asked for. `mine` is the person's own id; `due_before`
    is UTC. `mine` and what follows are asked of what is to decide only; `held_by` of what is held
    only, codes of teams and ids of workers. `seer` is who asks; left out, nobody who sees anything
    restricted."""

    rag: str | None = None
    locality: str | None = None
    urgency: str | None = None
    agency: str | None = None
    due_before: datetime | None = None
    mine: UUID | None = None
    unclaimed: bool = False
    waiting: bool = False
    out_of_hours: bool = False
    to_agree: bool = False
    held_by: Sequence[str] = ()
    seer: Seer = NOBODY

    @property
    def of_any_list(self) -> tuple[Any, ...]:
        """What may be asked of any list, in the order in which queries take it."""
        return (
            self.rag,
            self.locality,
            self.urgency,
            self.agency,
            self.due_before,
            *parameters(self.seer),
        )


@dataclass(frozen=True, slots=True)
class Unprocessed:
    """A referral that a person reads by hand. `row` is None where nothing of it was read."""

    referral_id: UUID
    authority: str
    reason: str
    since: datetime
    row: Row | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline."""

    number: int
    at: datetime
    event_id: UUID
    kind: str
    codes: Mapping[str, Any]


async def to_decide(
    connection: Connection,
    authorities: Sequence[str],
    wanted: Wanted,
    after: Place,
    limit: int,
) -> list[tuple[Row, Place]]:
    """At most `limit` rows after the place `after`, each with its own place."""
    rows = await connection.fetch(
        TO_DECIDE,
        list(authorities),
        *after,
        *wanted.of_any_list,
        wanted.mine,
        wanted.unclaimed,
        wanted.waiting,
        wanted.out_of_hours,
        wanted.to_agree,
        limit,
    )
    places = [(row["place"], row["due_at"], row["severity"], row["referral_id"]) for row in rows]
    return list(zip(await read_for(connection, rows, wanted.seer), places, strict=True))


async def newest(
    connection: Connection,
    authorities: Sequence[str],
    stage: str | None,
    wanted: Wanted,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[Row]:
    """At most `limit` rows of `stage` (None: all) after the place `after`, newest first."""
    rows = await connection.fetch(
        NEWEST, list(authorities), *after, stage, *wanted.of_any_list, limit
    )
    return await read_for(connection, rows, wanted.seer)


async def by_due(
    connection: Connection,
    authorities: Sequence[str],
    which: ByDue,
    wanted: Wanted,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[tuple[Row, tuple[datetime, UUID]]]:
    """At most `limit` rows of a list after the place `after`, what is due first on top."""
    more = [list(wanted.held_by)] if which == "held" else []
    rows = await connection.fetch(
        BY_DUE[which], list(authorities), *after, *wanted.of_any_list, limit, *more
    )
    places = [(row["due_at"], row["referral_id"]) for row in rows]
    return list(zip(await read_for(connection, rows, wanted.seer), places, strict=True))


async def unprocessed(
    connection: Connection, authorities: Sequence[str], limit: int, seer: Seer
) -> list[Unprocessed]:
    """At most `limit` referrals that the house could not process."""
    return [
        Unprocessed(
            row["noted_id"],
            row["noted_authority"],
            row["reason"],
            row["since"],
            read(row) if row["referral_id"] else None,
        )
        for row in await connection.fetch(UNPROCESSED, list(authorities), limit, *parameters(seer))
    ]


async def referral(
    connection: Connection, referral_id: UUID, authorities: Sequence[str], seer: Seer
) -> Row | None:
    """One referral, or None where there is none that this person may see."""
    rows = await connection.fetch(READ, referral_id, list(authorities), *parameters(seer))
    return next(iter(await read_for(connection, rows, seer)), None)


async def some(
    connection: Connection, referral_ids: Sequence[UUID], authorities: Sequence[str], seer: Seer
) -> list[Row]:
    """Those of some referrals that this person may see."""
    rows = await connection.fetch(
        READ_SOME, list(referral_ids), list(authorities), *parameters(seer)
    )
    return await read_for(connection, rows, seer)


async def note(
    connection: Connection, referral_id: UUID, authorities: Sequence[str], seer: Seer
) -> Unprocessed | None:
    """Whether the watchdog noted one referral, without its row."""
    row = await connection.fetchrow(READ_NOTE, referral_id, list(authorities), *parameters(seer))
    if row is None:
        return None
    return Unprocessed(referral_id, row["authority"], row["reason"], row["since"], None)


async def by_reference(
    connection: Connection, reference: str, authorities: Sequence[str], seer: Seer
) -> UUID | None:
    """The referral with this reference, or None."""
    found: UUID | None = await connection.fetchval(
        FIND, reference, list(authorities), *parameters(seer)
    )
    return found


async def references(
    connection: Connection, referral_ids: Sequence[UUID], authorities: Sequence[str], seer: Seer
) -> dict[str, str]:
    """The references of those of some referrals that this person may see, by id as text."""
    rows = await connection.fetch(
        REFERENCES, list(referral_ids), list(authorities), *parameters(seer)
    )
    return {row["id"]: row["reference"] for row in rows}


async def timeline(
    connection: Connection,
    referral_id: UUID,
    authorities: Sequence[str],
    limit: int,
    seer: Seer,
) -> list[Line]:
    """The latest `limit` lines of one referral's timeline, newest first."""
    return [
        Line(*row)
        for row in await connection.fetch(
            TIMELINE, referral_id, list(authorities), limit, *parameters(seer)
        )
    ]


async def revisions(connection: Connection) -> dict[str, int]:
    """How often something changed, by authority."""
    rows: list[asyncpg.Record] = await connection.fetch(REVISIONS)
    return {row["authority"]: row["number"] for row in rows}
