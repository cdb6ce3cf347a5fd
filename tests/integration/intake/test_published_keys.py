"""Keys that a partner's provider publishes: asked for no more often than has to be."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from ipaddress import ip_network

import pytest
from joserfc.jwk import ECKey

from services.intake.vouching.keys import ASK_AGAIN, FRESH, LONGEST, ProviderAway, PublishedKeys
from tests.clocks import SetClock

LOOPBACK = (ip_network("127.0.0.0/8"),)
FIRST, SECOND = (ECKey.generate_key("P-256", {"kid": name}) for name in ("first", "second"))
SECRET = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}
FOR_ELSE = {**FIRST.as_dict(private=False), "use": "enc", "kid": "sealing"}


class Publisher:
    """Answers every request alike, and counts them."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = "200 OK"
        self.body = b""

    def publishes(self, *keys: object) -> None:
        self.status, self.body = "200 OK", json.dumps({"keys": keys}).encode()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\n"
        writer.write(f"{head}Location: /moved\r\nConnection: close\r\n\r\n".encode() + self.body)
        writer.close()


@pytest.fixture
async def published() -> AsyncIterator[tuple[Publisher, str]]:
    one = Publisher()
    async with await asyncio.start_server(one.answer, "127.0.0.1", 0) as server:
        yield one, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"


async def test_keys_are_asked_for_when_a_token_needs_them(
    published: tuple[Publisher, str],
) -> None:
    publisher, url = published
    clock = SetClock()
    keys = PublishedKeys(clock, LOOPBACK)

    async def names(wanted: str | None) -> Sequence[str | None]:
        return [name for name, _ in await keys.of(url, wanted)]

    public = [one.as_dict(private=False) for one in (FIRST, SECOND)]
    publisher.publishes(public[0], SECRET, FOR_ELSE, "nonsense")
    together = await asyncio.gather(*(names("first") for _ in range(20)))
    assert (together, publisher.asked) == ([["first"]] * 20, 1)
    # A name that nobody knows makes us ask, and not again at once.
    publisher.publishes(*public)
    assert await names("second") == ["first"]
    clock.forward(ASK_AGAIN)
    assert await names("second") == ["first", "second"]
    for _ in range(20):
        await names("invented")
    assert publisher.asked == 2
    # One that was taken back holds no longer than the set is fresh.
    publisher.publishes(public[1])
    clock.forward(FRESH + timedelta(seconds=1))
    assert await names(None) == ["second"]

    for status, body in (
        ("302 Found", b"{}"), ("500 Oops", b"{}"), ("200 OK", b" " * (LONGEST + 1)),
        ("200 OK", b'{"keys": []}'), ("200 OK", b"[]"), ("200 OK", b"{"),
    ):  # fmt: skip
        publisher.status, publisher.body = status, body
        clock.forward(ASK_AGAIN + FRESH)
        assert await names("second") == ["second"]
        with pytest.raises(ProviderAway):
            await names("third")
    await keys.close()


@pytest.mark.parametrize("host", ["inside.example", "127.0.0.1", "[::1]", "169.254.169.254"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_key_is_read_from_within(
    published: tuple[Publisher, str], host: str, scheme: str
) -> None:
    publisher, url = published
    publisher.publishes(FIRST.as_dict(private=False))

    async def resolve(_: str) -> Sequence[str]:
        return ["127.0.0.1"]

    keys = PublishedKeys(SetClock(), (), resolve=resolve)
    with pytest.raises(ProviderAway):
        await keys.of(f"{scheme}://{host}:{url.split(':')[2]}", None)
    assert publisher.asked == 0
    await keys.close()
