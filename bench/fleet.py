"""Five `frontdoor serve` processes with a database each on one PostgreSQL, that can be killed and
started one by one."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from psycopg import sql

from bench.gateway import gateway
from bench.house import NotReady
from bench.people import People
from bench.ports import free_ports
from bench.starters import ByModule, Child, Starter
from chassis.clock import system_clock
from chassis.database import Database
from chassis.database.embedded import EmbeddedPostgres
from chassis.identity import SOCIAL_WORKER, Caller, SigningKey, issue
from chassis.ids import new_id
from chassis.stream.kafka import topic
from chassis.vault import KeyRing, RingFile
from frontdoor.accounts import make_samples
from frontdoor.catalogue import SERVICES
from frontdoor.distributed.paths import ByPath
from frontdoor.distributed.settings import ServiceSettings
from frontdoor.distributed.site import ServiceSite
from frontdoor.installation import as_role, write_private
from policy.loading import load_packs

PATIENCE_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.02
PASSWORD = "a-role-of-a-fleet"
TOKEN_SECONDS = 8 * 3600


class Fleet:
    """The services of one installation in `folder`. `settings` are environment variables without
    their prefix, for all; a key such as "triage.SMTP_SECONDS" is for one."""

    def __init__(
        self,
        folder: Path,
        *,
        kafka: str,
        smtp: str | None = None,
        settings: Mapping[str, str] | None = None,
        starter: Starter | None = None,
    ) -> None:
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder / "postgres")
        self.kills = 0
        # A broker may be shared with others.
        self.topic = f"frontdoor.events.{secrets.token_hex(4)}"
        self._kafka = kafka
        self._smtp = smtp
        self._settings = dict(settings or {})
        ports = free_ports(2 * len(SERVICES))
        self.ports = dict(zip(SERVICES, ports[: len(SERVICES)], strict=True))
        self.internal_ports = dict(zip(SERVICES, ports[len(SERVICES) :], strict=True))
        self._starter = starter or ByModule()
        self._processes: dict[str, Child] = {}

    @property
    def urls(self) -> dict[str, str]:
        """The address of each service's port for the gateway."""
        return {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}

    @property
    def internal_urls(self) -> dict[str, str]:
        """The address of each service's port for other services."""
        return {name: f"http://127.0.0.1:{port}" for name, port in self.internal_ports.items()}

    def gateway(self) -> ByPath:
        """A gateway without a hop: a transport that sends each request to its service's port."""
        return ByPath(self.urls, httpx2.AsyncHTTPTransport(limits=httpx2.Limits(
            max_connections=None, max_keepalive_connections=200)))  # fmt: skip

    def caddy(self) -> AbstractContextManager[str]:
        """A real gateway in a process of its own; its URL."""
        (port,) = free_ports(1)
        return gateway(port, {name: f"127.0.0.1:{port}" for name, port in self.ports.items()})

    @property
    def credentials(self) -> Path:
        """Where `install` wrote how to sign in."""
        return self.folder / "credentials.json"

    def people(self, **said: Any) -> People:
        """Partners and staff of the installation (keywords as for People)."""
        return People(
            "http://fleet.internal",
            self.credentials,
            transport=self.gateway(),
            token_of=self.staff_token,
            **said,
        )

    @property
    def signing(self) -> SigningKey:
        """The key of intake, with which a test gives somebody a token."""
        return SigningKey.derived(self.ring("intake").token_key)

    def ring(self, name: str) -> KeyRing:
        """A service's key ring."""
        return RingFile(self._keyring(name)).load()

    def owner_url(self, name: str) -> str:
        """The URI of a service's database, as PostgreSQL's superuser."""
        return self.postgres.url(f"frontdoor_{name}")

    def log(self, name: str) -> str:
        """What a service wrote, over all its starts."""
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    def staff_token(self, role: str, authority: str) -> str:
        """An access token such as somebody who signed in has."""
        caller = Caller(
            kind="staff",
            id=new_id(),
            name=f"{role}.{authority}",
            authorities=frozenset({authority}),
            roles=frozenset({role}),
            qualifications=frozenset({SOCIAL_WORKER}),
        )
        return issue(self.signing, caller, system_clock(), TOKEN_SECONDS)

    async def install(self, like: Path | None = None) -> None:
        """Start PostgreSQL, make databases, key rings, sample accounts and the topic; or all but
        the topic as a copy of `like`, the folder of another fleet, installed and ended. Raises
        sqlalchemy.exc.DBAPIError, chassis.errors.Unavailable."""
        if like is not None:
            await asyncio.to_thread(
                subprocess.run, ["cp", "-a", f"{like}/.", str(self.folder)], check=True
            )
        superuser = await asyncio.to_thread(self.postgres.start)
        if like is None:
            await asyncio.to_thread(self._make_databases, superuser)
            await self._make_accounts()
        await topic.make(self.settings("intake"))

    def settings(self, name: str) -> ServiceSettings:
        """What one service's process is configured by, as it reads it."""
        said = self._said(name)
        return ServiceSettings.model_validate({key.lower(): value for key, value in said.items()})

    def _make_databases(self, superuser: str) -> None:
        with psycopg.connect(superuser, autocommit=True) as connection:
            for name in SERVICES:
                connection.execute(
                    sql.SQL("CREATE DATABASE {}").format(sql.Identifier(f"frontdoor_{name}"))
                )
        for name in SERVICES:
            RingFile(self._keyring(name)).load_or_create()
            ServiceSite(name, self.settings(name)).migrate(pre=True, post=True)

    async def _make_accounts(self) -> None:
        database = Database(self._own_url("intake"), schema="intake")
        await database.open()
        try:
            async with database.transaction() as connection:
                accounts = await make_samples(
                    connection, self.ring("intake").token_key, load_packs().authorities
                )
        finally:
            await database.close()
        write_private(self.credentials, accounts)

    def start(self, *names: str, **said: str) -> None:
        """Start the processes of some services, or of all, with more settings for this once;
        `ready` waits until they serve. A name such as "triage+" is a second process of triage."""
        for name in names or SERVICES:
            self._give_ports(name)
            more = {f"FRONTDOOR_{key}": value for key, value in said.items()}
            self._processes[name] = self._starter.start(
                ["serve", name.rstrip("+")],
                {**self.environment(name), **more},
                self.folder / f"{name}.log",
            )

    def _give_ports(self, name: str) -> None:
        if name not in self.ports:
            self.ports[name], self.internal_ports[name] = free_ports(2)

    async def ready(self, *names: str, within: float = PATIENCE_SECONDS) -> float:
        """Wait until /readyz of some services, or of all, says so; how many seconds that took.
        Raises NotReady."""
        began = time.perf_counter()
        async with httpx2.AsyncClient(timeout=5) as http:
            for name in names or SERVICES:
                while not await self._is_ready(http, name):
                    if self.ended(name) is not None:
                        raise NotReady(
                            f"{name} ended with {self.ended(name)}:\n{self.log(name)[-4000:]}"
                        )
                    if time.perf_counter() - began > within:
                        raise NotReady(
                            f"{name}: not ready within {within} s:\n{self.log(name)[-4000:]}"
                        )
                    await asyncio.sleep(LOOK_EVERY_SECONDS)
        return time.perf_counter() - began

    async def up(self) -> float:
        """Start all, and wait until they serve. Seconds that took."""
        began = time.perf_counter()
        self.start()
        await self.ready()
        return time.perf_counter() - began

    def pid(self, name: str) -> int:
        """The process of a service."""
        pid = self._processes[name].pid
        assert pid is not None
        return pid

    def ended(self, name: str) -> int | None:
        """A service's exit code, once its process has ended."""
        return self._processes[name].poll()

    def kill(self, name: str) -> None:
        """`kill -9` of one service."""
        process = self._processes[name]
        with suppress(ProcessLookupError):
            os.killpg(self.pid(name), signal.SIGKILL)
        process.wait()
        self.kills += 1

    def ask_to_stop(self, *names: str) -> None:
        """SIGTERM to some services, or to all."""
        for name in names or tuple(self._processes):
            self._processes[name].send_signal(signal.SIGTERM)

    async def stopped(self, *names: str, within: float = PATIENCE_SECONDS) -> dict[str, int]:
        """Wait until some services, or all, have ended; their exit codes. Raises TimeoutError."""
        waited = names or tuple(self._processes)
        async with asyncio.timeout(within):
            while any(self.ended(name) is None for name in waited):
                await asyncio.sleep(LOOK_EVERY_SECONDS)
        return {name: self.ended(name) or 0 for name in waited}

    def command(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `frontdoor` command as one service."""
        return self._starter.run(arguments, self.environment(name))

    def environment(self, name: str) -> dict[str, str]:
        """The environment of one service's process."""
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **{f"FRONTDOOR_{k}": v for k, v in self._said(name).items()}}

    def _said(self, name: str) -> dict[str, str]:
        service = name.rstrip("+")
        said = {
            "SERVICE": service,
            "DATABASE_URL": self._own_url(service),
            "MIGRATION_URL": self.owner_url(service),
            "KEYRING": str(self._keyring(service)),
            "PORT": str(self.ports[name]),
            "INTERNAL_PORT": str(self.internal_ports[name]),
            "KAFKA_BOOTSTRAP": self._kafka,
            "KAFKA_TOPIC": self.topic,
            # A process that takes another's place goes on with its partitions at once.
            "KAFKA_INSTANCE": name,
            "KAFKA_PARTITIONS": "4",
            "KAFKA_REPLICATION": "1",
            "KAFKA_MIN_INSYNC": "1",
            **{f"URL_{other.upper()}": self.internal_urls[other] for other in SERVICES},
        }
        if self._smtp:
            host, _, port = self._smtp.rpartition(":")
            said |= {"SMTP_HOST": host, "SMTP_PORT": port}
        for key, value in self._settings.items():
            whose, _, plain = key.rpartition(".")
            if whose in ("", name, service):
                said[plain] = value
        return said

    def clear(self) -> None:
        """End everything."""
        for name, process in self._processes.items():
            if process.poll() is None:
                self.kill(name)
        if self.postgres.running():
            self.postgres.kill()

    async def _is_ready(self, http: httpx2.AsyncClient, name: str) -> bool:
        try:
            return (await http.get(f"{self.urls[name]}/readyz")).status_code == 200
        except httpx2.TransportError:
            return False

    def _own_url(self, name: str) -> str:
        return as_role(self.owner_url(name), f"frontdoor_{name}", PASSWORD)

    def _keyring(self, name: str) -> Path:
        return self.folder / f"keyring-{name}.json"


@contextmanager
def fleet(
    *, kafka: str, smtp: str | None = None, starter: Starter | None = None, **settings: str
) -> Iterator[Fleet]:
    """A fleet in a new folder, not yet installed; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="frontdoor-fleet-"))
    # PostgreSQL runs as another user where we are root, and has to get to its data.
    folder.chmod(0o711)
    one = Fleet(folder, kafka=kafka, smtp=smtp, settings=settings, starter=starter)
    try:
        yield one
    finally:
        one.clear()
        shutil.rmtree(folder, ignore_errors=True)
