"""Five services of the distributed edition, each with a database and a key ring of its own, in one
process: reached by their doors, with a topic in memory between them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from chassis.identity import SCOPES, SOCIAL_WORKER, Caller, SigningKey, issue
from chassis.ids import new_id
from chassis.vault import KeyRing
from frontdoor.catalogue import SERVICES
from frontdoor.distributed.paths import ByPath
from frontdoor.distributed.service import OneService, Parts
from frontdoor.distributed.settings import ServiceSettings
from policy.loading import PackSet
from services.intake.accounts.registering import add_partner
from tests.clocks import SetClock
from tests.databases import Databases, Server
from tests.integration.notifications.relay import TestRelay
from tests.journey.living import bearer, read
from tests.topic import Topic, TopicStream

PATIENCE_SECONDS = 40
LOOK_AGAIN_SECONDS = 0.05


class Doors(httpx2.AsyncBaseTransport):
    """The network between the services: each host is the door of one. `refused` counts how often
    one that is not there was called."""

    def __init__(self, door: str) -> None:
        self._door = door
        self.refused: Counter[str] = Counter()
        self.services: dict[str, OneService] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        name = request.url.host
        if name not in self.services:
            self.refused[name] += 1
            raise httpx2.ConnectError("away", request=request)
        app = getattr(self.services[name], self._door)
        return await httpx2.ASGITransport(app=app).handle_async_request(request)


@dataclass(slots=True)
class Region:
    """The services, and how people and the test reach them."""

    services: dict[str, OneService]
    rings: Mapping[str, KeyRing]
    databases: Mapping[str, Databases]
    topic: Topic
    clock: SetClock
    network: Doors
    relay: TestRelay
    http: httpx2.AsyncClient
    packs: PackSet

    def build(self, name: str, **said: Any) -> OneService:
        """One more process of a service, not started."""
        urls = {f"url_{other}": f"http://{other}" for other in SERVICES}
        settings = ServiceSettings(
            database_url=self.databases[name].urls[name],
            smtp_host="127.0.0.1",
            smtp_port=self.relay.port,
            # Whatever is said, a served intake takes no passwords from outside.
            local_accounts=True,
            public_url="http://region.example",
            **{**urls, **said},
        )
        stream = TopicStream(self.topic, self.clock)
        return OneService(
            Parts(name, settings, self.packs, self.rings[name], stream, self.clock, self.network)
        )

    async def start(self, name: str, **said: Any) -> OneService:
        """Start a service, in the place of one that has stopped."""
        service = self.build(name, **said)
        self.services[name] = self.network.services[name] = service
        await service.start()
        return service

    async def stop(self, name: str) -> None:
        """Stop a service as SIGTERM does."""
        service = self.services.pop(name)
        self.network.services.pop(name)
        await service.stop()

    def staff(self, role: str = "manager", authority: str = "warwickshire") -> dict[str, str]:
        """The headers of somebody whose token intake gave out."""
        caller = Caller(
            kind="staff",
            id=new_id(),
            name=f"{role}.{authority}",
            authorities=frozenset({authority}),
            roles=frozenset({role}),
            qualifications=frozenset({SOCIAL_WORKER}),
        )
        key = SigningKey.derived(self.rings["intake"].token_key)
        return bearer(issue(key, caller, self.clock(), 3600))

    async def partner(self) -> dict[str, str]:
        """The headers of a new partner's system that asked for a token."""
        client_id = f"testwood-academy-{new_id()}"
        async with self.services["intake"].database.transaction() as connection:
            secret = await add_partner(
                connection,
                client_id=client_id,
                name="Testwood Academy",
                agency="school",
                email_domain="testwood.school.example",
                scopes=tuple(SCOPES),
                pepper=self.rings["intake"].token_key,
                ids=new_id,
                now=self.clock(),
            )
        answer = await self.http.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": secret,
            },
        )
        answer.raise_for_status()
        return bearer(read(answer)["access_token"])

    async def until(self, path: str, who: Mapping[str, str], holds: Any) -> Any:
        """What a path answers, as soon as it answers well and that holds."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answer = await self.http.get(path, headers=dict(who))
                if answer.status_code == 200 and (found := holds(read(answer))):
                    return found
                await asyncio.sleep(LOOK_AGAIN_SECONDS)


@asynccontextmanager
async def region(postgres: Server, packs: PackSet) -> AsyncIterator[Region]:
    """A region that serves."""
    async with AsyncExitStack() as stack:
        databases = {name: stack.enter_context(postgres.fresh()) for name in SERVICES}
        relay = TestRelay()
        await relay.start()
        stack.push_async_callback(relay.stop)
        network, gateway = Doors("inside"), Doors("outside")
        gateway.services = network.services
        http = await stack.enter_async_context(
            httpx2.AsyncClient(
                transport=ByPath({name: f"http://{name}" for name in SERVICES}, gateway),
                base_url="http://region.example",
            )
        )
        made = Region(
            services={},
            rings={name: KeyRing.new() for name in SERVICES},
            databases=databases,
            topic=Topic(),
            clock=SetClock(),
            network=network,
            relay=relay,
            http=http,
            packs=packs,
        )
        try:
            for name in SERVICES:
                await made.start(name)
            yield made
        finally:
            for name in list(made.services):
                await made.stop(name)
