"""From a digest and its lines to an email."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import LONDON, is_open
from services.notifications.alerts import AlertAddresses
from services.notifications.digests.domain import Digest, Line
from services.notifications.domain import About
from services.notifications.rendering.mail import BadAddress, Email, checked
from services.notifications.rendering.templates import DIGEST, Templates
from services.notifications.rendering.view import clock_title
from services.notifications.rendering.words import day, moment

MOST_LINES = 50
# Whoever has much to read sees first what is worst.
ORDER = (About.ESCALATED, About.BREACHED, About.WARNED, About.TODAY)


class CannotWrite(Exception):
    """There is no address for a digest. `args` holds the code."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes digests. `public_url` is where staff reach the console."""

    packs: PackSet
    templates: Templates
    sender: str
    public_url: str
    addresses: AlertAddresses

    def email(self, digest: Digest, lines: Sequence[Line], now: datetime) -> Email:
        """A digest as an email. Raises CannotWrite, and whatever an authority's own template
        does."""
        try:
            pack = self.packs.current(digest.authority, now.astimezone(LONDON).date())
        except KeyError:
            raise CannotWrite("pack_not_here") from None
        address = self.addresses.of_recipient(pack, digest.recipient, is_open(pack.calendar, now))
        if not address:
            raise CannotWrite("no_alert_address")
        try:
            recipient = checked(address)
        except BadAddress:
            raise CannotWrite("bad_address") from None
        values = view(pack, digest, lines, self.public_url.rstrip("/"))
        templates = self.templates.of(pack)
        return Email(
            message_id=digest.digest_id,
            sender=self.sender,
            sender_name=pack.messages.hub_name,
            recipient=recipient,
            subject=values["subject"],
            text=templates.text(DIGEST, values),
            html=templates.html(DIGEST, values),
            queued_at=digest.made_at,
        )


def view(pack: Pack, digest: Digest, lines: Sequence[Line], public_url: str) -> Mapping[str, Any]:
    """The names that a digest's templates use. Nothing of a referral but its reference, its
    colour, a time limit and a link."""
    shown = sorted(lines, key=lambda line: (ORDER.index(line.about), line.due_at))[:MOST_LINES]
    count = f"{len(lines)} time limit{'' if len(lines) == 1 else 's'}"
    overdue = sum(_is_overdue(line, digest.made_at) for line in lines)
    title = (
        f"{count} for {day(digest.made_at.astimezone(LONDON).date())}"
        if digest.morning
        else f"{count} to look at"
    )
    return {
        "title": title,
        "subject": f"{title}, {overdue} overdue" if overdue else title,
        "hub": {"name": pack.messages.hub_name},
        "morning": digest.morning,
        "lines": [
            {
                "reference": line.reference,
                "colour": pack.rating.rag_names[line.rag] if line.rag else None,
                "clock": clock_title(pack, line.clock),
                "due": moment(line.due_at),
                "overdue": _is_overdue(line, digest.made_at),
                "link": f"{public_url}/referrals/{line.referral_id}",
            }
            for line in shown
        ],
        "more": len(lines) - len(shown),
        "link": f"{public_url}/queue",
    }


def _is_overdue(line: Line, at: datetime) -> bool:
    return line.due_at <= at
