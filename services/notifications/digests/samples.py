"""An invented digest, to try an authority's own templates with before they are used."""

from dataclasses import replace

from contracts.events import Rag
from policy.pack import Pack
from services.notifications.digests.domain import Digest, Line
from services.notifications.digests.writing import view
from services.notifications.domain import About
from services.notifications.rendering.samples import MESSAGE_ID, REFERRAL_ID, WRITTEN, Sample
from services.notifications.rendering.templates import DIGEST
from services.notifications.rendering.view import STATUTORY


def sample(pack: Pack) -> Sample:
    """A team's morning list with something overdue and something due."""
    digest = Digest(MESSAGE_ID, pack.authority, "team:hub", True, WRITTEN, WRITTEN)
    line = Line(
        MESSAGE_ID,
        REFERRAL_ID,
        f"{pack.prefix}-000123-K",
        STATUTORY,
        About.TODAY,
        WRITTEN,
        Rag.AMBER,
    )
    lines = (line, replace(line, due_at=WRITTEN.replace(hour=16), rag=None))
    values = view(pack, digest, lines, "https://frontdoor.example")
    return Sample(DIGEST, "a team", values, (line.reference,))
