"""One service of the distributed edition in a process of its own, without its web servers: its
consumer, relay, timers and loops, what its doors answer, and a stop that cuts nothing off."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import asyncpg
import httpx2
from fastapi import APIRouter
from starlette.types import ASGIApp

from chassis.clock import Clock, system_clock
from chassis.database import Database, DatabaseAway
from chassis.database.state import SchemaState
from chassis.http import create_app, health
from chassis.identity import FetchingVerifier, Publisher, SigningKey, only, outsiders
from chassis.restriction import Guard
from chassis.running import Loop, Running, loops_of
from chassis.stream.bell import Bell
from chassis.stream.faults import Faults, no_faults
from chassis.stream.port import EventSource
from chassis.telemetry import logs
from chassis.vault import KeyRing
from frontdoor.catalogue import SERVICES, migrations
from frontdoor.distributed.door import Door
from frontdoor.distributed.paths import ByPath
from frontdoor.distributed.settings import ServiceSettings
from frontdoor.distributed.stream import Stream
from frontdoor.distributed.watched_source import WatchedSource
from frontdoor.watching import watchdog
from frontdoor.wiring import Loops, Wiring, hang_up, inside, reads
from policy.loading import PackSet

LOOK_AGAIN_SECONDS = 0.5
LOOK_AGAIN_SHORTLY_SECONDS = 0.02
PROBES = ("/livez", "/readyz", "/metrics")
READS = "http://house.internal"

# Who gives out the tokens of people and partners.
ISSUER = "intake"
# Who watches over all: the service that shows what was found.
WATCHER = "console"

log = logs.get_logger(__name__)


def own_key(ring: KeyRing) -> SigningKey:
    """The key of a service's own tokens."""
    return SigningKey.derived(ring.token_key, "service tokens")


def _wire() -> httpx2.AsyncBaseTransport:
    return httpx2.AsyncHTTPTransport(retries=1)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service's process is built from. `wire` is how other services are reached."""

    name: str
    settings: ServiceSettings
    policy: PackSet
    ring: KeyRing
    stream: Stream
    clock: Clock = system_clock
    wire: httpx2.AsyncBaseTransport = field(default_factory=_wire)
    faults: Faults = no_faults


