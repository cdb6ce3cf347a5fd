"""What is measured: processes that take referrals over HTTP, each on a database of its own in one
PostgreSQL server."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import psycopg
from psycopg import sql

from bench.house import HouseProcess
from bench.people import People
from bench.starters import ByModule
from chassis.clock import system_clock
from chassis.database.embedded import EmbeddedPostgres
from chassis.identity import SCOPES, Caller, SigningKey
from chassis.identity.tokens import issue
from chassis.vault import RingFile

# The commit times of rows are what latencies are measured by; it costs every subject the same.
EXTRA = {"track_commit_timestamp": "on", "max_connections": "300"}
# Clients send as much as they can. People are looked up apart (bench.matching).
MEASURED = {
    "REQUESTS_PER_MINUTE": "10000000",
    "SIGN_INS_PER_MINUTE": "1000",
    "LOOK_UP_PEOPLE": "false",
}

Tokens = Mapping[str, str]
"""Access tokens: of partners by client id, of managers by `manager.AUTHORITY`."""


class Subject(Protocol):
    """Something that carries referrals from a post to the message about the decision."""

    name: str
    edition: str

    def url(self, service: str) -> str:
        """Where `service` is asked over HTTP."""
        ...

    async def up(self) -> None:
        """Start, and wait until it serves."""
        ...

    async def tokens(self, clients: Sequence[str], authorities: Sequence[str]) -> Tokens:
        """Tokens for these partners and for a manager of each authority."""
        ...

    def database(self, service: str) -> str:
        """The URI of an owner of the database in which `service` keeps its tables."""
        ...

    def processes(self) -> Mapping[str, int]:
        """The process ids of its servers by name, PostgreSQL apart."""
        ...

    def postmaster(self) -> int:
        """The process id of its PostgreSQL."""
        ...

    def clear(self) -> None:
        """End everything."""
        ...


class Server:
    """One PostgreSQL for a whole run, with the settings that the house gives its own."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self.postgres = postgres

    def start(self) -> None:
        self.postgres.start()
        self.set(**EXTRA)

    def set(self, **settings: str) -> None:
        """Change settings, and start again with them. "default" is what the house has."""
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as connection:
            for name, value in settings.items():
                change = sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(name))
                if value != "default":
                    change = sql.SQL("ALTER SYSTEM SET {} = {}").format(
                        sql.Identifier(name), sql.Literal(value)
                    )
                connection.execute(change)
        self.postgres.stop()
        self.postgres.start()

    def fresh(self, name: str) -> str:
        """The owner's URI of a new, empty database."""
        known = f"{name}_{secrets.token_hex(3)}"
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(known)))
        return self.postgres.url(known)

    def drop(self, url: str) -> None:
        """Forget a database of `fresh`, whoever is still connected to it."""
        name = urlsplit(url).path.removeprefix("/")
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
            connection.execute("CHECKPOINT")

    @property
    def pid(self) -> int:
        """The postmaster's."""
        return int((self.postgres.data / "postmaster.pid").read_text().split()[0])

    def clear(self) -> None:
        """End it as a crash would; its folder goes anyway."""
        if self.postgres.running():
            self.postgres.kill()


