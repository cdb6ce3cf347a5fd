"""Asking ClamAV about a file: clamd's INSTREAM over TCP. Nothing is written to a disk for it."""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from chassis.errors import Unavailable
from chassis.telemetry import logs
from services.intake.attachments.inspecting import refused

CHUNK: Final = 64 * 1024
MOST_REPLY: Final = 4_096

log = logs.get_logger(__name__)


class Scanner(Protocol):
    """Looks at a file. True where it was found clean, False where nothing looks at files here."""

    async def scan(self, content: bytes) -> bool: ...


class NoScanner:
    """Where no scanner is configured."""

    async def scan(self, content: bytes) -> bool:
        """Nobody looked."""
        del content
        return False


@dataclass(frozen=True, slots=True)
class ClamAV:
    """clamd at a host and port. `seconds` bounds one conversation."""

    host: str
    port: int
    seconds: float = 30

    async def scan(self, content: bytes) -> bool:
        """True for a clean file. Raises InvalidInput for an infected one, Unavailable where the
        scanner cannot tell."""
        try:
            async with asyncio.timeout(self.seconds):
                reply = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as away:
            log.warning("scanner_away")
            raise _away() from away
        if reply == "stream: OK":
            return True
        if reply.endswith(" FOUND"):
            raise refused("infected", "The virus scanner found something in this file.")
        log.warning("scanner_cannot_tell")
        raise _away()

    async def _ask(self, content: bytes) -> str:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK):
                part = content[start : start + CHUNK]
                writer.write(len(part).to_bytes(4, "big") + part)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            reply = await reader.readuntil(b"\0")
        finally:
            writer.close()
        return reply[:MOST_REPLY].rstrip(b"\0").decode("utf-8", "replace").strip()


def scanner_at(address: str | None) -> Scanner:
    """The scanner at `host:port`, or none. Raises ValueError for what is no address."""
    if not address:
        return NoScanner()
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError("the scanner's address is host:port")
    return ClamAV(host, int(port))


def _away() -> Unavailable:
    return Unavailable("scanner_away", "The file could not be scanned. Send it again shortly.")
