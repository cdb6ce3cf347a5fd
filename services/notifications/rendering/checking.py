"""Trying an authority's own templates with invented messages: `frontdoor policy check`."""

import html
import re
from collections.abc import Iterator

from jinja2 import TemplateSyntaxError

from policy.pack import Pack
from services.notifications.digests import samples as digests
from services.notifications.form_links import samples as form_links
from services.notifications.letters import samples as letters
from services.notifications.rendering.samples import Sample, samples
from services.notifications.rendering.templates import FOLDER, Templates

MOST_BYTES = 100_000
_TAGS = re.compile(r"<head>.*?</head>|<[^>]+>", re.DOTALL)
_FETCHED = re.compile(r"<(img|script|link|iframe|object|embed|form)\b|url\(|@import", re.IGNORECASE)


def template_problems(pack: Pack) -> list[tuple[str, str]]:
    """What is wrong with a pack's own templates: the template's name and why, each once."""
    own = pack.messages.templates
    known = {path.name for path in FOLDER.iterdir()}
    found = {
        (name, "is no template that there is one to replace of") for name in own.keys() - known
    }
    if own and not found:
        try:
            templates = Templates().of(pack)
        except TemplateSyntaxError as wrong:
            return [(wrong.name or "", f"line {wrong.lineno}: {wrong.message}")]
        beside = (
            digests.sample(pack),
            digests.week(pack),
            digests.asked(pack),
            *form_links.samples(pack),
            *letters.samples(pack),
        )
        for sample in (*samples(pack), *beside):
            found.update(wrong_with(templates, sample))
    return sorted(found)


def wrong_with(templates: Templates, sample: Sample) -> Iterator[tuple[str, str]]:
    """What is wrong with one message as these templates write it: the template's name, and why."""
    parts = {}
    for end, fill in (("txt", templates.text), ("html", templates.html)):
        name = f"{sample.kind}.{end}"
        try:
            parts[end] = fill(sample.kind, sample.values)
        except Exception as fault:
            # The sandbox, strictness and arithmetic all speak in their own kinds of errors.
            yield name, f"fails for {sample.name}: {fault}"
            continue
        if len(parts[end].encode()) > MOST_BYTES:
            yield name, f"writes more than {MOST_BYTES} bytes for {sample.name}"
        plain = parts[end] if end == "txt" else html.unescape(_TAGS.sub(" ", parts[end]))
        said = " ".join(plain.split())
        for words in sample.needed:
            if words not in said:
                yield name, f"leaves out {words!r} for {sample.name}"
    page = parts.get("html")
    if page is not None:
        name = f"{sample.kind}.html"
        if _FETCHED.search(page):
            yield name, "holds something that a mail reader fetches or runs"
        if page.count("<h1") != 1 or 'lang="en-GB"' not in page:
            yield name, "needs one first heading, and to say that it is in English"
