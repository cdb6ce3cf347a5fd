"""The family as a drawing: generations one under the other, with lines to the children for whom
somebody has parental responsibility. From the referrer's form; whoever is in it stands in the list
beside it too. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console import words
from services.console.people import Child, responsible_for

Answer = Mapping[str, Any]

ROWS = ("Grandparents", "Parents and carers", "Children", "Others")
_GRAND = re.compile(r"\b(great.?)?(grand|gran\b|nan\b|nana\b|nanny\b)", re.IGNORECASE)
_PARENT = re.compile(
    r"mother|father|\bmum|\bdad|parent|guardian|carer|\baunt|\buncle|\bstep", re.IGNORECASE
)
_SIBLING = re.compile(r"brother|sister|sibling", re.IGNORECASE)
_BY_BIRTH = re.compile(r"mother|father|\bmum|\bdad\b|^parent$", re.IGNORECASE)

WIDE, TALL = 200, 66
APART, BETWEEN = 20, 58
TOP = 26
CHARACTERS = 22


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody in the drawing. `elsewhere`: they do not live with the children."""

    x: float
    y: float
    name: str
    note: str
    child: bool
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """A line from a parent to a child; `sure` where they have responsibility for it."""

    path: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Tree:
    """The drawing. `rows`: the height of each generation's name, and the name."""

    figures: tuple[Figure, ...]
    ties: tuple[Tie, ...]
    rows: tuple[tuple[float, str], ...]
    width: float
    height: float


def tree(form: Answer, children: Sequence[Child]) -> Tree | None:
    """The drawing of a form's people; None where there is nobody but children."""
    adults: list[list[Answer]] = [[], [], [], []]
    for person in form.get("household", ()):
        if not person.get("child_id"):
            adults[_generation(str(person.get("relationship") or ""))].append(person)
    if not any(adults):
        return None
    sizes = [len(row) for row in adults]
    sizes[2] += len(children)
    widest = max(sizes)
    width = widest * (WIDE + APART) - APART
    figures: list[Figure] = []
    rows: list[tuple[float, str]] = []
    parents: list[tuple[Answer, Figure]] = []
    young: list[Figure] = []
    y = float(TOP)
    for place, size in enumerate(sizes):
        if not size:
            continue
        rows.append((y - 9, ROWS[place]))
        x = (width - size * (WIDE + APART) + APART) / 2
        if place == 2:
            for child in children:
                young.append(Figure(x, y, _cut(child.called), _age(child), True, False))
                x += WIDE + APART
            figures += young
        for person in adults[place]:
            drawn = _adult(person, x, y)
            figures.append(drawn)
            if place == 1:
                parents.append((person, drawn))
            x += WIDE + APART
        y += TALL + BETWEEN
    places = {str(child["child_id"]): n for n, child in enumerate(form.get("children", ()))}
    ties = [
        Tie(_path(drawn, below), sure)
        for person, drawn in parents
        for child, below in zip(children, young, strict=True)
        if child.listed
        for sure in (responsible_for(person, places[child.child_id]),)
        if sure or _BY_BIRTH.search(str(person.get("relationship") or ""))
    ]
    return Tree(tuple(figures), tuple(ties), tuple(rows), width, y - BETWEEN + 4)


def _generation(relationship: str) -> int:
    said = relationship.replace("_", " ")
    if _GRAND.search(said):
        return 0
    if _SIBLING.search(said):
        return 2
    return 1 if _PARENT.search(said) else 3


def _adult(person: Answer, x: float, y: float) -> Figure:
    relationship = words.sentence(str(person.get("relationship") or ""))
    born = str(person.get("date_of_birth") or "")[:4]
    note = ", ".join(filter(None, (relationship, f"born {born}" if born else "")))
    away = person.get("lives_with_children") == "no"
    return Figure(
        x, y, _cut(str(person.get("name") or "Name not given")), _cut(note, 6), False, away
    )


def _age(child: Child) -> str:
    facts = dict(child.facts)
    said = next(
        (f"{name} {facts[name]}" for name in ("Born", "Expected", "Age") if name in facts), ""
    )
    return "Unborn" if child.unborn and not said else _cut(said, 6)


def _cut(text: str, more: int = 0) -> str:
    most = CHARACTERS + more
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _path(start: Figure, end: Figure) -> str:
    x, y = start.x + WIDE / 2, start.y + TALL
    to = end.x + WIDE / 2
    middle = (y + end.y) / 2
    return f"M{x:g} {y:g}C{x:g} {middle:g} {to:g} {middle:g} {to:g} {end.y:g}"
