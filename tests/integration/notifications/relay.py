"""A real SMTP server in the test's own loop, whose manners a test chooses."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, Envelope, Session

Manner = Literal[
    "accept",
    "refuse_sender",
    "refuse_recipient",
    "greylist",
    "refuse_data",
    "full_data",
    "drop_at_mail",
    "drop_at_rcpt",
    "drop_in_data",
    "accept_then_drop",
    "closing",
    "hang_at_rcpt",
    "hang_in_data",
    "sign_in_first",
    "nonsense_after_data",
]

# How long the channels of these tests wait for a server: long for a machine that stands still at
# times, short for the few servers that hang on purpose.
CHANNEL_SECONDS = 4.0


@dataclass
class Mailbox:
    """What a relay took, and how it behaves towards the next letter."""

    manner: Callable[[str], Manner] = lambda _: "accept"
    raw: list[bytes] = field(default_factory=list)
    connections: int = 0
    cuts: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def taken(self) -> list[EmailMessage]:
        """The letters that were taken, read."""
        return [message_from_bytes(raw, policy=default) for raw in self.raw]

    @property
    def ids(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(str(taken["Message-ID"]) for taken in self.taken)

    async def wait_for(self, count: int) -> None:
        """Until `count` letters were taken."""
        async with asyncio.timeout(40):
            while len(self.raw) < count:
                self.arrived.clear()
                await self.arrived.wait()


class _Handler:
    def __init__(self, box: Mailbox) -> None:
        self._box = box

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        manner = self._box.manner("mail")
        if manner == "drop_at_mail":
            _abort(server)
        if manner == "sign_in_first":
            return "530 sign in first"
        if manner == "closing":
            return "421 closing"
        if manner == "refuse_sender":
            return "553 not you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        manner = self._box.manner("rcpt")
        if manner == "drop_at_rcpt":
            _abort(server)
        if manner == "hang_at_rcpt":
            await self._box.held.wait()
        if manner == "greylist":
            return "450 come back later"
        if manner == "refuse_recipient":
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        manner = self._box.manner("data")
        if manner == "refuse_data":
            return "554 not this"
        if manner == "full_data":
            return "452 no room now"
        if manner == "drop_in_data":
            self._box.cuts += 1
            _abort(server)
            return "250 never said"
        content = envelope.content
        assert isinstance(content, bytes)
        self._box.raw.append(content)
        self._box.arrived.set()
        if manner == "accept_then_drop":
            self._box.cuts += 1
            _abort(server)
        if manner == "hang_in_data":
            self._box.cuts += 1
            await self._box.held.wait()
        if manner == "nonsense_after_data":
            self._box.cuts += 1
            return "?? what was that"
        return "250 OK"


def _abort(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()


class TestRelay:
    """Listens on a port of this machine; can go away and come back on the same port."""

    __test__ = False

    def __init__(self) -> None:
        self.box = Mailbox()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Transport] = set()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()

        def serve() -> SMTP:
            self.box.connections += 1
            return _Counted(_Handler(self.box), self._open, loop=loop, hostname="relay.example")

        self._server = await loop.create_server(serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Go away, with every connection."""
        self.box.held.set()
        if self._server is not None:
            self._server.close()
            for transport in list(self._open):
                transport.abort()
            await self._server.wait_closed()
            self._server = None


class _Counted(SMTP):
    def __init__(self, handler: Any, open_: set[asyncio.Transport], **more: Any) -> None:
        super().__init__(handler, **more)
        self._known = open_

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._known.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        assert self.transport is None or isinstance(self.transport, asyncio.Transport)
        if self.transport is not None:
            self._known.discard(self.transport)
        super().connection_lost(error)
