"""From a link that was asked for to an email. It names nobody, and no child."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy.pack import Pack
from services.notifications.form_links.domain import FormLink, Words
from services.notifications.rendering.mail import Email
from services.notifications.rendering.pen import Pen
from services.notifications.rendering.templates import FORM_LINK
from services.notifications.rendering.words import moment

SUBJECT = "Your saved form"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the emails. `public_url` is where people reach the console."""

    pen: Pen
    public_url: str

    def email(self, link: FormLink, words: Words) -> Email:
        """The email. Raises CannotWrite, and whatever an authority's own template does."""
        pack = self.pen.pack(link.authority, link.asked_at)
        way_back = f"{self.public_url.rstrip('/')}/refer/return/{words.token}"
        return self.pen.email(
            FORM_LINK,
            pack,
            view(pack, link, way_back),
            message_id=link.link_id,
            recipient=words.address,
            queued_at=link.asked_at,
        )


def view(pack: Pack, link: FormLink, way_back: str) -> Mapping[str, Any]:
    """The names that the templates use."""
    return {
        "title": SUBJECT,
        "subject": SUBJECT,
        "hub": {"name": pack.messages.hub_name},
        "link": way_back,
        "until": moment(link.until),
    }
