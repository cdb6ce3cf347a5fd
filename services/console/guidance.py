"""A version of an authority's guidance as its page shows it, and two of them side by side."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.events import Rag
from policy.difference import diff
from policy.loading import PackSet
from policy.pack import Clause, Indicator, Pack
from policy.publishing import words
from policy.ruleset import ruleset

SHOWN = 60
"""How many differences of one part are shown."""

PARTS: Mapping[str, str] = {
    "clauses": "Clauses",
    "indicators": "Signs",
    "lexicon": "Words that the reader knows",
    "families": "Words that the reader knows",
    "combinations": "Signs that weigh more together",
    "history": "What happened before",
    "rating": "Levels, colours and who decides",
    "clocks": "Clocks",
    "hours": "Opening hours and closures",
    "discussions": "Discussions",
    "consultations": "Asking, claiming, checking and disagreeing",
    "claims": "Asking, claiming, checking and disagreeing",
    "checks": "Asking, claiming, checking and disagreeing",
    "disagreements": "Asking, claiming, checking and disagreeing",
    "allocation": "Teams, localities and panels",
    "messages": "Messages",
    "matching": "Finding the same person",
    "records": "Keeping records",
    "words": "The authority's own words",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of need: its colour, and what is special about it."""

    title: str
    rag: Rag | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A clause with the signs that stand on it."""

    id: str
    title: str
    text: str
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A level of need with its clauses."""

    number: int
    name: str
    clauses: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Time:
    """A clock: how long it runs for each colour, and who is told when it is late."""

    title: str
    statutory: bool
    periods: tuple[str, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """Signs that weigh more together, or something of the past: what it counts as."""

    when: str
    counts_as: str
    clause: str
    rag: Rag


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs in one part of the guidance; `more` are left out."""

    title: str
    lines: tuple[tuple[str, str], ...]
    more: int


def versions(policy: PackSet, authority: str) -> tuple[Pack, ...]:
    """An authority's versions, the newest first."""
    return tuple(sorted(policy.packs[authority], key=lambda pack: pack.valid_from, reverse=True))


def chosen(policy: PackSet, authority: str, version: str, on: date) -> Pack:
    """The version that was asked for; the one in force where none was. Raises KeyError."""
    return policy.version(authority, version) if version else policy.current(authority, on)


def levels(pack: Pack) -> tuple[Level, ...]:
    """Every level with its clauses, in the order of their numbers."""
    signs: dict[str, list[Indicator]] = {}
    for each in pack.indicators.values():
        signs.setdefault(each.clause, []).append(each)
    return tuple(
        Level(
            number,
            name,
            tuple(
                _paragraph(pack, clause, signs.get(clause.id, []))
                for clause in sorted(pack.clauses.values(), key=words.number)
                if clause.level == number
            ),
        )
        for number, name in sorted(pack.rating.level_names.items())
    )


def times(pack: Pack) -> tuple[Time, ...]:
    """Every clock."""
    return tuple(
        Time(
            rule.title,
            rule.statutory,
            tuple(words.period(rule, rag) for rag in words.COLOURS),
            words.listed([words.role(each) for each in rule.tell.breached]),
        )
        for rule in pack.clocks.rules.values()
    )


def together(pack: Pack) -> tuple[Weighed, ...]:
    """Combinations, then history."""
    rules = [(words.combination(one), one.indicator) for one in pack.combinations.values()]
    rules += [(words.history(one), one.indicator) for one in pack.history.values()]
    effects = ruleset(pack).effects
    return tuple(
        Weighed(
            when,
            pack.indicators[code].title,
            pack.indicators[code].clause,
            effects[code].rag,
        )
        for when, code in rules
    )


def changes(a: Pack, b: Pack) -> tuple[Changes, ...]:
    """What differs from `a` to `b`, part by part, each line as where it is and what changes."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for each in diff(a, b):
        part, _, rest = each.path.partition(".")
        where = each.title or (rest or part).replace("_", " ")
        title = PARTS.get(part, "Name, version and dates")
        parts.setdefault(title, []).append((where, each.said.replace(" -> ", " becomes ")))
    return tuple(
        Changes(title, tuple(lines[:SHOWN]), max(0, len(lines) - SHOWN))
        for title, lines in parts.items()
    )


def _paragraph(pack: Pack, clause: Clause, signs: Sequence[Indicator]) -> Paragraph:
    effects = ruleset(pack).effects
    return Paragraph(
        clause.id,
        clause.title,
        clause.text,
        tuple(
            # What is well has no colour: it leads to nothing.
            Sign(each.title, effects[each.code].rag if each.level > 1 else None, _notes(pack, each))
            for each in signs
        ),
    )


def _notes(pack: Pack, each: Indicator) -> tuple[str, ...]:
    notes = []
    if each.hard:
        notes.append("nothing lowers it")
    if ruleset(pack).effects[each.code].household:
        notes.append("counts for every child of the household")
    if each.urgency is not None:
        notes.append(each.urgency.value.replace("_", " "))
    return tuple(notes)


def clock_titles(pack: Pack | None) -> dict[str, str]:
    """The titles of a pack's clocks, by name."""
    if pack is None:
        return {}
    return {name: rule.title for name, rule in pack.clocks.rules.items()}


def team_names(pack: Pack | None) -> dict[str, str]:
    """What a pack calls its teams and panels, by code."""
    if pack is None or pack.allocation is None:
        return {}
    names = {code: team.name for code, team in pack.allocation.teams.items()}
    return names | {code: panel.name for code, panel in pack.allocation.panels.items()}


def clauses_for(pack: Pack | None, suggested: Collection[str]) -> list[tuple[Clause, bool]]:
    """The clauses in force, those of the suggestion first, then the highest level first; each with
    whether the suggestion stands on it."""
    if pack is None:
        return []
    ordered = sorted(
        pack.clauses.values(), key=lambda clause: (clause.id not in suggested, -clause.level)
    )
    return [(clause, clause.id in suggested) for clause in ordered]
