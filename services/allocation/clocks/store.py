"""Every query about clocks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from contracts.events import Rag
from policy.clocks import ClockTimes
from services.allocation.clocks.domain import Clock, State

# The clocks of some referrals, in the order in which they started.
LOAD = """
SELECT clock_id, referral_id, name, subject_id, state, started_at, counted_from, rag, due_at,
       warn_at, explanation, calendar_version, pauses, pack_version, warned_at, stopped_at,
       breached_at, paused_since, compared_with, escalated, fires_at
  FROM clock
 WHERE referral_id = ANY ($1)
 ORDER BY referral_id, clock_id
"""

# Write clocks as they are now.
SAVE = """
INSERT INTO clock (clock_id, referral_id, authority, name, subject_id, state, started_at,
                   counted_from, rag, due_at, warn_at, explanation, calendar_version, pauses,
                   pack_version, warned_at, stopped_at, breached_at, paused_since, fires_at,
                   compared_with, escalated)
SELECT clock_id, referral_id, authority, name, subject_id, state, started_at, counted_from, rag,
       due_at, warn_at, explanation, calendar_version, pauses, pack_version, warned_at, stopped_at,
       breached_at, paused_since, fires_at, compared_with, escalated
  FROM json_to_recordset($1::json)
       AS new (clock_id uuid, referral_id uuid, authority text, name text, subject_id uuid,
               state text, started_at timestamptz, counted_from timestamptz, rag text,
               due_at timestamptz, warn_at timestamptz, explanation text, calendar_version text,
               pauses jsonb, pack_version text, warned_at timestamptz, stopped_at timestamptz,
               breached_at timestamptz, paused_since timestamptz, fires_at timestamptz,
               compared_with text, escalated smallint)
    ON CONFLICT (clock_id) DO UPDATE
   SET state = excluded.state, counted_from = excluded.counted_from, rag = excluded.rag,
       due_at = excluded.due_at, warn_at = excluded.warn_at, explanation = excluded.explanation,
       calendar_version = excluded.calendar_version, pauses = excluded.pauses,
       pack_version = excluded.pack_version, warned_at = excluded.warned_at,
       stopped_at = excluded.stopped_at, breached_at = excluded.breached_at,
       paused_since = excluded.paused_since, fires_at = excluded.fires_at,
       compared_with = excluded.compared_with, escalated = excluded.escalated
"""

# Write what happened to clocks whose times stay as they are.
SAVE_STATES = """
UPDATE clock
   SET state = new.state, warned_at = new.warned_at, stopped_at = new.stopped_at,
       breached_at = new.breached_at, paused_since = new.paused_since, fires_at = new.fires_at,
       escalated = new.escalated, pack_version = new.pack_version,
       compared_with = new.compared_with
  FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],
              $6::timestamptz[], $7::timestamptz[], $8::smallint[], $9::text[], $10::text[])
       AS new (clock_id, state, warned_at, stopped_at, breached_at, paused_since, fires_at,
               escalated, pack_version, compared_with)
 WHERE clock.clock_id = new.clock_id
"""

# Referrals with a clock to look at, the longest due first, without those that failed and are to
# be tried again later: however many they are, they hold up nobody else. `failed`: it was tried.
DUE = """
SELECT referral_id, authority, min(fires_at) AS fires_at, bool_or(failed) AS failed
  FROM (SELECT clock.referral_id, clock.authority, fires_at,
               unfired.referral_id IS NOT NULL AS failed
          FROM clock LEFT JOIN unfired USING (referral_id)
         WHERE fires_at <= $1 AND (unfired.retry_at IS NULL OR unfired.retry_at <= $1)
         ORDER BY fires_at LIMIT $2) AS due
 GROUP BY referral_id, authority
 ORDER BY min(fires_at)
