"""The form of one worker on the register: what there is to choose for them, and what goes to
allocation. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from contracts import codes
from policy.allocation import SOCIAL_WORK
from policy.pack import Pack
from services.console import words
from services.console.forms import Typed

Items = list[dict[str, str]]

KEEP = ("name", "agency", "team", "hours", "leads_up_to")
LISTS = ("skills", "localities", "wards", "school_clusters")


def choices(pack: Pack, typed: Typed) -> Mapping[str, Items]:
    """What an authority's pack knows of, by names. What somebody has that it no longer knows can
    still be seen, and taken away."""
    section = pack.allocation
    rules = (*section.first, *section.rules)
    asked = {code for team in section.teams.values() for code in team.skills}
    asked |= {code for rule in rules for code in (*rule.to.skills, *rule.when.needs)}
    names = pack.rating.level_names
    levels = [(str(level), f"{level}, {names[level]}") for level in sorted(names)]
    clusters = {code: one.name for code, one in section.school_clusters.items()}
    known: Mapping[str, Mapping[str, str]] = {
        "skills": {code: words.sentence(code) for code in {SOCIAL_WORK, *asked}},
        "localities": {code: one.name for code, one in section.localities.items()},
        "wards": {name: name for one in section.localities.values() for name in one.wards},
        "school_clusters": clusters,
    }
    return {
        "agencies": [{"value": "", "text": "Choose an agency"}, *_items(codes.AGENCIES.items())],
        "teams": [
            {"value": "", "text": "Choose a team"},
            *_items((code, team.name) for code, team in section.teams.items()),
        ],
        "levels": [{"value": "", "text": "Choose a level"}, *_items(levels)],
        **{name: _with(typed.every(name), found) for name, found in known.items()},
    }


def kept(one: Mapping[str, Any]) -> dict[str, list[str]]:
    """A worker as they stand on the register, as the form holds it."""
    hours = {"hours": [f"{one['hours']:g}"]}
    plain = {name: [str(one[name])] for name in KEEP}
    return {**plain, **hours, **{name: list(one[name]) for name in LISTS}}


def body(typed: Typed) -> dict[str, Any]:
    """What allocation takes."""
    plain = {name: typed.one(name).strip() for name in KEEP}
    return {**plain, **{name: list(typed.every(name)) for name in LISTS}}


def code(typed: Typed) -> str:
    """The code by which their own lists know somebody; nothing where it is none."""
    said = typed.one("code").strip()
    plain = said.replace("-", "").replace(".", "").replace("_", "")
    return said if plain.isascii() and plain.isalnum() else ""


def _with(chosen: Iterable[str], known: Mapping[str, str]) -> Items:
    everything = {**{one: words.sentence(one) for one in chosen}, **known}
    return _items(sorted(everything.items(), key=lambda one: one[1]))


def _items(found: Iterable[tuple[str, str]]) -> Items:
    return [{"value": value, "text": text} for value, text in found]
