"""The templates: an HTML and a text one for each kind of message.

Those of authorities that bring their own are sandboxed; all are strict, because a message with a
hole in it is worse than one that waits for somebody to mend it.
"""

import re
from collections.abc import Mapping, MutableMapping
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
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from policy.pack import Pack
from services.notifications.rendering.words import paragraphs, wrapped

_GAP = "\n\n"
_WIDER_GAP = "\n\n\n"
# What is written beside the kinds of messages.
ASKED = "asked"
DIGEST = "digest"
FAMILY_LETTER = "family_letter"
FORM_LINK = "form_link"
ADVICE_ANSWERED = "advice_answered"
ADVICE_HELP = "advice_help"
WEEK = "week"
FOLDER = Path(__file__).parents[1] / "templates"
_MACRO = re.compile(r"{% macro (\w+)\(([\w, ]*)\) -?%}\n?(.*?)(?:\n{%- |{% )endmacro %}", re.DOTALL)
# One that is given what stands between two tags, where that holds no other such.
_CALL = re.compile(
    r"{% call (?:parts\.)?(\w+)\(\) %}((?:(?!{%-? *call ).)*?){% endcall %}\n?", re.DOTALL
)
_WRITTEN = re.compile(r"{{(-?) (?:parts\.)?(\w+)\(([^()]*)\) }}")
_CALLER = "{{ caller() }}"


def environment(own: Mapping[str, str] | None = None) -> Environment:
    """The shipped templates, those in `own` in place of theirs, which do nothing but write. HTML is
    escaped; nothing undefined is let through."""
    # The sandbox looks at each attribute and each call: a quarter of what a message costs.
    made = (ImmutableSandboxedEnvironment if own else _Plain)(
        loader=ChoiceLoader([DictLoader(own or {}), FileSystemLoader(FOLDER)]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=[] if own else [_Inlined],
    )
    made.filters["paragraphs"] = paragraphs
    made.filters["wrapped"] = wrapped
    return made


class _Plain(Environment):
    """Looks a name up in a dictionary first: what templates are given are dictionaries, and looking
    for an attribute that is not there was a quarter of the time that a message took."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One dictionary: each rendering copies them, and a chain of two is slow to copy."""
        return {**self.globals, **(d or {})}


class _Inlined(Extension):
    """Writes the shipped parts where they stand: calling the macros for them was half the time that
    a page took. Only for shipped templates: an authority's own may mean other parts."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        del filename
        parts = "parts.txt" if (name or "").endswith(".txt") else "parts.html"
        return source if name == parts else _inlined(source, _macros(parts))


@cache
def _macros(parts: str) -> Mapping[str, tuple[list[str], str]]:
    """What each part takes, and what it writes."""
    found = _MACRO.findall((FOLDER / parts).read_text())
    return {macro: (takes.split(", "), body) for macro, takes, body in found}


def _inlined(source: str, macros: Mapping[str, tuple[list[str], str]]) -> str:
    def called(found: re.Match[str]) -> str:
        body = macros[found[1]][1] if found[1] in macros else ""
        return body.replace(_CALLER, found[2]) if _CALLER in body else found[0]

    def written(found: re.Match[str]) -> str:
        strip, macro, given = found.groups()
        takes, body = macros.get(macro, ([], ""))
        values = given.split(", ")
        if not body or len(values) != len(takes):
            return found[0]
        named = ", ".join(map(" = ".join, zip(takes, values, strict=True)))
        return f"{{%{strip} with {named} +%}}{body}{{% endwith +%}}"

    again = _WRITTEN.sub(written, _CALL.sub(called, source))
    return again if again == source else _inlined(again, macros)


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
        while _WIDER_GAP in written:
            written = written.replace(_WIDER_GAP, _GAP)
        return f"{written}\n"
