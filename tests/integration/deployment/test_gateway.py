"""The gateway of deploy/, run as it is, before stand-ins that say who was asked."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from bench.gateway import gateway
from bench.house import until
from bench.ports import free_ports
from chassis.clock import system_clock
from chassis.settings import Settings
from chassis.vault import KeyRing
from frontdoor.catalogue import SERVICES
from frontdoor.house import House, Parts
from policy.loading import PackSet


class StandIn:
    """Answers everything with its name and the path that it was asked for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.asked.append(request.split(" ", 2)[1])
        body = self.name.encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        await writer.drain()
        writer.close()


class Gateway:
    def __init__(self, http: httpx2.AsyncClient, behind: dict[str, StandIn]) -> None:
        self.http = http
        self.behind = behind

    async def asks(self, path: str) -> str:
        answer = await self.http.get(path)
        return answer.text if answer.status_code == 200 else str(answer.status_code)


@pytest.fixture(scope="module")
async def at_work() -> AsyncIterator[Gateway]:
    async with AsyncExitStack() as stack:
        behind = {name: StandIn(name) for name in SERVICES}
        places = {}
        # One service is away.
        for name in SERVICES:
            if name == "allocation":
                places[name] = free_ports(1)[0]
                continue
            server = await asyncio.start_server(behind[name].answer, "127.0.0.1", 0)
            stack.callback(server.close)
            places[name] = server.sockets[0].getsockname()[1]
        said = {name: f"127.0.0.1:{place}" for name, place in places.items()}
        # One has a second instance, which is away.
        said["notifications"] += f" 127.0.0.1:{free_ports(1)[0]}"
        (port,) = free_ports(1)
        url = stack.enter_context(gateway(port, said))
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=20))

        async def there() -> bool:
            try:
                return (await http.get("/livez")).status_code == 200
            except httpx2.TransportError:
                return False

        await until(there, 20, "gateway")
        yield Gateway(http, behind)


async def test_it_sends_each_path_to_the_service_that_has_it(
    at_work: Gateway, packs: PackSet
) -> None:
    house = House(Parts(Settings(), {}, packs, KeyRing.new(), system_clock))
    for name, running in house.build_unconnected().items():
        if name == "allocation":
            continue
        for router in running.routers:
            for route in iter_route_contexts(router.routes):
                path = re.sub(r"\{[^}]+\}", "x", str(route.path))
                assert await at_work.asks(path) == name, path


@pytest.mark.parametrize(
    "path",
    [
        "/internal", "/internal/", "/internal/v1/intake/keys", "/INTERNAL/v1/intake/keys",
        "/%69nternal/v1/intake/keys", "//internal/v1/intake/keys",
        "/./internal/v1/intake/keys", "/v1/../internal/v1/intake/keys", "/metrics", "/readyz",
    ],
)  # fmt: skip
async def test_it_sends_nobody_inside(at_work: Gateway, path: str) -> None:
    host, port = at_work.http.base_url.host, at_work.http.base_url.port
    # As it is: a client would tidy the path.
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
    )
    await writer.drain()
    answer = (await reader.read()).decode("latin-1")
    writer.close()
    assert answer.split(" ")[1] in {"404", "308"}, answer
    assert [one for one in at_work.behind.values() if path in one.asked] == []


@pytest.mark.timeout(30)
async def test_a_service_that_is_away_is_said_to_be(at_work: Gateway) -> None:
    answer = await at_work.http.get("/v1/clocks")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["code"] == "away"


async def test_an_instance_that_is_away_is_made_up_for_by_another(at_work: Gateway) -> None:
    for _ in range(10):
        assert await at_work.asks("/v1/changes") == "notifications"
