"""An invented link, to try an authority's own templates with before they are used."""

from datetime import timedelta

from policy.pack import Pack
from services.notifications.form_links.domain import FormLink
from services.notifications.form_links.writing import view
from services.notifications.rendering.samples import MESSAGE_ID, WRITTEN, Sample
from services.notifications.rendering.templates import FORM_LINK

LINK = "https://frontdoor.example/refer/return/of-a-sample"


def sample(pack: Pack) -> Sample:
    """Somebody who comes back within a month."""
    until = WRITTEN + timedelta(days=30)
    link = FormLink(MESSAGE_ID, pack.authority, until, WRITTEN, WRITTEN)
    return Sample(FORM_LINK, "whoever began a web form", view(pack, link, LINK), (LINK,))
