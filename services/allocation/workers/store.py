"""Every query about workers, their absences and the duty rota."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from chassis.database import Connection
from services.allocation.workers.domain import Absence, Shift, Worker

# What every query about workers reads.
_COLUMNS = """
SELECT worker_id, authority, code, name, agency, team, skills, localities, wards, school_clusters,
       hours, leads_up_to, staff_id, organisation_id, version, registered_on,
       left_on
  FROM worker
"""

# One worker of some authorities, held until the transaction ends; work may be given to them
# meanwhile (a plain FOR UPDATE would wait for that, and that for the register: a deadlock).
LOCK = f"{_COLUMNS} WHERE worker_id = $1 AND authority = ANY ($2) FOR NO KEY UPDATE"

# One worker of some authorities.
READ = f"{_COLUMNS} WHERE worker_id = $1 AND authority = ANY ($2)"

# Workers by what their authority calls them, held until the transaction ends.
LOCK_BY_CODE = (
    f"{_COLUMNS} WHERE authority = $1 AND code = ANY ($2) ORDER BY worker_id FOR NO KEY UPDATE"
)

# A page of the register.
LIST = f"""
{_COLUMNS}
 WHERE authority = ANY ($1) AND ($2::text IS NULL OR team = $2) AND left_on IS NULL
   AND worker_id > $3
 ORDER BY worker_id
 LIMIT $4
"""

# The teams in which somebody stands, with who stands in them.
TEAMS = """
SELECT mate.authority, mate.team, array_agg(mate.worker_id ORDER BY mate.worker_id) AS workers
  FROM worker AS me JOIN worker AS mate ON mate.authority = me.authority AND mate.team = me.team
 WHERE me.staff_id = $1 AND me.authority = ANY ($2)
   AND me.left_on IS NULL AND mate.left_on IS NULL
 GROUP BY mate.authority, mate.team
 ORDER BY mate.authority, mate.team
"""

# Write workers as they are now. They travel as one JSON text, because a list of lists is no array.
SAVE = """
INSERT INTO worker (worker_id, authority, code, name, agency, team, skills, localities, wards,
                    school_clusters, hours, leads_up_to, staff_id, organisation_id, version,
                    registered_on, left_on)
SELECT worker_id, authority, code, name, agency, team, skills, localities, wards,
       school_clusters, hours, leads_up_to, staff_id, organisation_id, version, registered_on,
       left_on
  FROM json_populate_recordset(NULL::worker, $1::json)
 ORDER BY worker_id
    ON CONFLICT (worker_id) DO UPDATE
   SET name = excluded.name, agency = excluded.agency, team = excluded.team,
       skills = excluded.skills, localities = excluded.localities, wards = excluded.wards,
       school_clusters = excluded.school_clusters, hours = excluded.hours,
       leads_up_to = excluded.leads_up_to, staff_id = excluded.staff_id,
       organisation_id = excluded.organisation_id, version = excluded.version,
       registered_on = excluded.registered_on, left_on = excluded.left_on
"""

# Note that somebody is away; the same first day again moves the last.
SAVE_ABSENCE = """
INSERT INTO absence (worker_id, authority, first_day, last_day) VALUES ($1, $2, $3, $4)
    ON CONFLICT (worker_id, first_day) DO UPDATE SET last_day = excluded.last_day
"""

# Take an absence back.
DROP_ABSENCE = "DELETE FROM absence WHERE worker_id = $1 AND first_day = $2"

# The absences of some workers that end on a day or later.
READ_ABSENCES = """
SELECT worker_id, first_day, last_day FROM absence
 WHERE worker_id = ANY ($1) AND last_day >= $2
 ORDER BY worker_id, first_day
