"""A PostgreSQL server for tests, and a fresh, migrated database for each test that wants one.

One server for each pytest worker: it starts and migrates in 1.2 seconds, and workers then share
nothing. A fresh database is a copy of a template, 0.04 seconds.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from chassis.database.embedded import EmbeddedPostgres
from chassis.database.migrate import LOCK, migrate
from chassis.database.schemas import ServiceSchema

SERVICES = Path(__file__).parents[1] / "services"
NAMES = ("intake", "triage", "allocation", "notifications", "console")

# A server outside the tests, by its superuser's URI.
GIVEN = "FRONTDOOR_TEST_DATABASE"
ROLE_PASSWORD = "a-role-in-a-test"

# What a test writes need not survive a power cut. It must survive a killed server, so commits
# stay synchronous.
HASTE = ("fsync", "full_page_writes")

# Tables that hold what was said since the migrations, but for those by which a running house counts.
_TABLES = """
SELECT format('%I.%I', schemaname, tablename)
  FROM pg_tables
 WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
   AND tablename NOT IN ('cursor', 'reference_counter')
   AND tablename !~ '^migration_'
"""

# A query that was cancelled between two of its messages keeps its locks with its connection.
_CUT_OFF = """
SELECT pg_terminate_backend(pid)
  FROM pg_stat_activity
 WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
"""

_numbers = count(1)


def schemas() -> tuple[ServiceSchema, ...]:
    """Every service's schema, all with one password: roles belong to the whole server."""
    return tuple(
        ServiceSchema(name, SERVICES / name / "migrations", ROLE_PASSWORD) for name in NAMES
    )


@dataclass(frozen=True, slots=True)
class Databases:
    """One database. `owner` is its owner's URI, `urls` each service's under its own role."""

    name: str
    owner: str
    urls: Mapping[str, str]

    def execute(self, statement: str) -> None:
        """Run statements as the owner."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute(statement.encode())

    def forget(self) -> None:
        """Empty every table but those of migrations. Cursors stand where they stood: a log's positions
        go on, and so do the numbers of references."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute(_CUT_OFF)
            tables = [row[0] for row in connection.execute(_TABLES).fetchall()]
            asked = " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables
            )
            full = [row[0] for row in connection.execute(asked.encode()).fetchall()]
            if full:
                # An audit trail lets nobody take anything away, not even its owner; and without
                # triggers it does not matter what stands on what.
                connection.execute("SET session_replication_role = replica")
                # A few rows are gone sooner than files are made anew.
                connection.execute("".join(f"DELETE FROM {table};" for table in full).encode())


class Server:
    """Makes databases on a running server. `url` is the superuser's URI of `postgres`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._template = self._name("template")
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self._template)))
        with psycopg.connect(url, autocommit=True) as turn:
            # Workers may share a given server, and with it the roles.
            turn.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            migrate(_in(url, self._template), schemas(), ("pre", "post"))

    @contextmanager
    def fresh(self) -> Iterator[Databases]:
        """A migrated database with nothing in it, dropped afterwards."""
        with self._made(
            sql.SQL("TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(self._template))
        ) as database:
            yield database

    @contextmanager
    def empty(self) -> Iterator[Databases]:
        """A database without any schema."""
        with self._made(sql.SQL("")) as database:
            yield database

    def close(self) -> None:
        """Drop the template."""
        self._drop(self._template)

    @contextmanager
    def _made(self, how: sql.Composable) -> Iterator[Databases]:
        name = self._name("test")
        self._execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), how))
        owner = _in(self.url, name)
        try:
            yield Databases(name, owner, {one: _as(owner, f"frontdoor_{one}") for one in NAMES})
        finally:
            self._drop(name)

    def _name(self, what: str) -> str:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        return f"frontdoor_{what}_{worker}_{os.getpid()}_{next(_numbers)}"

    def _drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def embedded() -> Iterator[EmbeddedPostgres]:
    """A server of its own, running, for tests that stop and start it too."""
    # PostgreSQL runs as another user, who may not enter pytest's own folders.
    with tempfile.TemporaryDirectory(prefix="frontdoor-") as folder:
        Path(folder).chmod(0o755)
        postgres = EmbeddedPostgres(Path(folder))
        url = postgres.start()
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                for setting in HASTE:
                    connection.execute(
                        sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting))
                    )
                connection.execute("SELECT pg_reload_conf()")
            yield postgres
        finally:
            postgres.stop()


@contextmanager
def server() -> Iterator[Server]:
    """The given server, or one of our own."""
    given = os.environ.get(GIVEN)
    if given:
        made = Server(given)
        try:
            yield made
        finally:
            made.close()
        return
    with embedded() as postgres:
        yield Server(postgres.url("postgres"))


def _in(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _as(url: str, role: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{ROLE_PASSWORD}@{place}"))
