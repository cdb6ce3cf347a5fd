"""All services in one process: the single-machine edition without its PostgreSQL and its web
server. Tests run this; `frontdoor up` puts the rest around it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from chassis.clock import Clock, system_clock
from chassis.database import Database
from chassis.database.migrate import ServiceSchema
from chassis.http import create_app, health
from chassis.identity import SigningKey, Verifier, service_token
from chassis.ids import new_id
from chassis.running import Loop, Resources, Running, keep_running, loops_of
from chassis.settings import Settings
from chassis.stream import store as stream_store
from chassis.stream.bell import Bell
from chassis.stream.port import EventSource
from chassis.stream.postgres import PostgresSource
from chassis.vault import KeyRing
from chassis.watchdog import Watchdog
from frontdoor.watching import watched
from policy.loading import PackSet
from services.allocation import bootstrap as allocation
from services.console import bootstrap as console
from services.intake import bootstrap as intake
from services.notifications import bootstrap as notifications
from services.triage import bootstrap as triage

BUILDERS = {
    "intake": intake.build,
    "triage": triage.build,
    "allocation": allocation.build,
    "notifications": notifications.build,
    "console": console.build,
}
SERVICES = tuple(BUILDERS)
FOLDER = Path(__file__).parents[1] / "services"
INSIDE = "http://house.internal"


def schemas(passwords: Mapping[str, str]) -> tuple[ServiceSchema, ...]:
    """The schema of each service, for migration, with its role's password."""
    return tuple(
        ServiceSchema(name, FOLDER / name / "migrations", passwords[name]) for name in SERVICES
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """What a house is built from. `urls`: each service's own way into the database."""

    settings: Settings
    urls: Mapping[str, str]
    policy: PackSet
    ring: KeyRing
    clock: Clock = system_clock
    source_kind: type[PostgresSource] = PostgresSource


class House:
    """The services of one process, wired to each other."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.bell = Bell()
        self.signing = SigningKey.derived(parts.ring.token_key)
        self.verifier = Verifier(self.signing.public(), parts.clock)
        self.databases: dict[str, Database] = {}
        self.running: dict[str, Running] = {}
        self.reads = _Reads(self, "watchdog").client()
        self._inside_app: FastAPI | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def build_unconnected(self) -> dict[str, Running]:
        """Every service wired to databases that are never opened, for its routes alone."""
        return {
            name: build(self._resources(name, Database("", schema=name), name))
            for name, build in BUILDERS.items()
        }

    async def open(self) -> None:
        """Wire every service. Starts nothing. Raises DatabaseAway."""
        for name, build in BUILDERS.items():
            database = Database(self.parts.urls[name], schema=name)
            await database.open()
            self.databases[name] = database
            async with database.connection() as connection:
                epoch = await stream_store.epoch(connection, name)
            self.running[name] = build(self._resources(name, database, f"{name}/{epoch}"))
        self._inside_app = create_app(
            "inside",
            [
                router
                for running in self.running.values()
                for router in (*running.routers, *running.internal)
            ],
            settings=self.parts.settings,
            verifier=self.verifier,
        )

    def app(self) -> FastAPI:
        """The application that people and partners reach. It runs the house while it is served."""

        @asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            self.start()
            try:
                yield
            finally:
                await self.close()

        routers = [router for running in self.running.values() for router in running.routers]
        return create_app(
            "Frontdoor",
            [*routers, health.router({"database": self._database_ready})],
            settings=self.parts.settings,
            verifier=self.verifier,
            lifespan=lifespan,
        )

    def start(self) -> None:
        """Start every loop."""
        loops: dict[str, Loop] = {}
        for running in self.running.values():
            loops.update(loops_of(running))
        settings = self.parts.settings
        loops["watchdog"] = Watchdog(
            watched(self),
            self.parts.clock,
            every=settings.watchdog_seconds,
            grace=settings.watchdog_grace_seconds,
        ).run
        self._tasks = [
            asyncio.create_task(keep_running(name, loop), name=name) for name, loop in loops.items()
        ]

    def hang_up(self) -> None:
        """End what is held open for lookers-on, so that the web server can stop."""
        for running in self.running.values():
            doorbell = running.state.get("doorbell")
            if doorbell:
                doorbell.close()

    async def close(self) -> None:
        """Stop the loops where they stand and give back the connections. What was being done and
        was not committed is done again after the next start."""
        self.hang_up()
        # Who is cut off in the middle of something, such as a sender, may want to record how far
        # it came: what takes commands stops last.
        for last in (False, True):
            stopping = [
                task for task in self._tasks if task.get_name().endswith(" commands") is last
            ]
            for task in stopping:
                task.cancel()
            await asyncio.gather(*stopping, return_exceptions=True)
        await self.reads.aclose()
        for database in self.databases.values():
            await database.close()

    def token(self, name: str) -> str:
        """A token of one of our services, for a read between them."""
        return service_token(self.signing, name, self.parts.clock())

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._inside_app is not None
        await self._inside_app(scope, receive, send)

    def _resources(self, name: str, database: Database, source: str) -> Resources:
        parts = self.parts
        return Resources(
            settings=parts.settings,
            database=database,
            source=source,
            policy=parts.policy,
            clock=parts.clock,
            ring=parts.ring,
            signing=self.signing,
            bell=self.bell,
            reads=_Reads(self, name).client(),
            source_of=self._source_of,
            ids=new_id,
        )

    def _source_of(self, database: Database, consumer: str, types: tuple[str, ...]) -> EventSource:
        return self.parts.source_kind(database, consumer, types, self.parts.clock)

    async def _database_ready(self) -> Mapping[str, Any]:
        async with self.databases["intake"].connection() as connection:
            position = await stream_store.head(connection)
        return {"ok": True, "position": position, "at": datetime.isoformat(self.parts.clock())}


class _Reads(httpx2.Auth):
    """Signs a service's reads with its own token, unless a person's token is sent."""

    def __init__(self, house: House, name: str) -> None:
        self._house = house
        self._name = name

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self._house._inside),  # noqa: SLF001
            base_url=INSIDE,
            timeout=10,
            auth=self,
        )

    def auth_flow(self, request: httpx2.Request) -> Any:
        if "authorization" not in request.headers:
            request.headers["Authorization"] = f"Bearer {self._house.token(self._name)}"
        yield request
