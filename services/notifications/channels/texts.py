"""Emails and text messages, each through its own provider."""

from services.notifications.channels.port import Away, Channel, Delivery, Letter, NotTaken


class MailAndTexts:
    """Hands text messages to `texts`, everything else to `mail`. While only the former is away,
    text messages are put off, and emails go on."""

    def __init__(self, mail: Channel, texts: Channel) -> None:
        self._mail = mail
        self._texts = texts

    @property
    def lanes(self) -> int:
        """How many letters it can hand over at the same time."""
        return self._mail.lanes

    async def reachable(self) -> bool:
        """Whether emails can go."""
        return await self._mail.reachable()

    async def hand_over(self, letter: Letter) -> Delivery:
        """Hand over one letter, by its recipient."""
        if not letter.recipient.startswith("+"):
            return await self._mail.hand_over(letter)
        delivery = await self._texts.hand_over(letter)
        return (
            NotTaken(delivery.reason, permanent=False) if isinstance(delivery, Away) else delivery
        )

    async def close(self) -> None:
        """Take leave of both."""
        await self._mail.close()
        await self._texts.close()
