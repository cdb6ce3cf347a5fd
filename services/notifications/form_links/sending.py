"""Mails the links that were asked for. Any number of these may run.

A link is claimed in a transaction of its own, with a lease, before the mail server is spoken to.
"""

from datetime import timedelta

from chassis.errors import Unavailable
from chassis.rounds import go_round
from chassis.stream.kernel import Service
from chassis.telemetry import logs, metrics
from chassis.vault import KeyRing, SealBroken
from services.notifications.channels.port import Channel
from services.notifications.domain import CHANNEL, Case
from services.notifications.form_links import store
from services.notifications.form_links.domain import (
    COUNTED_FOR,
    FormLink,
    LinkState,
    followed,
    late,
    unsendable,
)
from services.notifications.form_links.sealing import unseal
from services.notifications.form_links.writing import LINKS, Writer
from services.notifications.rendering.pen import CannotWrite

EVERY_SECONDS = 2.0
MOST_CLAIMED = 10

log = logs.get_logger(__name__)


class FormLinks:
    """Sends until cancelled. `conversation` is the channel's own time limit."""

    def __init__(
        self,
        service: Service[Case],
        ring: KeyRing,
        channel: Channel,
        writer: Writer,
        conversation: timedelta,
    ) -> None:
        self._service = service
        self._ring = ring
        self._channel = channel
        self._writer = writer
        self._conversation = conversation
        self._token = service.ids()

    async def run(self) -> None:
        """Look every two seconds. While the database or the mail server is away, wait."""
        await go_round(self.step, EVERY_SECONDS, most=MOST_CLAIMED, away=(Unavailable,))

    async def step(self) -> int:
        """Send what may go: how many were tried. Raises DatabaseAway."""
        service = self._service
        if not await self._channel.reachable():
            return 0
        now = service.clock()
        until = now + self._conversation * (MOST_CLAIMED + 1)
        async with service.database.transaction() as connection:
            await store.tidy(connection, now - COUNTED_FOR)
            found = await store.claim(connection, now, self._token, until, MOST_CLAIMED)
        for link, sealed in found:
            ended = await self._deliver(link, sealed)
            async with service.database.transaction() as connection:
                await store.record(connection, ended, self._token)
            metrics.MESSAGES.labels(CHANNEL, LINKS[link.about][0], ended.state).inc()
            if ended.state is LinkState.FAILED:
                log.warning("form_link_not_sent", reason=ended.reason)
        return len(found)

    async def _deliver(self, link: FormLink, sealed: tuple[str, bytes]) -> FormLink:
        if link.until <= self._service.clock():
            return late(link)
        try:
            email = self._writer.email(link, unseal(self._ring, link, sealed))
        except SealBroken:
            return unsendable(link, "seal_broken")
        except CannotWrite as wrong:
            return unsendable(link, wrong.args[0])
        except Exception:
            # An authority's own template must not keep the others' links.
            log.exception("form_link_not_written", authority=link.authority)
            return unsendable(link, "template_failed")
        delivery = await self._channel.hand_over(email.letter(again=link.cuts > 0))
        return followed(link, delivery, self._service.clock())
