"""Gathers what is to go into digests, and sends them. Any number of these may run.

A digest is claimed in a transaction of its own, with a lease, before the mail server is spoken to.
Where nobody can tell whether it went, it is sent again under the same Message-ID.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from chassis.errors import Unavailable
from chassis.stream.kernel import Service
from chassis.telemetry import logs, metrics
from policy.working_time import LONDON, opens_next
from services.notifications.channels.port import Away, Channel
from services.notifications.digests import store
from services.notifications.digests.domain import (
    Digest,
    DigestState,
    Line,
    empty,
    followed,
    unsendable,
)
from services.notifications.digests.people import OF_PERSON, PersonWriter
from services.notifications.digests.weeks import OF_ORGANISATION, WeekWriter
from services.notifications.digests.writing import Writer
from services.notifications.domain import CHANNEL, Case
from services.notifications.reads import Unreadable
from services.notifications.rendering.mail import Email
from services.notifications.rendering.pen import CannotWrite

EVERY_SECONDS = 2.0
AWAY_SECONDS = 5.0
MOST_CLAIMED = 10
AGAIN_AFTER = timedelta(seconds=30)
KEPT = timedelta(days=30)
KIND = "digest"
ASKED_WITHIN = timedelta(days=90)
"""What was asked before that nobody waits for."""

log = logs.get_logger(__name__)


def _weekly(digest: Digest) -> bool:
    return digest.recipient.startswith(OF_ORGANISATION)


def _personal(digest: Digest) -> bool:
    return digest.recipient.startswith(OF_PERSON)


class Digests:
    """Gathers and sends until cancelled. `conversation` is the channel's own time limit."""

    def __init__(
        self,
        service: Service[Case],
        channel: Channel,
        writer: Writer,
        weeks: WeekWriter,
        people: PersonWriter,
        conversation: timedelta,
    ) -> None:
        self._service = service
        self._channel = channel
        self._writer = writer
        self._weeks = weeks
        self._people = people
        self._conversation = conversation
        self._token = service.ids()
        self._tidied_on = service.clock().date()

    async def run(self) -> None:
        """Look every two seconds. While the database or the mail server is away, wait."""
        while True:
            try:
                pause = EVERY_SECONDS if await self.step() else AWAY_SECONDS
            except Unavailable as away:
                log.warning("digests_wait", reason=away.code)
                pause = AWAY_SECONDS
            await asyncio.sleep(pause)

    async def step(self) -> bool:
        """Gather once, and send what may go. False when the mail server is away. Raises
        DatabaseAway."""
        service = self._service
        async with service.database.transaction() as connection:
            await store.gather(connection, service.ids, service.clock())
        if not await self._channel.reachable():
            return False
        now = service.clock()
        async with service.database.transaction() as connection:
            digests, lines = await store.claim(
                connection,
                now,
                self._token,
                now + self._conversation * (MOST_CLAIMED + 1),
                MOST_CLAIMED,
            )
        for digest in digests:
            ended = await self._deliver(digest, lines[digest.digest_id])
            async with service.database.transaction() as connection:
                await store.record(connection, ended, self._token)
            metrics.MESSAGES.labels(CHANNEL, KIND, ended.state).inc()
            if ended.state is DigestState.FAILED:
                log.warning("digest_not_sent", digest_id=str(ended.digest_id), reason=ended.reason)
        await self._tidy()
        return True

    async def _deliver(self, digest: Digest, lines: list[Line]) -> Digest:
        """Write one digest and hand it over."""
        now = self._service.clock()
        opens = self._opens(digest, now)
        if opens > now:
            return replace(digest, state=DigestState.QUEUED, due_at=opens)
        try:
            email = await self._written(digest, lines, now)
        except (Unavailable, Unreadable):
            return followed(digest, Away("words_away"), now, AGAIN_AFTER)
        except CannotWrite as wrong:
            return unsendable(digest, str(wrong))
        except Exception:
            # An authority's own template must not keep the others' digests.
            log.exception("digest_not_written", digest_id=str(digest.digest_id))
            return unsendable(digest, "template_failed")
        if email is None:
            return empty(digest)
        letter = email.letter(again=digest.cuts > 0)
        if now + self._conversation > digest.due_at:
            return followed(digest, Away("lease_passed"), now, timedelta(0))
        delivery = await self._channel.hand_over(letter)
        return followed(digest, delivery, self._service.clock(), AGAIN_AFTER)

    async def _written(self, digest: Digest, lines: list[Line], now: datetime) -> Email | None:
        if _personal(digest):
            return await self._people.email(digest, now)
        if not _weekly(digest):
            return self._writer.email(digest, lines, now) if lines else None
        async with self._service.database.connection() as connection:
            asked = await store.asked(connection, digest.authority, now - ASKED_WITHIN)
        return await self._weeks.email(digest, asked, now)

    def _opens(self, digest: Digest, now: datetime) -> datetime:
        """From when on it may go: what is for another organisation or one person goes while the hub
        is open, so that somebody answers who rings."""
        if not _weekly(digest) and not _personal(digest):
            return now
        try:
            pack = self._service.policy.current(digest.authority, now.astimezone(LONDON).date())
            return opens_next(pack.calendar, now)
        except (KeyError, ValueError):
            return now

    async def _tidy(self) -> None:
        """Once a day, forget what ended long ago."""
        now = self._service.clock()
        if now.date() != self._tidied_on:
            async with self._service.database.transaction() as connection:
                await store.tidy(connection, now - KEPT)
            self._tidied_on = now.date()
