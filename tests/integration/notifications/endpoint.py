"""A partner's web server in the test's own loop, whose manners a test chooses."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from standardwebhooks import Webhook

Manner = Literal[
    "take",
    "refuse",
    "gone",
    "fail",
    "calm_down",
    "redirect",
    "hang",
    "drop",
    "flood",
    "take_then_hang",
    "nonsense",
]

ANSWERS: dict[str, bytes] = {
    "take": b"HTTP/1.1 204 No Content\r\n\r\n",
    "refuse": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno",
    "gone": b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n",
    "fail": b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
    "calm_down": b"HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n",
    "redirect": b"HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "nonsense": b"hello there\r\n\r\n",
}


@dataclass
class Taken:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    def signed_with(self, secret: str) -> bool:
        """Whether one of its signatures is that of `secret`."""
        from datetime import UTC, datetime

        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        ours = Webhook(secret).sign(self.headers["webhook-id"], at, self.raw.decode())
        return ours in self.headers["webhook-signature"].split(" ")


@dataclass
class Endpoint:
    """What came in, and how the next request is answered, by its path."""

    manner: Callable[[str], Manner] = lambda _: "take"
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    sent: int = 0
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def wait_for(self, count: int, path: str | None = None) -> list[Taken]:
        """The requests (to `path`) as soon as there are `count`."""
        async with asyncio.timeout(40):
            while len(found := [one for one in self.taken if path in (None, one.path)]) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        self.connections += 1
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        path = head[0].split(" ")[1]
        manner = self.manner(path)
        if manner == "drop":
            return False
        if manner in ("take", "take_then_hang"):
            self.taken.append(Taken(path, headers, raw))
            self.arrived.set()
        if manner in ("hang", "take_then_hang"):
            await asyncio.Event().wait()
        if manner == "flood":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
            while self.sent < 10_000_000:
                writer.write(b"x" * 65536)
                self.sent += 65536
                await writer.drain()
            return True
        writer.write(ANSWERS[manner])
        await writer.drain()
        return manner == "take"
