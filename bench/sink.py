"""A mail server that counts and keeps no words, and fails as often as it is told to.

`python -m bench.sink` is one in a process of its own: it prints its port, and for each line that it
is given how many messages it took since the last, and how many of them again.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from email.parser import BytesHeaderParser

import uvloop
from aiosmtpd.smtp import SMTP, Envelope, Session

_headers = BytesHeaderParser()


class Sink:
    """Takes messages. `taken`: how often each message id was. `failing` is the share of attempts
    that fail, at random: put off before or after the message came, cut before it was kept, or cut
    after, where the sender cannot know. `failed` counts them by kind."""

    def __init__(self, failing: float = 0.0, seed: int = 1) -> None:
        self.taken: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self._failing = failing
        self._random = random.Random(seed)
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """HOST:PORT, for `--smtp`."""
        return f"127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802  (aiosmtpd calls it so)
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self._fails("put_off", self._failing / 4):
            return "450 Come back"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  (aiosmtpd calls it so)
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        # Of those that came so far, so that all four are as frequent.
        left = self._failing / 4 / (1 - self._failing / 4)
        if self._fails("full", left):
            return "452 No room"
        if self._fails("cut_before", left):
            return _cut(server)
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken[message_id(_headers.parsebytes(content)["Message-ID"])] += 1
        return _cut(server) if self._fails("cut_after", left) else "250 Kept"

    def _fails(self, how: str, share: float) -> bool:
        fails = self._random.random() < share
        self.failed[how] += fails
        return fails

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


def _cut(server: SMTP) -> str:
    assert server.transport is not None
    server.transport.abort()
    return "250 Never said"


def message_id(header: str) -> str:
    """The id of a message as Frontdoor knows it, from the header Message-ID."""
    return header.strip().strip("<>").partition("@")[0]


async def serve() -> None:
    """Serve until there is no more to read."""
    sink = Sink()
    await sink.start()
    print(sink.port, flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        taken = sink.taken
        said = {"taken": len(taken), "again": taken.total() - len(taken)}
        print(json.dumps(said), flush=True)
        sink.taken = Counter()
    await sink.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
