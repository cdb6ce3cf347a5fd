"""The scorecard as its page shows it: for each measure a sentence that says the finding, and the
figures behind it with a bar each. Allocation counts; nothing is counted here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts import codes
from services.console import words
from services.console.rows import Titles

Answer = Mapping[str, Any]

BY = {"authority": "Authority", "locality": "Locality", "agency": "Agency"}
LEFT_OUT = "left out: small number"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. `percent` is None where there is nothing to show a bar of; `said` is the figure
    in words."""

    label: str
    percent: float | None
    said: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure with what it counts, its finding and its figures. `heading` is that of the first
    column where it tells apart neither places nor who referred; empty otherwise."""

    code: str
    title: str
    finding: str
    counted: str
    lines: tuple[Line, ...]
    heading: str = ""


def measures(
    figures: Sequence[Answer], definitions: Sequence[Answer], titles: Titles
) -> list[Measure]:
    """Every defined measure, in the order in which they are defined, also those without figures."""
    by_measure: dict[str, list[Answer]] = {}
    for one in figures:
        by_measure.setdefault(one["measure"], []).append(one)
    found = []
    for known in definitions:
        rows = by_measure.get(known["measure"], [])
        lines = tuple(_line(row, rows, titles) for row in rows)
        counted = (
            f"Of {known['of']}, {known['counted']}. It belongs to the period in which "
            f"{known['when']}."
        )
        code, title, heading = known["measure"], known["title"], _heading(rows)
        found.append(Measure(code, title, _finding(lines), counted, lines, heading))
    return found


def _line(row: Answer, rows: Sequence[Answer], titles: Titles) -> Line:
    places = (
        titles.authority(row["authority"]) if len({one["authority"] for one in rows}) > 1 else "",
        titles.locality(row["authority"], row["locality"]) if row.get("locality") else "",
        words.said(codes.AGENCIES, row.get("agency")),
        _category(row.get("category")),
    )
    label = ", ".join(filter(None, places)) or titles.authority(row["authority"])
    if row.get("count") is None:
        return Line(label, None, LEFT_OUT)
    said = f"{row['count']:,} of {row['total']:,}" if row.get("total") else f"{row['count']:,}"
    hours = row.get("median_hours")
    took = _took(hours) if hours is not None else ""
    percent = row.get("percent")
    said = f"{said} ({percent:g}%)" if percent is not None else said
    return Line(label, percent, f"{said}{took}")


def _heading(rows: Sequence[Answer]) -> str:
    kinds = {str(row.get("category") or "") for row in rows}
    apart = {(row["authority"], row.get("locality"), row.get("agency")) for row in rows}
    if not rows or "" in kinds or len(apart) > 1 or rows[0].get("locality"):
        return ""
    return "Agency" if kinds <= codes.AGENCIES.keys() else "Which"


def _took(hours: float) -> str:
    """How long half of them took at most."""
    if hours < 2:
        return (
            f", half of them within {words.count(max(1, round(60 * hours)), 'minute', 'minutes')}"
        )
    return f", half of them within {hours:g} hours"


def _category(code: str | None) -> str:
    return (
        codes.AGENCIES.get(code or "")
        or words.OUTCOMES.get(code or "")
        or words.sentence(code or "")
    )


def _finding(lines: Sequence[Line]) -> str:
    """What the figures say, in a sentence."""
    known = [line for line in lines if line.percent is not None]
    if not lines:
        return "Nothing to count in this period."
    if not known:
        return "All figures are too small to be published."
    if len(known) == 1:
        return f"{known[0].label}: {known[0].said}."
    most = max(known, key=lambda line: line.percent or 0)
    least = min(known, key=lambda line: line.percent or 0)
    return f"Most: {most.label}, {most.said}. Least: {least.label}, {least.said}."
