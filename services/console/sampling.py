"""The quarterly audit sample as its pages show it. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.console import words
from services.console.forms import Typed

QUARTERS: Final = 8
"""How many quarters that are over can be chosen."""
FEW: Final = 20
"""So many second ratings, before a figure says much."""
LEVELS: Final = ("1", "2", "3", "4")
ORDER: Final = ("red", "amber", "green", "none")
_BANDS: Final = (
    (0.8, "very good"),
    (0.6, "good"),
    (0.4, "fair"),
    (0.0, "weak"),
)
"""From which kappa on agreement beyond chance is called what: rules of thumb, and no law."""
_MONTHS: Final = ("Jan to Mar", "Apr to Jun", "Jul to Sep", "Oct to Dec")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far first and second ratings agree: what it says in a sentence or two, the table of both
    colours (a row for each first, with its counts by second), and what is counted."""

    finding: tuple[str, ...]
    colours: tuple[str, ...]
    table: tuple[tuple[str, tuple[int, ...]], ...]
    kappa: str
    definition: str


def quarters(today: date) -> tuple[tuple[str, str], ...]:
    """The last quarters that are over, the latest first, by code."""
    year, number = today.year, (today.month - 1) // 3
    found = []
    for _ in range(QUARTERS):
        if number == 0:
            year, number = year - 1, 4
        found.append((f"{year}Q{number}", f"{_MONTHS[number - 1]} {year}"))
        number -= 1
    return tuple(found)


def agreement(said: Mapping[str, Any]) -> Agreement:
    """What triage says of a quarter's agreement, in words and as a table."""
    counts = {(one["first"], one["second"]): one["referrals"] for one in said["items"]}
    seen = {rag for pair in counts for rag in pair}
    colours = tuple(rag for rag in ORDER if rag in seen)
    return Agreement(
        finding=tuple(_finding(said, counts)),
        colours=tuple(words.RAG[rag] for rag in colours),
        table=tuple(
            (words.RAG[first], tuple(counts.get((first, second), 0) for second in colours))
            for first in colours
        ),
        kappa="not known" if said["kappa"] is None else f"{said['kappa']:.2f}",
        definition=said["definition"],
    )


def as_csv(said: Mapping[str, Any]) -> str:
    """How often which colours met, for a spreadsheet."""
    text = io.StringIO()
    columns = ("first", "second", "referrals")
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(said["items"])
    return text.getvalue()


def _finding(said: Mapping[str, Any], counts: Mapping[tuple[str, str], int]) -> list[str]:
    drawn, rated = said["drawn"], said["rated"]
    if not drawn:
        return ["Nothing was drawn for this quarter: it draws itself once the quarter is over."]
    if not rated:
        return [f"{words.count(drawn, 'referral was', 'referrals were')} drawn. None has its second rating yet."]  # fmt: skip
    same = sum(number for (first, second), number in counts.items() if first == second)
    found = [
        f"Both ratings gave the same colour for {same} of {rated} ({100 * same / rated:.0f}%)."
    ]
    if said["kappa"] is None:
        found.append("Both gave one and the same colour throughout, so that kappa says nothing.")
    elif said["kappa"] <= 0:
        found.append(f"That is no better than chance (Cohen's kappa {said['kappa']:.2f}).")
    else:
        band = next(name for least, name in _BANDS if said["kappa"] >= least)
        found.append(f"Beyond chance that is {band} (Cohen's kappa {said['kappa']:.2f}).")
    graver = sum(
        number
        for (first, second), number in counts.items()
        if ORDER.index(second) < ORDER.index(first)
    )
    less = rated - same - graver
    sides = (("graver", graver), ("less grave", less))
    differ = " and ".join(f"{name} for {number}" for name, number in sides if number)
    if differ:
        found.append(f"Where they differ, the second was {differ}.")
    if rated < FEW:
        found.append("With so few, one referral more or less changes it a good deal.")
    if rated < drawn:
        found.append(f"{words.count(drawn - rated, 'waits', 'wait')} for a second rating.")
    return found


def rows(items: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """A quarter's samples with their number in it: what waits for this person first."""
    numbered = [{**one, "number": number} for number, one in enumerate(items, start=1)]
    return tuple(sorted(numbered, key=lambda one: (one["rated"], one["by_you"], one["number"])))


def rating(typed: Typed) -> tuple[Mapping[str, Any], dict[str, str]]:
    """A second rating as triage takes it, and what is missing."""
    rag, level = typed.one("rag"), typed.one("level")
    reasons = typed.one("reasons").strip()
    errors = {}
    if rag not in ORDER:
        errors["rag"] = "Choose the colour that you would give"
    if level not in LEVELS:
        errors["level"] = "Choose the level of need"
    if not reasons:
        errors["reasons"] = "Say why, in a sentence or more"
    body = {"rag": rag, "level": int(level) if level in LEVELS else None, "reasons": reasons}
    return body, errors