"""

# Put off referrals whose clocks could not be fired: a minute, doubled each time, half an hour at
# most.
PUT_OFF = """
INSERT INTO unfired (referral_id, authority, since, attempts, retry_at)
SELECT referral_id, authority, $3::timestamptz, 1, $3::timestamptz + interval '1 minute'
  FROM unnest($1::uuid[], $2::text[]) AS failed (referral_id, authority)
 ORDER BY referral_id
    ON CONFLICT (referral_id) DO UPDATE
   SET attempts = unfired.attempts + 1,
       retry_at = $3::timestamptz + least(interval '1 minute' * 2 ^ least(unfired.attempts, 5),
                             interval '30 minutes')
"""

# Forget that referrals were put off: their clocks were fired.
FIRED = "DELETE FROM unfired WHERE referral_id = ANY ($1)"

# Referrals with a due clock that could not be fired. One whose clocks were stopped meanwhile waits
# for nothing any more.
UNFIRED = """
SELECT referral_id, authority
  FROM unfired
 WHERE EXISTS (SELECT 1 FROM clock
                WHERE clock.referral_id = unfired.referral_id AND clock.fires_at <= $1)
 ORDER BY referral_id
"""

# Referrals of an authority with an open clock that was counted by a pack and a calendar that are no
# longer those in force, or was not compared with the pack in force.
OUTDATED = """
SELECT DISTINCT referral_id
  FROM clock
 WHERE authority = $1 AND state IN ('running', 'paused')
   AND (pack_version || ' ' || calendar_version <> ALL ($2)
        OR compared_with IS DISTINCT FROM $3)
 ORDER BY referral_id
"""

# What falls due by each of three moments, and what ran out and was not stopped, by clock and by who
# holds the referral: urgent work before other, the newest first.
FORECAST = f"""
SELECT (SELECT assignee FROM allocation
         WHERE allocation.referral_id = clock.referral_id AND allocation.state <> 'ended'
         ORDER BY urgent DESC, allocation_id DESC LIMIT 1) AS team,
       name,
       count(*) FILTER (WHERE due_at <= $2) AS overdue,
       count(*) FILTER (WHERE due_at > $2 AND due_at <= $3) AS hour,
       count(*) FILTER (WHERE due_at > $2 AND due_at <= $4) AS shift,
       count(*) FILTER (WHERE due_at > $2 AND due_at <= $5) AS day
  FROM clock
 WHERE authority = $1
   AND (state = 'running' AND due_at <= $6 OR state = 'breached' AND stopped_at IS NULL)
   AND NOT {hidden("clock.referral_id", 7)}
 GROUP BY 1, 2
"""

# An authority's clocks that are due by a time or overdue, with whoever has the referral.
DUE_BY = """
SELECT clock_id, referral_id, name, due_at, rag,
       (SELECT assignee FROM allocation
         WHERE allocation.referral_id = clock.referral_id AND allocation.state <> 'ended'
         ORDER BY urgent DESC, allocation_id DESC LIMIT 1) AS team
  FROM clock
 WHERE authority = $1
   AND (state = 'running' AND due_at <= $2 OR state = 'breached' AND stopped_at IS NULL)
 ORDER BY due_at
 LIMIT $3
"""

# A page of clocks for somebody of these authorities.
LIST = f"""
SELECT clock_id, referral_id, authority, name, subject_id, state, started_at, due_at, warn_at,
       explanation, warned_at, stopped_at, breached_at, rag
  FROM clock
 WHERE authority = ANY ($1)
   AND ($2::uuid IS NULL OR referral_id = $2)
   AND ($3::text IS NULL OR state = $3)
   AND clock_id > $4
   AND NOT {hidden("clock.referral_id", 6)}
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
        {
            "clock_id": clock.clock_id,
            "referral_id": referral_id,
            "authority": authority,
            "name": clock.name,
            "subject_id": clock.subject_id,
            "state": clock.state,
            "started_at": clock.times.started_at,
            "counted_from": clock.times.counted_from,
            "rag": clock.times.rag,
            "due_at": clock.times.due_at,
            "warn_at": clock.times.warn_at,
            "explanation": clock.times.explanation,
            "calendar_version": clock.times.calendar_version,
            "pauses": clock.times.pauses,
            "pack_version": clock.pack_version,
            "warned_at": clock.warned_at,
            "stopped_at": clock.stopped_at,
            "breached_at": clock.breached_at,
            "paused_since": clock.paused_since,
            "fires_at": clock.fires_at,
            "compared_with": clock.compared_with,
            "escalated": clock.escalated,
        }
        for referral_id, authority, clock in sorted(clocks, key=lambda one: one[2].clock_id)
    ]
    # As one text: an array for each column costs twice as much.
    await connection.execute(SAVE, to_json(rows).decode())


