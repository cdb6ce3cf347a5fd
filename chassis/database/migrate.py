"""Schema changes: revisions of raw SQL, the chassis's in each service's schema and each service's
own, in two runs. `pre` comes before new code is started and never takes anything away; `post`
comes when no old code runs any more.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from chassis.database.rights import grant
from chassis.database.schemas import (
    CHASSIS,
    STREAM_SCHEMA,
    Part,
    Phase,
    ServiceSchema,
    parts,
    revisions,
)

LOCK = 7_301_550_002


def migrate(url: str, services: Iterable[ServiceSchema], phases: Iterable[Phase]) -> list[str]:
    """Bring the database at `url` (its owner's URI) up to date. Returns the revisions applied.

    Safe to run from several places at once: one runs, the others wait. Raises
    sqlalchemy.exc.DBAPIError when a change fails; what came before it stays.
    """
    services = tuple(services)
    log = Part(STREAM_SCHEMA, CHASSIS / "event_stream", "service")
    every = (log, *(part for service in services for part in parts(service)))
    applied: list[str] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        for phase in phases:
            for part in every:
                applied += _run(connection, url, part, phase)
        # Still under the lock: PostgreSQL refuses two changes of one role or right at once.
        for service in services:
            grant(connection, service)
    return applied


def pending(url: str, services: Mapping[str, Path], phase: Phase) -> list[str]:
    """The names of schemas that still lack a revision of `phase`, once for each part that does."""
    with psycopg.connect(url, autocommit=True) as connection:
        return [
            name
            for name, folder in services.items()
            for part in parts(ServiceSchema(name, folder))
            if _lacks(connection, part, phase)
        ]


def _run(connection: psycopg.Connection, url: str, part: Part, phase: Phase) -> list[str]:
    if not _lacks(connection, part, phase):
        return []
    from chassis.database.applying import apply

    connection.execute(
        sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(part.schema))
    )
    return apply(url, part, phase)


def _lacks(connection: psycopg.Connection, part: Part, phase: Phase) -> bool:
    heads = revisions(part.folder, phase).heads
    table = sql.Identifier(part.schema, part.table(phase))
    there = connection.execute("SELECT to_regclass(%s)", (table.as_string(connection),)).fetchone()
    if there is None or there[0] is None:
        return bool(heads)
    rows = connection.execute(sql.SQL("SELECT version_num FROM {}").format(table)).fetchall()
    return bool(heads - {version for (version,) in rows})