class OneProcess:
    """A subject that is one process on one database: the single-machine edition, our services
    unbatched, or a peer that is started by the same command line."""

    edition = "single"

    def __init__(
        self,
        name: str,
        server: Server,
        *,
        module: str,
        smtp: str | None,
        settings: Mapping[str, str] | None = None,
        kept: "Kept | None" = None,
    ) -> None:
        self.name = name
        self._server = server
        self._owned = kept is None
        self._url = kept.url if kept else server.fresh(name)
        self.folder = kept.folder if kept else Path(tempfile.mkdtemp(prefix=f"frontdoor-{name}-"))
        self.process = HouseProcess(
            self.folder,
            smtp=smtp,
            settings={**MEASURED, **(settings or {})},
            database=self._url,
            starter=ByModule(module),
        )

    def url(self, service: str) -> str:
        return self.process.url

    async def up(self) -> None:
        await self.process.up()

    async def tokens(self, clients: Sequence[str], authorities: Sequence[str]) -> Tokens:
        if not self.process.credentials.exists():
            return self._issued(clients, authorities)
        async with People(self.process.url, self.process.credentials) as people:
            found = {client: await people.partner(client) for client in clients}
            for authority in authorities:
                found[f"manager.{authority}"] = await people.person("manager", authority)
        return {
            name: headers["Authorization"].removeprefix("Bearer ")
            for name, headers in found.items()
        }

    def _issued(self, clients: Sequence[str], authorities: Sequence[str]) -> Tokens:
        """For a peer, which has no accounts: tokens that its key signs."""
        key = SigningKey.derived(RingFile(self.folder / "keyring.json").load_or_create().token_key)
        callers = [
            Caller("partner", uuid4(), client, uuid4(), scopes=frozenset(SCOPES))
            for client in clients
        ]
        callers += [
            Caller("staff", uuid4(), f"manager.{authority}", authorities=frozenset({authority}),
                   roles=frozenset({"manager"}), qualifications=frozenset({"social_worker"}))
            for authority in authorities
        ]  # fmt: skip
        return {one.name: issue(key, one, system_clock(), 7200) for one in callers}

    def database(self, service: str) -> str:
        return self._url

    def processes(self) -> Mapping[str, int]:
        return {"server": self.process.pid}

    def postmaster(self) -> int:
        return self._server.pid

    def clear(self) -> None:
        self.process.clear()
        if self._owned:
            self._server.drop(self._url)
            shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """A database and the folder with its keys that outlive a subject."""

    url: str
    folder: Path


def named(name: str, server: Server, *, smtp: str | None, kept: Kept | None = None) -> OneProcess:
    """A subject by its name."""
    modules = {
        "frontdoor": "frontdoor",
        "plain": "bench.plain",
        "dbos": "bench.peers.dbos_app",
        "intake": "bench.alone",
        "bare": "bench.bare",
        "form_only": "bench.peers.form_only",
    }
    return OneProcess(name, server, module=modules[name], smtp=smtp, kept=kept)


@contextmanager
def one_server() -> Iterator[Server]:
    """A PostgreSQL server for a run; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="frontdoor-bench-"))
    folder.chmod(0o711)
    server = Server(EmbeddedPostgres(folder / "postgres"))
    try:
        server.start()
        yield server
    finally:
        server.clear()
        shutil.rmtree(folder, ignore_errors=True)


class Spent:
    """CPU seconds that processes have spent, those that ended among them."""

    def __init__(self, processes: Mapping[str, int], postmaster: int) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in processes.items()}
        self._postmaster = psutil.Process(postmaster)
        self._left_out: dict[int, float] = {}

    def leave_out(self, backend: int) -> None:
        """Do not count what one of PostgreSQL's processes spends: it serves the observer."""
        self._left_out[backend] = 0.0

    def seconds(self) -> dict[str, float]:
        """By process; PostgreSQL's together."""
        found = {name: _with_children(one) for name, one in self._processes.items()}
        server = _with_children(self._postmaster)
        for backend in self._left_out:
            times = psutil.Process(backend).cpu_times()
            server -= times.user + times.system
        return {**found, "postgresql": server}

    def memory(self) -> dict[str, int]:
        """Megabytes, shared pages counted once (PSS)."""
        found = {name: _memory([one]) for name, one in self._processes.items()}
        family = [self._postmaster, *self._postmaster.children(recursive=True)]
        return {**found, "postgresql": _memory(family)}


def _with_children(process: psutil.Process) -> float:
    own = process.cpu_times()
    total: float = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def _memory(processes: Sequence[psutil.Process]) -> int:
    total = 0
    for one in processes:
        try:
            total += one.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return round(total / 2**20)
