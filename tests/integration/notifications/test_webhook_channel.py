"""Calls to addresses that a stranger has chosen."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial

import pytest

from chassis.outside.addresses import reachable
from chassis.outside.guarded import NotFoundThere
from services.notifications.channels.port import Away, Cut, Delivery, Letter, NotTaken, Taken
from services.notifications.channels.webhook import WebhookChannel
from tests.integration.notifications.endpoint import Endpoint, Manner

NAMES = {
    "inside.example": ["127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "mixed.example": ["93.184.216.34", "10.0.0.7"],
    "mapped.example": ["::ffff:127.0.0.1"],
}


async def names(host: str) -> Sequence[str]:
    if host not in NAMES:
        raise NotFoundThere
    return NAMES[host]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    await endpoint.start()
    yield endpoint
    await endpoint.stop()


@pytest.fixture
async def open_channel() -> AsyncIterator[WebhookChannel]:
    """Calls whatever it is told to."""
    channel = WebhookChannel(4, 0.5, lambda _: True, lambda _: True, resolve=names)
    yield channel
    await channel.close()


@pytest.fixture
async def guarded() -> AsyncIterator[WebhookChannel]:
    """Calls the public internet alone; without TLS nobody."""
    public = partial(reachable, allowed=())
    channel = WebhookChannel(
        4, 0.5, public, partial(reachable, allowed=(), alone=True), resolve=names
    )
    yield channel
    await channel.close()


def to(url: str) -> Letter:
    return Letter("Frontdoor", url, b'{"type":"x"}', {"webhook-id": "one"})


@pytest.mark.parametrize(
    ("manner", "expected"),
    [
        ("refuse", NotTaken("http_400", permanent=False)),
        ("gone", NotTaken("http_410", permanent=True)),
        ("fail", NotTaken("http_500", permanent=False)),
        ("calm_down", NotTaken("http_429", permanent=False, after=timedelta(hours=1))),
        ("redirect", NotTaken("redirected", permanent=False)),
        ("hang", Cut("timeout")),
        ("drop", Cut("broken_off")),
        ("nonsense", Cut("broken_off")),
    ],
)
async def test_each_manner_of_an_endpoint_is_understood(
    endpoint: Endpoint, open_channel: WebhookChannel, manner: Manner, expected: Delivery
) -> None:
    endpoint.manner = lambda _: manner

    assert await open_channel.hand_over(to(endpoint.url)) == expected
    assert endpoint.connections == 1


async def test_ten_megabytes_of_answer_are_not_read(
    endpoint: Endpoint, open_channel: WebhookChannel
) -> None:
    endpoint.manner = lambda _: "flood"

    assert await open_channel.hand_over(to(endpoint.url)) == Taken()
    assert endpoint.sent < 8_000_000


@pytest.mark.parametrize("host", [*NAMES, "127.0.0.1", "[::1]", "169.254.169.254", "10.1.2.3"])
@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_addresses_inside_are_never_connected_to(
    endpoint: Endpoint, guarded: WebhookChannel, host: str, scheme: str
) -> None:
    ended = await guarded.hand_over(to(f"{scheme}://{host}:{endpoint.port}/"))

    assert ended == NotTaken("address_refused", permanent=False)
    assert endpoint.connections == 0


async def test_a_name_is_looked_up_once_for_a_connection(endpoint: Endpoint) -> None:
    """A second answer, with another address, would come after the judgement."""
    asked: list[str] = []

    async def changing(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.7"]

    judged: list[str] = []

    def judge(address: str) -> bool:
        judged.append(address)
        return True

    channel = WebhookChannel(4, 0.5, judge, judge, resolve=changing)
    assert await channel.hand_over(to(f"http://turns.example:{endpoint.port}/")) == Taken()
    assert asked == ["turns.example"]
    assert judged == ["127.0.0.1"]
    assert endpoint.taken[0].headers["host"] == f"turns.example:{endpoint.port}"
    await channel.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://nobody.example/", Away("name_not_found")),
        ("ftp://nobody.example/", NotTaken("address_unusable", permanent=False)),
    ],
)
async def test_an_address_that_does_not_exist(
    open_channel: WebhookChannel, url: str, expected: Delivery
) -> None:
    assert await open_channel.hand_over(to(url)) == expected


async def test_without_tls_where_tls_is_meant_nothing_is_said(
    endpoint: Endpoint, open_channel: WebhookChannel
) -> None:
    url = endpoint.url.replace("http://", "https://")
    assert isinstance(await open_channel.hand_over(to(url)), Away | Cut)
    assert endpoint.taken == []


async def test_more_calls_than_lanes_wait_for_one_another(
    endpoint: Endpoint, open_channel: WebhookChannel
) -> None:
    ends = await asyncio.gather(*(open_channel.hand_over(to(endpoint.url)) for _ in range(30)))
    assert ends == [Taken()] * 30
    assert endpoint.connections <= 4
