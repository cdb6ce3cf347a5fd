"""Invented links, to try an authority's own templates with before they are used."""

from collections.abc import Iterator
from datetime import timedelta

from policy.pack import Pack
from services.notifications.form_links.domain import FormLink
from services.notifications.form_links.writing import LINKS, view
from services.notifications.rendering.samples import MESSAGE_ID, WRITTEN, Sample

NAMES = {
    "form": "whoever began a web form",
    "answer": "whoever asked for advice",
    "help": "whoever was told of help",
}
LINK = "https://frontdoor.example/refer/return/of-a-sample"


def samples(pack: Pack) -> Iterator[Sample]:
    """Somebody who comes back within a month: to a form, and to advice."""
    until = WRITTEN + timedelta(days=30)
    for about, (template, _, _) in LINKS.items():
        link = FormLink(MESSAGE_ID, pack.authority, until, WRITTEN, WRITTEN, about=about)
        yield Sample(template, NAMES[about], view(pack, link, LINK), (LINK,))
