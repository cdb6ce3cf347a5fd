"""A single-machine installation in a folder: its PostgreSQL, its keys and its passwords."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from chassis.database.embedded import EmbeddedPostgres
from chassis.database.migrate import migrate
from chassis.database.schemas import Phase
from chassis.settings import Settings
from chassis.vault import KeyRing, RingFile, key_service_of
from frontdoor.catalogue import SERVICES, schemas

DATABASE = "frontdoor"
CALENDAR = "calendar.yaml"


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder and its database. `server` is None where `--database` names one of the council's."""

    folder: Path
    server: EmbeddedPostgres | None
    database_url: str | None

    @classmethod
    def at(cls, folder: Path, database_url: str | None = None) -> "Installation":
        """The installation in `folder`, which is made for its owner alone when it is missing."""
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        server = None if database_url else EmbeddedPostgres(folder / "postgres")
        return cls(folder, server, database_url)

    def start(self) -> dict[str, str]:
        """Start PostgreSQL, bring its schema up to date, and return each service's URL.

        Raises subprocess.CalledProcessError when the server won't start, and
        sqlalchemy.exc.DBAPIError when a schema change fails.
        """
        owner = self.owner_url()
        migrate(owner, schemas(self._passwords()), ("pre", "post"))
        return self._urls(owner)

    def migrate(self, *, pre: bool, post: bool) -> list[str]:
        """Change the schema; the revisions that were applied."""
        phases: list[Phase] = [*(["pre"] if pre else []), *(["post"] if post else [])]  # type: ignore[list-item]
        return migrate(self.owner_url(), schemas(self._passwords()), phases)

    def owner_url(self) -> str:
        """The URI of the database's owner; PostgreSQL is started where it is ours."""
        if self.server is None:
            assert self.database_url is not None
            return self.database_url
        with psycopg.connect(self.server.start(), autocommit=True) as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)
            ).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        return self.server.url(DATABASE)

    def service_urls(self) -> dict[str, str]:
        """The URI of each service, under its own role."""
        return self._urls(self.owner_url())

    def owner_urls(self) -> dict[str, str]:
        """Where each service's tables are, as their owner."""
        owner = self.owner_url()
        return dict.fromkeys(SERVICES, owner)

    def stop(self) -> None:
        """Stop PostgreSQL where it is ours."""
        if self.server is not None:
            self.server.stop()

    @contextmanager
    def started(self) -> Iterator[None]:
        """For a command: leaves PostgreSQL running if it was, and stopped if it was not."""
        running = self.server is not None and self.server.running()
        try:
            yield
        finally:
            if not running:
                self.stop()

    def ring(self) -> KeyRing:
        """The key ring, made at first use. Back it up apart from the database."""
        return self.ring_file().load_or_create()

    def ring_file(self) -> RingFile:
        """Where the key ring is; wrapped where the settings name a key service."""
        return RingFile(self.folder / "keyring.json", key_service_of(Settings()))

    @property
    def erasures(self) -> Path:
        """The list of what was erased. Back it up beside the key ring: a database that is restored
        without it holds again what was erased since."""
        return self.folder / "erasures.jsonl"

    @property
    def credentials(self) -> Path:
        """Where the first start writes how to sign in."""
        return self.folder / "credentials.json"

    def _urls(self, owner: str) -> dict[str, str]:
        return {
            name: as_role(owner, f"frontdoor_{name}", password)
            for name, password in self._passwords().items()
        }

    def _passwords(self) -> dict[str, str]:
        path = self.folder / "database.json"
        if not path.exists():
            write_private(path, {name: secrets.token_urlsafe(24) for name in SERVICES})
        known: dict[str, str] = json.loads(path.read_text())
        return {name: known[name] for name in SERVICES}


def as_role(url: str, role: str, password: str) -> str:
    """`url` for another role."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = urlencode(parse_qsl(parts.query), quote_via=quote)
    return urlunsplit(
        (parts.scheme, f"{role}:{quote(password, safe='')}@{host}", parts.path, query, "")
    )


def write_private(path: Path, content: Mapping[str, object]) -> None:
    """Write JSON that its owner alone can read, whole or not at all."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
