"""From a digest and its lines to an email."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.pack import Pack
from policy.working_time import LONDON, is_open
from services.notifications.alerts import AlertAddresses
from services.notifications.digests.domain import Digest, Line
from services.notifications.domain import About
from services.notifications.rendering.mail import Email
from services.notifications.rendering.pen import CannotWrite, Pen
from services.notifications.rendering.templates import DIGEST
from services.notifications.rendering.view import clock_title
from services.notifications.rendering.words import day, moment

MOST_LINES = 50
# Whoever has much to read sees first what is worst.
ORDER = (About.ESCALATED, About.BREACHED, About.WARNED, About.TODAY)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes digests. `public_url` is where staff reach the console."""

    pen: Pen
    public_url: str
    addresses: AlertAddresses

    def email(self, digest: Digest, lines: Sequence[Line], now: datetime) -> Email:
        """A digest as an email. Raises CannotWrite, and whatever an authority's own template
        does."""
        pack = self.pen.pack(digest.authority, now)
        address = self.addresses.of_recipient(pack, digest.recipient, is_open(pack.calendar, now))
        if not address:
            raise CannotWrite("no_alert_address")
        return self.pen.email(
            DIGEST,
            pack,
            view(pack, digest, lines, self.public_url.rstrip("/")),
            message_id=digest.digest_id,
            recipient=address,
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
