"""From a template and its values to an email: what all that writes beside the kinds of messages has
in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import LONDON
from services.notifications.rendering.mail import BadAddress, Email, checked
from services.notifications.rendering.templates import Templates


class CannotWrite(Exception):
    """There is no pack, or no address, for an email. `args` holds the code."""


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes emails from `sender`, an address, under the name of an authority's hub."""

    packs: PackSet
    templates: Templates
    sender: str

    def pack(self, authority: str, now: datetime) -> Pack:
        """The pack whose words an authority writes in today. Raises CannotWrite."""
        try:
            return self.packs.current(authority, now.astimezone(LONDON).date())
        except KeyError:
            raise CannotWrite("pack_not_here") from None

    def email(
        self,
        kind: str,
        pack: Pack,
        values: Mapping[str, Any],
        *,
        message_id: UUID,
        recipient: str,
        queued_at: datetime,
    ) -> Email:
        """An email of a kind of templates. Raises CannotWrite, and whatever an authority's own
        template does."""
        try:
            address = checked(recipient)
        except BadAddress:
            raise CannotWrite("bad_address") from None
        templates = self.templates.of(pack)
        return Email(
            message_id=message_id,
            sender=self.sender,
            sender_name=pack.messages.hub_name,
            recipient=address,
            subject=values["subject"],
            text=templates.text(kind, values),
            html=templates.html(kind, values),
            queued_at=queued_at,
        )
