"""Emails, text messages and calls to a paging service, each through its own provider."""

from services.notifications.channels.port import Away, Channel, Delivery, Letter, NotTaken


class MailAndTexts:
    """Hands text messages to `texts`, calls to a paging service to `pages`, everything else to `mail`.
    While one of the former two is away, what is for it is put off, and emails go on."""

    def __init__(
        self, mail: Channel, texts: Channel | None = None, pages: Channel | None = None
    ) -> None:
        self._mail = mail
        self._texts = texts
        self._pages = pages

    @property
    def lanes(self) -> int:
        """How many letters it can hand over at the same time."""
        return self._mail.lanes

    async def reachable(self) -> bool:
        """Whether emails can go."""
        return await self._mail.reachable()

    async def hand_over(self, letter: Letter) -> Delivery:
        """Hand over one letter, by its recipient."""
        beside = self._beside(letter.recipient)
        if beside is None:
            return await self._mail.hand_over(letter)
        delivery = await beside.hand_over(letter)
        # What a paging service refuses for good goes as an email in a moment.
        match delivery:
            case Away(reason):
                return NotTaken(reason, permanent=False)
            case NotTaken(reason, after=after) if beside is self._pages:
                return NotTaken(reason, permanent=False, after=after)
        return delivery

    async def close(self) -> None:
        """Take leave of all."""
        for each in (self._mail, self._texts, self._pages):
            if each is not None:
                await each.close()

    def _beside(self, recipient: str) -> Channel | None:
        if recipient.startswith("+"):
            return self._texts
        return self._pages if recipient.startswith(("https://", "http://")) else None
