"""Email over SMTP (RFC 5321), over a few connections that are used again and again.

The conversation about one message is MAIL, RCPT, DATA. What fails before DATA was not accepted,
for certain. What is answered with 4xx or 5xx was not accepted either. But a connection that is cut,
or silent for too long, once DATA was begun leaves nobody who knows: the server may have taken the
message and its answer been lost.
"""

import asyncio
from collections import deque
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from services.notifications.channels.port import Away, Cut, Delivery, Letter, NotTaken, Taken

TAKEN = range(200, 300)
GO_ON = range(300, 400)
CLOSING = 421
SIGN_IN_FIRST = 530
TEMPORARY = 400
PERMANENT = 500
MOST_LETTERS = 500
IDLE_SECONDS = 20.0
QUIT_SECONDS = 1.0

Stage = Literal["connect", "mail", "rcpt", "data"]

_BROKEN = (SMTPException, OSError, ValueError, TimeoutError)


@dataclass(frozen=True, slots=True, repr=False)
class Relay:
    """Where the mail server is, and how to be let in. `seconds` bounds one conversation."""

    host: str
    port: int
    tls: bool = False
    starttls: bool = False
    username: str | None = None
    password: str | None = None
    connections: int = 4
    seconds: float = 15.0


@dataclass(slots=True)
class _Line:
    """One connection. `letters` were handed over on it; `used_at` is the loop's time."""

    client: SMTP
    letters: int = 0
    used_at: float = 0.0


@dataclass(slots=True)
class SmtpChannel:
    """A pool of connections to one relay."""

    relay: Relay
    _free: deque[_Line] = field(default_factory=deque)
    _places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.relay.connections)

    @property
    def lanes(self) -> int:
        """How many letters it can hand over at the same time."""
        return self.relay.connections

    async def reachable(self) -> bool:
        """Whether the relay lets us in now. A connection that was opened to learn it is kept."""
        async with self._places:
            line = await self._line()
            if isinstance(line, Away):
                return False
            self._free.append(line)
            return True

    async def hand_over(self, letter: Letter) -> Delivery:
        """Hand over one letter. A connection that the relay closed between two letters is
        replaced once; that is no failure of the letter."""
        async with self._places:
            for _ in range(2):
                line = await self._line()
                if isinstance(line, Away):
                    return line
                stale = line.letters > 0
                delivery = await self._converse(line, letter)
                if not (stale and isinstance(delivery, Away)):
                    return delivery
            return delivery

    async def close(self) -> None:
        """Say QUIT on every free connection."""
        while self._free:
            await self._drop(self._free.popleft())

    async def _line(self) -> _Line | Away:
        now = asyncio.get_running_loop().time()
        while self._free:
            line = self._free.pop()
            fresh = now - line.used_at < IDLE_SECONDS and line.letters < MOST_LETTERS
            if fresh and line.client.is_connected:
                return line
            await self._drop(line)
        return await self._connected()

    async def _connected(self) -> _Line | Away:
        relay = self.relay
        client = SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls,
            start_tls=relay.starttls,
            username=relay.username,
            password=relay.password,
            timeout=relay.seconds,
        )
        try:
            async with asyncio.timeout(relay.seconds):
                await client.connect()
                await client.ehlo()
        except _BROKEN as fault:
            client.close()
            return Away(_reason("connect", fault))
        except asyncio.CancelledError:
            client.close()
            raise
        return _Line(client, used_at=asyncio.get_running_loop().time())

    async def _converse(self, line: _Line, letter: Letter) -> Delivery:
        """One letter on one connection, which is kept when it is still good for another."""
        client = line.client
        stage: Stage = "mail"
        deadline = asyncio.get_running_loop().time() + self.relay.seconds
        try:
            async with asyncio.timeout_at(deadline):
                await _say(client, TAKEN, b"MAIL", b"FROM:" + _address(letter.sender))
                stage = "rcpt"
                await _say(client, TAKEN, b"RCPT", b"TO:" + _address(letter.recipient))
                if asyncio.get_running_loop().time() >= deadline:
                    # The process was stopped for a while: its lease on the message may be gone.
                    raise TimeoutError
                stage = "data"
                await _say(client, GO_ON, b"DATA")
                await _hand_in(client, letter.content)
        except SMTPResponseException as refused:
            if refused.code >= TEMPORARY:
                return await self._refused(line, stage, refused)
            client.close()
            return _broken(stage, refused)
        except _BROKEN as fault:
            client.close()
            return _broken(stage, fault)
        except asyncio.CancelledError:
            client.close()
            raise
        self._keep(line)
        return Taken()

    async def _refused(
        self, line: _Line, stage: Stage, refused: SMTPResponseException
    ) -> NotTaken | Away:
        """What a 4xx or 5xx answer means. The connection is good for another letter unless the
        server says that it closes, or doesn't let us begin anew."""
        reason = f"{stage}_{refused.code}"
        if refused.code == CLOSING:
            await self._drop(line)
        elif stage == "data":
            self._keep(line)
        else:
            try:
                async with asyncio.timeout(self.relay.seconds):
                    await line.client.rset()
            except _BROKEN:
                line.client.close()
            else:
                self._keep(line)
        if stage == "mail" and refused.code in (CLOSING, SIGN_IN_FIRST):
            return Away(reason)
        return NotTaken(reason, permanent=refused.code >= PERMANENT)

    def _keep(self, line: _Line) -> None:
        line.letters += 1
        line.used_at = asyncio.get_running_loop().time()
        self._free.append(line)

    async def _drop(self, line: _Line) -> None:
        with suppress(*_BROKEN):
            async with asyncio.timeout(QUIT_SECONDS):
                await line.client.quit()
        line.client.close()