async def save_states(connection: Connection, clocks: Sequence[Clock]) -> None:
    """Write clocks whose times are as they were, in order of id. Their cases are held."""
    rows = [
        (
            clock.clock_id,
            clock.state,
            clock.warned_at,
            clock.stopped_at,
            clock.breached_at,
            clock.paused_since,
            clock.fires_at,
            clock.escalated,
            clock.pack_version,
            clock.compared_with,
        )
        for clock in sorted(clocks, key=lambda one: one.clock_id)
    ]
    await connection.execute(SAVE_STATES, *(list(column) for column in zip(*rows, strict=True)))


async def due(connection: Connection, now: datetime, limit: int) -> list[Mapping[str, Any]]:
    """Referrals with a clock to look at: id, authority, since when, and whether that failed."""
    return [dict(row) for row in await connection.fetch(DUE, now, limit)]


async def put_off(
    connection: Connection, failed: Mapping[UUID, str], fired: Sequence[UUID], now: datetime
) -> None:
    """Try those of `failed` (with their authorities) again later; forget that those of `fired`
    were put off."""
    if fired:
        await connection.execute(FIRED, sorted(fired))
    if failed:
        await connection.execute(PUT_OFF, list(failed), list(failed.values()), now)


async def unfired(connection: Connection, now: datetime) -> list[tuple[UUID, str]]:
    """Referrals, with their authorities, whose due clocks could not be fired."""
    return [tuple(row) for row in await connection.fetch(UNFIRED, now)]


async def forecast(
    connection: Connection,
    authority: str,
    now: datetime,
    hour: datetime,
    shift: datetime,
    day: datetime,
    seer: Seer,
) -> list[Mapping[str, Any]]:
    """Counts by team (None where nobody holds the referral) and clock."""
    rows = await connection.fetch(
        FORECAST, authority, now, hour, shift, day, max(shift, day), *parameters(seer)
    )
    return [dict(row) for row in rows]


async def due_by(
    connection: Connection, authority: str, until: datetime, most: int
) -> list[Mapping[str, Any]]:
    """Clocks that are due by a time, or overdue, the longest first."""
    return [dict(row) for row in await connection.fetch(DUE_BY, authority, until, most)]


async def outdated(
    connection: Connection, authority: str, *, counted_by: Sequence[str], compared_with: str
) -> list[UUID]:
    """Referrals, in order of id, with an open clock that is to be counted again. `counted_by` are
    the pairs, "version calendar", that are as they should be."""
    rows = await connection.fetch(OUTDATED, authority, list(counted_by), compared_with)
    return [row["referral_id"] for row in rows]


async def page(
    connection: Connection,
    authorities: Sequence[str],
    seer: Seer,
    *,
    referral_id: UUID | None,
    state: str | None,
    after: UUID,
    limit: int,
) -> list[Mapping[str, Any]]:
    """Clocks for somebody of these authorities, in order of id."""
    rows = await connection.fetch(
        LIST, list(authorities), referral_id, state, after, limit, *parameters(seer)
    )
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
        compared_with=row["compared_with"],
        escalated=row["escalated"],
        escalate_at=row["fires_at"] if row["state"] == State.BREACHED else None,
    )