class OneService:
    """A service and its two doors: `outside` for the gateway, `inside` for other services."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.state: Literal["starting", "serving", "stopping"] = "starting"
        self.bell = Bell()
        self.database = Database(parts.settings.database_url.get_secret_value(), schema=parts.name)
        self._key = own_key(parts.ring)
        self._signing = (
            SigningKey.derived(parts.ring.token_key) if parts.name == ISSUER else self._key
        )
        self._http = httpx2.AsyncClient(transport=parts.wire)
        self._reads = reads(
            ByPath(parts.settings.urls, parts.wire), READS, parts.name, self._key, parts.clock
        )
        self._verifier = self._make_verifier()
        self._schema = SchemaState(migrations(parts.name))
        self._sources: list[WatchedSource] = []
        self._running: Running | None = None
        self._loops, self._relaying = Loops(), Loops()
        probes = health.router(
            {"state": self._serving, "database": self._reached, "migrations": self._migrated},
            beside={"broker": parts.stream.state},
            alive=self._alive,
        )
        self.outside = Door(self._app(probes), PROBES)
        self.inside = Door(
            self._app(probes, self._keys_router()), (*PROBES, self._keys_path(parts.name))
        )

    async def start(self) -> None:
        """Wait until the database is there and has its schema, then run and open the doors."""
        name = self.parts.name
        await self.database.open()
        self._loops.start({f"{name} keys": self._verifier.run})
        await self._until_migrated()
        wiring = Wiring(
            # Whatever the environment says: people's passwords are for the console's page alone.
            settings=self.parts.settings.model_copy(update={"local_accounts": False}),
            policy=self.parts.policy,
            clock=self.parts.clock,
            ring=self.parts.ring,
            signing=self._signing,
            bell=self.bell,
            source_of=self._source_of,
            faults=self.parts.faults,
        )
        running = await self._wired(wiring)
        self._running = running
        loops: dict[str, Loop] = loops_of(running)
        if name == WATCHER:
            loops["watchdog"] = watchdog(
                self.parts.settings, self._reads, self.database, self.parts.clock
            ).run
        self._loops.start(loops)
        relay = self.parts.stream.relay(self.database, name, self.bell)
        self._relaying.start({f"{name} relay": relay})
        self.outside.open(self._app(*running.routers))
        self.inside.open(self._app(*running.routers, *inside(running)))
        self.state = "serving"
        log.info("serving", service=name)

    def hang_up(self) -> None:
        """Say that the end has come: not ready any more, and nobody is held on the line."""
        self.state = "stopping"
        if self._running is not None:
            hang_up(self._running)

    async def stop(self) -> None:
        """Finish the batch in hand, stop the loops, let the relay carry what they said, and give
        back every connection. What takes longer than `stop_seconds` is cut off where it stands,
        which loses and doubles nothing either: it is done again."""
        self.hang_up()
        within = self.parts.settings.stop_seconds
        ended = await asyncio.gather(*(source.end(within) for source in self._sources))
        await self._loops.stop()
        ended.append(await self._all_said(within))
        await self._relaying.stop()
        if not all(ended):
            log.warning("cut_off", service=self.parts.name)
        await self.parts.stream.close()
        await self._reads.aclose()
        await self._http.aclose()
        await self.database.close()

    async def _all_said(self, within: float) -> bool:
        """Wait for the relay to carry all of the log. Whether it did."""
        if self._running is None:
            return True
        try:
            async with asyncio.timeout(within):
                while not await self.parts.stream.published(self.database):
                    await asyncio.sleep(LOOK_AGAIN_SHORTLY_SECONDS)
        except (TimeoutError, DatabaseAway):
            return False
        return True

    async def _until_migrated(self) -> None:
        said = ""
        while (why := await self._hindrance()) is not None:
            if why != said:
                log.warning("waiting", service=self.parts.name, reason=why)
                said = why
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _hindrance(self) -> str | None:
        """What keeps the service from working with its database, as a code."""
        try:
            async with self.database.connection() as connection:
                return "not_migrated" if await self._schema.lacking(connection) else None
        except (DatabaseAway, asyncpg.PostgresError) as fault:
            # Its role, or the database itself, may only be made by the migration.
            return type(fault).__name__

    async def _wired(self, wiring: Wiring) -> Running:
        while True:
            try:
                return await wiring.wire(self.parts.name, self.database, self._reads)
            except DatabaseAway:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _source_of(self, database: Database, consumer: str, types: tuple[str, ...]) -> EventSource:
        source = WatchedSource(self.parts.stream.source_of(database, consumer, types, self.bell))
        self._sources.append(source)
        return source

    def _make_verifier(self) -> FetchingVerifier:
        name, urls = self.parts.name, self.parts.settings.urls
        own = [(self._key.public(), only(name))]
        publishers = [
            Publisher(other, f"{urls[other]}{self._keys_path(other)}", only(other))
            for other in SERVICES
            if other != name
        ]
        if name == ISSUER:
            own.append((self._signing.public(), outsiders))
        else:
            people = Publisher("people", f"{urls[ISSUER]}/.well-known/jwks.json", outsiders)
            publishers.insert(0, people)
        return FetchingVerifier(own, publishers, self._http, self.parts.clock)

    @staticmethod
    def _keys_path(name: str) -> str:
        return f"/internal/v1/{name}/keys"

    def _keys_router(self) -> APIRouter:
        routes = APIRouter(include_in_schema=False)

        @routes.get(self._keys_path(self.parts.name))
        async def keys() -> Mapping[str, Any]:
            """The keys that verify the service's own tokens (RFC 7517)."""
            return self._key.public()

        return routes

    def _app(self, *routers: APIRouter) -> ASGIApp:
        return create_app(
            self.parts.name,
            routers,
            settings=self.parts.settings,
            verifier=self._verifier,
            guard=Guard(self.database, self.parts.policy, self.parts.clock),
        )

    async def _serving(self) -> Mapping[str, Any]:
        return {"ok": self.state == "serving", "state": self.state}

    async def _reached(self) -> Mapping[str, Any]:
        async with self.database.connection():
            return {"ok": True}

    async def _migrated(self) -> Mapping[str, Any]:
        async with self.database.connection() as connection:
            lacking = await self._schema.lacking(connection)
        return {"ok": not lacking, "lacking": lacking}

    async def _alive(self) -> Mapping[str, Any]:
        """Whether the consumer still looks at the stream. A database or a broker that is away is
        looked for again and again, and so is no reason to start anew."""
        most = self.parts.settings.stuck_seconds
        unseen = [source.unseen_seconds for source in self._sources]
        longest = max(self.parts.stream.silent_seconds(), *unseen, 0.0)
        return {"ok": longest < most, "unseen_seconds": longest}
