"""The templates: an HTML and a text one for each kind of message.

Those of authorities that bring their own are sandboxed; all are strict, because a message with a
hole in it is worse than one that waits for somebody to mend it.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    DictLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    select_autoescape,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from policy.pack import Pack
from services.notifications.rendering.words import paragraphs, wrapped

_GAP = "\n\n"
_GAPS = re.compile(r"\n{3,}")
# What is written beside the kinds of messages.
ASKED = "asked"
DIGEST = "digest"
FAMILY_LETTER = "family_letter"
FORM_LINK = "form_link"
WEEK = "week"
FOLDER = Path(__file__).parents[1] / "templates"


def environment(own: Mapping[str, str] | None = None) -> Environment:
    """The shipped templates, those in `own` in place of theirs, which do nothing but write. HTML is
    escaped; nothing undefined is let through."""
    # The sandbox looks at each attribute and each call: a quarter of what a message costs.
    made = (ImmutableSandboxedEnvironment if own else Environment)(
        loader=ChoiceLoader([DictLoader(own or {}), FileSystemLoader(FOLDER)]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["paragraphs"] = paragraphs
    made.filters["wrapped"] = wrapped
    return made


# Compiled once, however many houses one process builds.
_shipped = cache(environment)


class Templates:
    """Fills in templates, each of which is compiled at its first use. Whatever an authority's own
    template does can be raised."""

    def __init__(self, made: Environment | None = None) -> None:
        self._made = made or _shipped()
        self._own: dict[tuple[str, str], Templates] = {}

    def of(self, pack: Pack) -> "Templates":
        """These, with those that the pack's authority has written itself in their place. Raises
        jinja2.TemplateError."""
        own = pack.messages.templates
        if not own:
            return self
        place = (pack.authority, pack.version)
        if place not in self._own:
            made = environment(own)
            for name in own:
                made.get_template(name)
            self._own[place] = Templates(made)
        return self._own[place]

    def html(self, kind: str, view: Mapping[str, Any]) -> str:
        """The HTML part."""
        return self._made.get_template(f"{kind}.html").render(view)

    def text(self, kind: str, view: Mapping[str, Any]) -> str:
        """The text part, complete in itself."""
        written = self._made.get_template(f"{kind}.txt").render(view).strip()
        return f"{_GAPS.sub(_GAP, written)}\n"