"""

# Note a turn of duty; the same beginning again changes the rest.
SAVE_SHIFT = """
INSERT INTO shift (worker_id, authority, team, on_call, starts_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (worker_id, starts_at) DO UPDATE
   SET team = excluded.team, on_call = excluded.on_call, ends_at = excluded.ends_at
"""

# Take a turn of duty back.
DROP_SHIFT = "DELETE FROM shift WHERE worker_id = $1 AND starts_at = $2"

# Who is on duty between two times, in the order in which they begin. No shift is longer than a day.
ON_DUTY = """
SELECT shift.authority, shift.team, shift.on_call, shift.starts_at, shift.ends_at,
       worker.worker_id, worker.name
  FROM shift JOIN worker USING (worker_id)
 WHERE shift.authority = ANY ($1) AND shift.ends_at > $2
   AND shift.starts_at > $2 - interval '24 hours' AND shift.starts_at < $3
 ORDER BY shift.starts_at, shift.authority, shift.team, worker.worker_id
 LIMIT 1000
"""

# Workers with an account, by their id or what their authority calls them.
WITH_ACCOUNT = """
SELECT worker_id, code, staff_id FROM worker
 WHERE authority = $1 AND (worker_id::text = ANY ($2) OR code = ANY ($2))
   AND left_on IS NULL AND staff_id IS NOT NULL
"""

# What some workers are called.
NAMES = "SELECT worker_id, name FROM worker WHERE worker_id = ANY ($1)"

_OF_WORKER = tuple(part.name for part in fields(Worker))
_LISTS = ("skills", "localities", "wards", "school_clusters")


async def read(
    connection: Connection, worker_id: UUID, authorities: Sequence[str], *, lock: bool = False
) -> Worker | None:
    """One worker of these authorities."""
    row = await connection.fetchrow(LOCK if lock else READ, worker_id, list(authorities))
    return worker_of(row) if row else None


async def teams_of(
    connection: Connection, staff_id: UUID, authorities: Sequence[str]
) -> list[Mapping[str, Any]]:
    """The teams of these authorities in which somebody stands, with the workers of each."""
    rows = await connection.fetch(TEAMS, staff_id, list(authorities))
    return [dict(row) for row in rows]


async def by_code(
    connection: Connection, authority: str, codes: Sequence[str]
) -> dict[str, Worker]:
    """Workers by what their authority calls them, those included who have left."""
    rows = await connection.fetch(LOCK_BY_CODE, authority, list(codes))
    return {row["code"]: worker_of(row) for row in rows}


async def page(
    connection: Connection,
    authorities: Sequence[str],
    *,
    team: str | None,
    after: UUID,
    limit: int,
) -> list[Worker]:
    """Those on the register, in order of id."""
    rows = await connection.fetch(LIST, list(authorities), team, after, limit)
    return [worker_of(row) for row in rows]


async def names(connection: Connection, worker_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What some workers are called."""
    rows = await connection.fetch(NAMES, list(worker_ids))
    return {row["worker_id"]: row["name"] for row in rows}


async def save(connection: Connection, workers: Sequence[Worker]) -> None:
    """Write workers. Raises asyncpg.UniqueViolationError for a code that somebody took meanwhile."""
    rows = [{name: getattr(one, name) for name in _OF_WORKER} for one in workers]
    if rows:
        await connection.execute(SAVE, to_json(rows).decode())


async def save_absence(connection: Connection, authority: str, away: Absence) -> None:
    """Note that somebody is away."""
    await connection.execute(SAVE_ABSENCE, away.worker_id, authority, away.first_day, away.last_day)


async def drop_absence(connection: Connection, worker_id: UUID, first_day: date) -> bool:
    """Take an absence back; whether there was one."""
    done: str = await connection.execute(DROP_ABSENCE, worker_id, first_day)
    return done != "DELETE 0"


async def absences(
    connection: Connection, worker_ids: Sequence[UUID], day: date
) -> dict[UUID, list[Absence]]:
    """The absences of these workers that end on `day` or later."""
    found: dict[UUID, list[Absence]] = {}
    for row in await connection.fetch(READ_ABSENCES, list(worker_ids), day):
        found.setdefault(row["worker_id"], []).append(Absence(*row))
    return found


async def save_shift(connection: Connection, authority: str, turn: Shift) -> None:
    """Note a turn of duty."""
    await connection.execute(
        SAVE_SHIFT,
        turn.worker_id,
        authority,
        turn.team,
        turn.on_call,
        turn.starts_at,
        turn.ends_at,
    )


async def drop_shift(connection: Connection, worker_id: UUID, starts_at: datetime) -> bool:
    """Take a turn of duty back; whether there was one."""
    done: str = await connection.execute(DROP_SHIFT, worker_id, starts_at)
    return done != "DELETE 0"


async def on_duty(
    connection: Connection, authorities: Sequence[str], start: datetime, end: datetime
) -> list[Mapping[str, Any]]:
    """Who is on duty at some time between `start` and `end`."""
    return [dict(row) for row in await connection.fetch(ON_DUTY, list(authorities), start, end)]


def worker_of(row: asyncpg.Record) -> Worker:
    found = {name: row[name] for name in _OF_WORKER}
    return Worker(**{**found, **{name: tuple(found[name]) for name in _LISTS}})


async def with_account(
    connection: Connection, authority: str, asked: Sequence[str]
) -> dict[str, UUID]:
    """The accounts of an authority's workers, by the id or code that was asked."""
    rows = await connection.fetch(WITH_ACCOUNT, authority, list(asked))
    return {
        name: row["staff_id"]
        for row in rows
        for name in (str(row["worker_id"]), row["code"])
        if name in asked
    }
