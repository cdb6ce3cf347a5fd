"""From a link that was asked for to an email. It names nobody, and no child."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import LONDON
from services.notifications.form_links.domain import FormLink, Words
from services.notifications.rendering.mail import Email
from services.notifications.rendering.templates import FORM_LINK, Templates
from services.notifications.rendering.words import moment

SUBJECT = "Your saved form"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the emails. `public_url` is where people reach the console."""

    packs: PackSet
    templates: Templates
    sender: str
    public_url: str

    def email(self, link: FormLink, words: Words) -> Email:
        """The email. Raises KeyError for an authority that has no pack here, and whatever an
        authority's own template does."""
        pack = self.packs.current(link.authority, link.asked_at.astimezone(LONDON).date())
        way_back = f"{self.public_url.rstrip('/')}/refer/return/{words.token}"
        values = view(pack, link, way_back)
        templates = self.templates.of(pack)
        return Email(
            message_id=link.link_id,
            sender=self.sender,
            sender_name=pack.messages.hub_name,
            recipient=words.address,
            subject=values["subject"],
            text=templates.text(FORM_LINK, values),
            html=templates.html(FORM_LINK, values),
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
