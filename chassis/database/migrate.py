"""Schema changes: Alembic revisions of raw SQL, the chassis's in each service's schema and each
service's own, in two runs. `pre` comes before new code is started and never takes anything away;
`post` comes when no old code runs any more.

Each service has a schema, and a role that owns nothing and can do no more than its work needs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection as SchemaConnection
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

Phase = Literal["pre", "post"]

CHASSIS = Path(__file__).parent / "migrations"
STREAM_SCHEMA = "event_stream"
VERSIONS = "migration_service_pre"
LOCK = 7_301_550_002
LOCK_TIMEOUT = "5s"

# Rows of these tables are evidence: a service's role adds to them and never changes one.
APPEND_ONLY = ("audit_entry", "audit_seal")


@dataclass(frozen=True, slots=True)
class ServiceSchema:
    """One service's schema and the folder of its migrations. The role that the service runs under
    is made with `password` where the owner may make roles; otherwise it has to be there."""

    name: str
    migrations: Path
    password: str | None = None
    runs_as: str | None = None

    @property
    def role(self) -> str:
        """The PostgreSQL role that the service runs under."""
        return self.runs_as or f"frontdoor_{self.name}"


def migrate(url: str, services: Iterable[ServiceSchema], phases: Iterable[Phase]) -> list[str]:
    """Bring the database at `url` (its owner's URI) up to date. Returns the revisions applied.

    Safe to run from several places at once: one runs, the others wait. Raises
    sqlalchemy.exc.DBAPIError when a change fails; what came before it stays.
    """
    services = tuple(services)
    applied: list[str] = []
    engine = create_engine(_driver_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        for phase in phases:
            applied += _run(connection, STREAM_SCHEMA, CHASSIS / "event_stream", phase)
            for service in services:
                applied += _run(connection, service.name, CHASSIS / "service", phase, "chassis")
                applied += _run(connection, service.name, service.migrations, phase)
        # Still under the lock: PostgreSQL refuses two changes of one role or right at once.
        with psycopg.connect(url, autocommit=True) as grants:
            for service in services:
                _grant(grants, service)
    return applied


def pending(url: str, services: Mapping[str, Path], phase: Phase) -> list[str]:
    """The names of schemas that still lack a revision of `phase`."""
    missing = []
    engine = create_engine(_driver_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        for name, folder in services.items():
            for scripts, owner in ((CHASSIS / "service", "chassis"), (folder, "service")):
                heads = set(_scripts(scripts, phase).get_heads())
                if heads - set(_context(connection, name, phase, owner).get_current_heads()):
                    missing.append(name)
    return missing


def _run(
    connection: SchemaConnection, schema: str, folder: Path, phase: Phase, owner: str = "service"
) -> list[str]:
    scripts = _scripts(folder, phase)
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    connection.execute(text(f'SET search_path = "{schema}"'))
    connection.commit()
    applied: list[str] = []

    def steps(heads: Any, context: MigrationContext) -> list[Any]:
        found = list(scripts._upgrade_revs("heads", heads))  # noqa: SLF001
        applied.extend(f"{schema}: {step.revision.revision}" for step in found)
        return found

    context = _context(connection, schema, phase, owner, steps)
    with context.begin_transaction(), Operations.context(context):
        context.run_migrations()
    connection.commit()
    return applied


def _scripts(folder: Path, phase: Phase) -> ScriptDirectory:
    return ScriptDirectory(str(folder), version_locations=[str(folder / phase)])


def _context(
    connection: SchemaConnection,
    schema: str,
    phase: Phase,
    owner: str,
    steps: Any = None,
) -> MigrationContext:
    return MigrationContext.configure(
        connection,
        opts={
            "fn": steps,
            "version_table": f"migration_{owner}_{phase}",
            "version_table_schema": schema,
            "transactional_ddl": True,
        },
    )


def _grant(connection: psycopg.Connection, service: ServiceSchema) -> None:
    role, schema = sql.Identifier(service.role), sql.Identifier(service.name)
    stream = sql.Identifier(STREAM_SCHEMA)
    me = connection.execute(
        "SELECT rolname, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert me is not None
    if me[0] == service.role:
        # The owner needs no rights given.
        return
    statements = []
    if me[1] and service.password is not None:
        exists = connection.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s", (service.role,)
        ).fetchone()
        verb = sql.SQL("ALTER" if exists else "CREATE")
        password = sql.Literal(service.password)
        statements.append(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, role, password))
    statements += [
        sql.SQL("GRANT USAGE ON SCHEMA {}, {} TO {}").format(schema, stream, role),
        sql.SQL("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, role),
        sql.SQL("GRANT SELECT, INSERT ON {}.event_log TO {}").format(stream, role),
        sql.SQL("GRANT SELECT ON {}.source_epoch, {}.{} TO {}").format(
            stream, stream, sql.Identifier(VERSIONS), role
        ),
    ]
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s", (service.name,)
    ).fetchall()
    for (table,) in tables:
        if table not in APPEND_ONLY and not table.startswith("migration_"):
            statements.append(
                sql.SQL("GRANT UPDATE, DELETE ON {}.{} TO {}").format(
                    schema, sql.Identifier(table), role
                )
            )
    for statement in statements:
        connection.execute(statement)


def _driver_url(url: str) -> str:
    scheme, rest = url.split("://", 1)
    del scheme
    return f"postgresql+psycopg://{rest}"
