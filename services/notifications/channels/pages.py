"""Steps of the duty ladder to a paging service: a call to it, signed as Standard Webhooks says.

The paging service wakes whoever is on call; that it took the call is no acceptance. What it is told
is one sentence and a link, as in a text message.
"""

from typing import Final

from pydantic_core import to_json
from standardwebhooks import Webhook

from chassis.clock import Clock
from services.notifications.channels.port import Channel, Delivery, Letter, NotTaken

PAGE: Final = "uk.frontdoor.page.v1"


class PageChannel:
    """Hands letters whose recipient is the paging service's address to `calls`, signed with
    `secret`."""

    def __init__(self, calls: Channel, secret: str, clock: Clock) -> None:
        self._calls = calls
        self._signer = Webhook(secret)
        self._clock = clock

    @property
    def lanes(self) -> int:
        """How many calls it can make at the same time."""
        return self._calls.lanes

    async def reachable(self) -> bool:
        """A call says whether it is."""
        return True

    async def hand_over(self, letter: Letter) -> Delivery:
        """Call once. The same message has the same `webhook-id` each time."""
        plain = letter.plain
        if plain is None:
            return NotTaken("no_plain_words", permanent=True)
        now = self._clock()
        body = to_json({"type": PAGE, "timestamp": now, "data": {"text": plain.text}})
        headers = {
            "Content-Type": "application/json",
            "webhook-id": plain.reference,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(plain.reference, now, body.decode()),
        }
        return await self._calls.hand_over(Letter(letter.sender, letter.recipient, body, headers))

    async def close(self) -> None:
        """Take leave of it."""
        await self._calls.close()
