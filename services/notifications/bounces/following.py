"""Looks into the mailbox for what came back, until cancelled."""

import asyncio
from pathlib import Path

from chassis.errors import NotFound, Unavailable
from chassis.rounds import go_round
from chassis.telemetry import logs
from services.notifications.bounces import mailbox
from services.notifications.bounces.reading import Report, read
from services.notifications.ends import Ends

EVERY_SECONDS = 10.0

log = logs.get_logger(__name__)


class Bounces:
    """One mailbox. `domain` is that of the Message-IDs of our messages."""

    def __init__(self, ends: Ends, folder: Path, domain: str) -> None:
        self._ends = ends
        self._folder = folder
        self._domain = domain

    async def run(self) -> None:
        """Look every ten seconds. While the folder or the database is away, wait."""
        await go_round(
            self.step,
            EVERY_SECONDS,
            away=(Unavailable, OSError),
            waits=lambda away: log.warning("bounces_wait", reason=type(away).__name__),
        )

    async def step(self) -> int:
        """Read what waits; how many mails. A mail is put away after what it says was committed, so
        that none is missed; read twice it says the same. Raises Unavailable, OSError."""
        mails = await mailbox.read(self._folder)
        for path, raw in mails:
            report = self._read(raw)
            if report is not None:
                await self._follow(report)
            await asyncio.to_thread(mailbox.put_away, path)
        return len(mails)

    def _read(self, raw: bytes) -> Report | None:
        try:
            return read(raw, self._domain)
        except Exception:
            # Anybody can send a mail: one that cannot be read must not hold up the others.
            log.exception("bounce_not_read")
            return None

    async def _follow(self, report: Report) -> None:
        try:
            await self._ends.told(
                report.message_id, report.status if not report.delivered else None
            )
        except NotFound:
            log.warning("bounce_of_nothing_known", message_id=str(report.message_id))
