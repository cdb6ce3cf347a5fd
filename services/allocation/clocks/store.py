"""Every query about clocks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis.database import Connection
from contracts.events import Rag
from policy.clocks import ClockTimes
from services.allocation.clocks.domain import Clock, State

# The clocks of some referrals, in the order in which they started.
LOAD = """
SELECT clock_id, referral_id, name, subject_id, state, started_at, counted_from, rag, due_at,
       warn_at, explanation, calendar_version, pauses, pack_version, warned_at, stopped_at,
       breached_at, paused_since
  FROM clock
 WHERE referral_id = ANY ($1)
 ORDER BY referral_id, clock_id
"""

# Write clocks as they are now.
SAVE = """
INSERT INTO clock (clock_id, referral_id, authority, name, subject_id, state, started_at,
                   counted_from, rag, due_at, warn_at, explanation, calendar_version, pauses,
                   pack_version, warned_at, stopped_at, breached_at, paused_since, fires_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[],
                     $7::timestamptz[], $8::timestamptz[], $9::text[], $10::timestamptz[],
                     $11::timestamptz[], $12::text[], $13::text[], $14::jsonb[], $15::text[],
                     $16::timestamptz[], $17::timestamptz[], $18::timestamptz[],
                     $19::timestamptz[], $20::timestamptz[])
    ON CONFLICT (clock_id) DO UPDATE
   SET state = excluded.state, counted_from = excluded.counted_from, rag = excluded.rag,
       due_at = excluded.due_at, warn_at = excluded.warn_at, explanation = excluded.explanation,
       calendar_version = excluded.calendar_version, pauses = excluded.pauses,
       pack_version = excluded.pack_version, warned_at = excluded.warned_at,
       stopped_at = excluded.stopped_at, breached_at = excluded.breached_at,
       paused_since = excluded.paused_since, fires_at = excluded.fires_at
"""

# Referrals with a clock to look at, the longest due first.
DUE = """
SELECT referral_id, authority, min(fires_at) AS fires_at
  FROM (SELECT referral_id, authority, fires_at FROM clock
         WHERE fires_at <= $1 ORDER BY fires_at LIMIT $2) AS due
 GROUP BY referral_id, authority
 ORDER BY min(fires_at)
"""

# A page of clocks for people of these authorities.
LIST = """
SELECT clock_id, referral_id, authority, name, subject_id, state, started_at, due_at, warn_at,
       explanation, warned_at, stopped_at, breached_at, rag
  FROM clock
 WHERE authority = ANY ($1)
   AND ($2::uuid IS NULL OR referral_id = $2)
   AND ($3::text IS NULL OR state = $3)
   AND clock_id > $4
 ORDER BY clock_id
 LIMIT $5
"""


async def load(connection: Connection, referral_ids: Sequence[UUID]) -> dict[UUID, list[Clock]]:
    """The clocks of each referral."""
    found: dict[UUID, list[Clock]] = {}
    for row in await connection.fetch(LOAD, list(referral_ids)):
        found.setdefault(row["referral_id"], []).append(_clock(row))
    return found


async def save(connection: Connection, clocks: Sequence[tuple[UUID, str, Clock]]) -> None:
    """Write (referral, authority, clock), in order of the clocks' ids."""
    rows = [
        (
            clock.clock_id,
            referral_id,
            authority,
            clock.name,
            clock.subject_id,
            clock.state,
            clock.times.started_at,
            clock.times.counted_from,
            clock.times.rag,
            clock.times.due_at,
            clock.times.warn_at,
            clock.times.explanation,
            clock.times.calendar_version,
            clock.times.pauses,
            clock.pack_version,
            clock.warned_at,
            clock.stopped_at,
            clock.breached_at,
            clock.paused_since,
            clock.fires_at,
        )
        for referral_id, authority, clock in sorted(clocks, key=lambda one: one[2].clock_id)
    ]
    await connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))


async def due(connection: Connection, now: datetime, limit: int) -> list[Mapping[str, Any]]:
    """Referrals with a clock to look at: id, authority, and since when."""
    return [dict(row) for row in await connection.fetch(DUE, now, limit)]


async def page(
    connection: Connection,
    authorities: Sequence[str],
    *,
    referral_id: UUID | None,
    state: str | None,
    after: UUID,
    limit: int,
) -> list[Mapping[str, Any]]:
    """Clocks for people of these authorities, in order of id."""
    rows = await connection.fetch(LIST, list(authorities), referral_id, state, after, limit)
    return [dict(row) for row in rows]


def _clock(row: asyncpg.Record) -> Clock:
    return Clock(
        clock_id=row["clock_id"],
        name=row["name"],
        subject_id=row["subject_id"],
        state=State(row["state"]),
        times=ClockTimes(
            started_at=row["started_at"],
            counted_from=row["counted_from"],
            rag=Rag(row["rag"]) if row["rag"] else None,
            due_at=row["due_at"],
            warn_at=row["warn_at"],
            explanation=row["explanation"],
            calendar_version=row["calendar_version"],
            pauses=tuple(
                (datetime.fromisoformat(since), datetime.fromisoformat(until))
                for since, until in row["pauses"]
            ),
        ),
        pack_version=row["pack_version"],
        warned_at=row["warned_at"],
        stopped_at=row["stopped_at"],
        breached_at=row["breached_at"],
        paused_since=row["paused_since"],
    )