async def _say(client: SMTP, wanted: Container[int], *words: bytes) -> None:
    """One command and its answer. The conversation as a whole has a limit, and so no command has
    its own. Raises SMTPResponseException for another answer than is `wanted`."""
    _expect(wanted, await client.execute_command(*words, timeout=None))


async def _hand_in(client: SMTP, content: bytes) -> None:
    """What follows DATA. Written here, as the client's own way looks at each line twice, which
    costs a third of all that it does for a letter. Raises as `_say` does."""
    protocol = client.protocol
    if protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    protocol.write(_on_the_wire(content))
    _expect(TAKEN, await protocol.read_response())


def _on_the_wire(content: bytes) -> bytes:
    """A letter as it follows DATA (RFC 5321, 4.5.2): each line ends with CRLF, a dot that begins one
    is doubled, and a dot by itself ends all."""
    breaks = content.count(b"\r\n")
    if not content.count(b"\n") == content.count(b"\r") == breaks:
        content = b"\r\n".join(content.splitlines())
    if b"\n." in content or content.startswith(b"."):
        content = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _address(address: str) -> bytes:
    return b"<" + address.encode("ascii") + b">"


def _expect(wanted: Container[int], answer: SMTPResponse) -> None:
    if answer.code not in wanted:
        raise SMTPResponseException(answer.code, answer.message)


def _broken(stage: Stage, fault: BaseException) -> NotTaken | Cut | Away:
    """What a conversation that broke off means, by how far it had come."""
    reason = _reason(stage, fault)
    if stage == "data":
        return Cut(reason)
    return Away(reason) if stage == "mail" else NotTaken(reason, permanent=False)


def _reason(stage: Stage, fault: BaseException) -> str:
    """A code for a log or a row: never the server's words, which may repeat an address."""
    if isinstance(fault, SMTPResponseException):
        return f"{stage}_{fault.code}" if fault.code >= TEMPORARY else f"{stage}_unclear"
    return f"{stage}_timeout" if isinstance(fault, TimeoutError) else f"{stage}_cut"
