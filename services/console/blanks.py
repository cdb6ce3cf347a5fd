"""The parts of a form that nobody has typed in yet: alike for everybody, they are written once."""

from collections.abc import Mapping
from typing import Any

from jinja2.runtime import Macro

from services.console.forms import Typed

MOST = 1000
"""How many parts are kept, about 2 MB."""

_kept: dict[tuple[str, str], str] = {}


def part(typed: Typed, macro: Macro, said: Mapping[str, Any]) -> str:
    """What a macro of GOV.UK Frontend makes of what it is told, which is most of what a form
    costs. It is kept where nothing was typed; so nobody's name may stand in `said`: a template
    puts it in afterwards."""
    if typed.values or typed.errors:
        return macro(said)
    key = (macro.name, repr(said))
    written = _kept.get(key)
    if written is None:
        written = macro(said)
        if len(_kept) < MOST:
            _kept[key] = written
    return written
