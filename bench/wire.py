"""The load generator's own HTTP and SMTP, made to cost little: it shares the machine with what is
measured. Requests are bytes made beforehand; answers are not parsed beyond their length."""

import asyncio
import re
import time
from collections import Counter
from typing import cast
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"\r\nmessage-id:\s*<([^@>]+)", re.IGNORECASE)
TRIES = 5


class Answer:
    """An answer: its status, its head as it came, and its body."""

    __slots__ = ("body", "head", "status")

    def __init__(self, head: bytes, body: bytes) -> None:
        self.status = int(head[9:12])
        self.head = head
        self.body = body

    def header(self, name: bytes) -> str:
        """The value of a header, empty without it."""
        found = re.search(rb"\r\n" + name + rb": *([^\r]*)", self.head, re.IGNORECASE)
        return found.group(1).decode() if found else ""


class _Wire(asyncio.Protocol):
    """One connection that is kept; one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._came = bytearray()
        self._answered: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._came += data
        end = self._came.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._came[:end])
        length = _LENGTH.search(head)
        whole = end + 4 + (int(length.group(1)) if length else 0)
        if len(self._came) < whole:
            return
        body = bytes(self._came[end + 4 : whole])
        del self._came[:whole]
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(Answer(head, body))

    async def ask(self, request: bytes) -> Answer:
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError
        self._answered = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answered


class Wires:
    """Connections to `url`, opened when they are wanted and kept, the last used first."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        self.host = parts.netloc
        self._address = (parts.hostname, parts.port or 80)
        self._idle: list[_Wire] = []
        self.asked_again = 0

    def request(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> bytes:
        """A request as it goes over the wire."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")

    async def ask(self, request: bytes) -> Answer:
        """Send, and wait for the answer; again where the connection was closed meanwhile."""
        for _ in range(TRIES):
            wire = self._kept() or await self._open()
            try:
                answer = await wire.ask(request)
            except OSError:
                self.asked_again += 1
                continue
            self._idle.append(wire)
            return answer
        raise ConnectionResetError(request[:80])

    def _kept(self) -> _Wire | None:
        """One that the server has not closed meanwhile."""
        while self._idle:
            wire = self._idle.pop()
            if wire.transport is not None and not wire.transport.is_closing():
                return wire
        return None

    async def _open(self) -> _Wire:
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(_Wire, *self._address)
        return wire

    def close(self) -> None:
        """Hang up."""
        for wire in self._idle:
            if wire.transport is not None:
                wire.transport.close()


class Mailbox:
    """A mail server that takes everything, counts by message id, and notes when (seconds since
    1970) it said so first."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.taken_at: dict[str, float] = {}
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """HOST:PORT, for `--smtp`."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Conversation(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    def take(self, content: bytes) -> None:
        found = _MESSAGE_ID.search(b"\r\n" + content)
        known = found.group(1).decode() if found else "?"
        self.taken[known] += 1
        self.taken_at.setdefault(known, time.time())


class _Conversation(asyncio.Protocol):
    """One client of the mailbox: as much of SMTP as a client needs that means well."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._came = b""
        self._in_data = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 mailbox.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._came += data
        while True:
            mark = b"\r\n.\r\n" if self._in_data else b"\r\n"
            part, found, rest = self._came.partition(mark)
            if not found:
                return
            self._came = rest
            if self._in_data:
                self._in_data = False
                self._mailbox.take(part)
                self._say(b"250 Kept")
            else:
                self._command(part[:4].upper())

    def _command(self, verb: bytes) -> None:
        if verb == b"DATA":
            self._in_data = True
            self._say(b"354 Go on")
        elif verb == b"EHLO":
            self._say(b"250-mailbox.example\r\n250-SIZE 10485760\r\n250 8BITMIME")
        elif verb == b"QUIT":
            self._say(b"221 Bye")
            assert self._transport
            self._transport.close()
        else:
            self._say(b"250 OK")

    def _say(self, line: bytes) -> None:
        assert self._transport
        self._transport.write(line + b"\r\n")
