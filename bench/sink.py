"""A mail server that counts and keeps no words."""

import asyncio
from collections import Counter
from email.parser import BytesHeaderParser

from aiosmtpd.smtp import SMTP, Envelope, Session

_headers = BytesHeaderParser()


class Sink:
    """Takes every message. `taken`: how often each message id was."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """HOST:PORT, for `--smtp`."""
        return f"127.0.0.1:{self.port}"

    async def handle_DATA(  # noqa: N802  (aiosmtpd calls it so)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken[message_id(_headers.parsebytes(content)["Message-ID"])] += 1
        return "250 Kept"

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, loop=loop, hostname="sink.example"), "127.0.0.1", 0
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()


def message_id(header: str) -> str:
    """The id of a message as Frontdoor knows it, from the header Message-ID."""
    return header.strip().strip("<>").partition("@")[0]
