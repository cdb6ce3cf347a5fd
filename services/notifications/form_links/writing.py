"""From a link that was asked for to an email. It names nobody, and no child."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from policy.pack import Pack
from services.notifications.form_links.domain import About, FormLink, Words
from services.notifications.rendering.mail import Email
from services.notifications.rendering.pen import Pen
from services.notifications.rendering.templates import ADVICE_ANSWERED, ADVICE_HELP, FORM_LINK
from services.notifications.rendering.words import moment

LINKS: Final[Mapping[About, tuple[str, str, str]]] = {
    "form": (FORM_LINK, "Your saved form", "refer/return"),
    "answer": (ADVICE_ANSWERED, "Your question for advice", "advice"),
    "help": (ADVICE_HELP, "Did the help happen?", "advice"),
}
"""What a link is about: its template, its subject and where it leads."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the emails. `public_url` is where people reach the console."""

    pen: Pen
    public_url: str

    def email(self, link: FormLink, words: Words) -> Email:
        """The email. Raises CannotWrite, and whatever an authority's own template does."""
        pack = self.pen.pack(link.authority, link.asked_at)
        template, _, place = LINKS[link.about]
        way_back = f"{self.public_url.rstrip('/')}/{place}/{words.token}"
        return self.pen.email(
            template,
            pack,
            view(pack, link, way_back),
            message_id=link.link_id,
            recipient=words.address,
            queued_at=link.asked_at,
        )


def view(pack: Pack, link: FormLink, way_back: str) -> Mapping[str, Any]:
    """The names that the templates use."""
    _, subject, _ = LINKS[link.about]
    return {
        "title": subject,
        "subject": subject,
        "hub": {"name": pack.messages.hub_name, "phone": pack.messages.phone},
        "link": way_back,
        "until": moment(link.until),
    }
