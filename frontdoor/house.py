"""All services in one process: the single-machine edition without its PostgreSQL and its web
server. Tests run this; `frontdoor up` puts the rest around it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from chassis.clock import Clock, system_clock
from chassis.database import Database
from chassis.http import create_app, health
from chassis.identity import SigningKey, Verifier
from chassis.restriction import Guard
from chassis.running import Loop, Running, loops_of
from chassis.settings import Settings
from chassis.stream import store as stream_store
from chassis.stream.bell import Bell
from chassis.stream.faults import Faults, no_faults
from chassis.stream.port import EventSource
from chassis.stream.postgres import PostgresSource
from chassis.vault import KeyRing
from frontdoor.catalogue import SERVICES
from frontdoor.watching import watchdog
from frontdoor.wiring import Loops, Wiring, hang_up, inside, reads
from policy.loading import PackSet

INSIDE = "http://house.internal"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a house is built from. `urls`: each service's own way into the database."""

    settings: Settings
    urls: Mapping[str, str]
    policy: PackSet
    ring: KeyRing
    clock: Clock = system_clock
    source_kind: type[PostgresSource] = PostgresSource
    faults: Faults = no_faults


class House:
    """The services of one process, wired to each other."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.bell = Bell()
        self.signing = SigningKey.derived(parts.ring.token_key)
        self.verifier = Verifier(self.signing.public(), parts.clock)
        self.databases: dict[str, Database] = {}
        self.running: dict[str, Running] = {}
        self.reads = self._reads("watchdog")
        self._wiring = Wiring(
            settings=parts.settings,
            policy=parts.policy,
            clock=parts.clock,
            ring=parts.ring,
            signing=self.signing,
            bell=self.bell,
            source_of=self._source_of,
            faults=parts.faults,
        )
        self._inside_app: FastAPI | None = None
        self._loops = Loops()

    def build_unconnected(self) -> dict[str, Running]:
        """Every service wired to databases that are never opened, for its routes alone."""
        return {
            name: self._wiring.wired(name, Database("", schema=name), self._reads(name))
            for name in SERVICES
        }

    async def open(self) -> None:
        """Wire every service. Starts nothing. Raises DatabaseAway."""
        for name in SERVICES:
            database = Database(self.parts.urls[name], schema=name)
            await database.open()
            self.databases[name] = database
            self.running[name] = await self._wiring.wire(name, database, self._reads(name))
        self._inside_app = create_app(
            "inside",
            [
                router
                for running in self.running.values()
                for router in (*running.routers, *inside(running))
            ],
            settings=self.parts.settings,
            verifier=self.verifier,
            guard=self._guard(),
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
            guard=self._guard(),
            lifespan=lifespan,
        )

    def start(self) -> None:
        """Start every loop."""
        loops: dict[str, Loop] = {}
        for running in self.running.values():
            loops.update(loops_of(running))
        loops["watchdog"] = watchdog(
            self.parts.settings,
            self.reads,
            self.databases["console"],
            self.parts.clock,
        ).run
        self._loops.start(loops)

    async def stop(self) -> None:
        """Stop the loops where they stand; `start` lets them go on."""
        await self._loops.stop()

    def hang_up(self) -> None:
        """End what is held open for lookers-on, so that the web server can stop."""
        for running in self.running.values():
            hang_up(running)

    async def close(self) -> None:
        """Stop the loops where they stand and give back the connections. What was being done and
        was not committed is done again after the next start."""
        self.hang_up()
        await self.stop()
        await self.reads.aclose()
        for database in self.databases.values():
            await database.close()

    def _guard(self) -> Guard:
        """By what intake knows, which is the first to know of a restriction."""
        return Guard(self.databases["intake"], self.parts.policy, self.parts.clock)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._inside_app is not None
        await self._inside_app(scope, receive, send)

    def _reads(self, name: str) -> httpx2.AsyncClient:
        return reads(
            httpx2.ASGITransport(app=self._inside), INSIDE, name, self.signing, self.parts.clock
        )

    def _source_of(self, database: Database, consumer: str, types: tuple[str, ...]) -> EventSource:
        return self.parts.source_kind(database, consumer, types, self.parts.clock)

    async def _database_ready(self) -> Mapping[str, Any]:
        async with self.databases["intake"].connection() as connection:
            position = await stream_store.head(connection)
        return {"ok": True, "position": position, "at": datetime.isoformat(self.parts.clock())}
