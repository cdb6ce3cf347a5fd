"""How far decisions agree with what the rules suggested, as the scorecard shows it. Triage counts;
nothing is counted here. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from contracts import codes
from services.console import words
from services.console.rows import Titles
from services.console.scorecard import LEFT_OUT, Line, Measure

Answer = Mapping[str, Any]

BY: Final[Mapping[str, str]] = {
    "suggested": "Suggested colour",
    "agency": "Agency",
    "drift": "Month",
    "clause": "Clause",
    "equality": "Who the children are",
}
"""What decisions can be told apart by, as triage names it."""

RAGS: Final = ("red", "amber", "green", "none")


def measures(by: str, told: Answer, titles: Titles) -> list[Measure]:
    """What the decisions of a time say, with a finding: by suggested colour one for each authority,
    otherwise one."""
    items: Sequence[Answer] = told.get("items", ())
    definition = told.get("definition", "")
    if by == "equality":
        return [_fairness(kind, title, items, definition) for kind, title in _WHO.items()]
    if by != "suggested":
        named = _naming(by)
        lines = tuple(_compared(named(row[_KEYS[by]]), row) for row in items)
        finding = _over(items, "citation" if by == "clause" else "decision")
        return [Measure(by, f"By {BY[by].lower()}", finding, definition, lines)] if lines else []
    authorities = list(dict.fromkeys(row["authority"] for row in items))
    return [
        Measure(
            f"suggested-{number}",
            titles.authority(authority),
            _crossed(rows),
            definition,
            tuple(_of_colour(rag, rows) for rag in RAGS if any(_is(rag, row) for row in rows)),
        )
        for number, authority in enumerate(authorities, 1)
        if (rows := [row for row in items if row["authority"] == authority])
    ]


ENOUGH: Final = 20
"""Fewer children than this say nothing about others like them."""

_WHO: Final = {"sex": "Sex", "age": "Age", "ethnicity": "Ethnicity", "disability": "Disability"}


def _fairness(kind: str, title: str, items: Sequence[Answer], definition: str) -> Measure:
    """What was decided for children of one sex, age, ethnicity, with a disability (practice rule
    27); the bar is how many were Red."""
    order = list(words.AGE_BANDS) if kind == "age" else []
    rows = sorted(
        (row for row in items if row["characteristic"] == kind),
        key=lambda row: order.index(row["value"]) if row["value"] in order else 0,
    )
    lines = tuple(_decided(_who(kind, row["value"]), row) for row in rows)
    compared = [
        line
        for line, row in zip(lines, rows, strict=True)
        if line.percent is not None and row["children"] >= ENOUGH and row["value"] != "unknown"
    ]
    if not rows:
        finding = "Nothing was decided in this period."
    elif len(compared) < 2:
        finding = (
            f"There is nothing to compare: fewer than two groups of {ENOUGH} children or more."
        )
    else:
        most = max(compared, key=lambda line: line.percent or 0)
        least = min(compared, key=lambda line: line.percent or 0)
        finding = (
            f"Of groups of {ENOUGH} children or more, Red most often: {most.label}, "
            f"{most.percent:g}%. Least: {least.label}, {least.percent:g}%."
        )
    return Measure(kind, title, finding, definition, lines)


def _who(kind: str, value: str) -> str:
    coded = {"sex": codes.SEXES, "ethnicity": codes.ETHNICITIES}.get(kind, {}).get(value)
    if coded:
        return coded.title
    if kind == "age":
        return words.begin(words.said(words.AGE_BANDS, value))
    return words.sentence("not known" if value == "unknown" else value)


def _decided(label: str, row: Answer) -> Line:
    children, red = row["children"], row["red"]
    if children is None or red is None:
        return Line(label, None, LEFT_OUT)
    percent = round(100 * red / children, 1) if children else 0.0
    said = [f"{red:,} Red ({percent:g}%)"]
    for what, number in (
        ("no further action", row["no_further_action"]),
        ("with a disagreement", row["disagreements"]),
    ):
        said += [] if number is None else [f"{number:,} {what}"]
    return Line(
        label, percent, f"Of {words.count(children, 'child', 'children')}: {', '.join(said)}"
    )


_KEYS: Final = {"agency": "agency", "drift": "month", "clause": "clause"}


def _naming(by: str) -> Callable[[str], str]:
    if by == "agency":
        return lambda code: words.said(codes.AGENCIES, code) or "Not known"
    if by == "drift":
        return lambda month: f"{date.fromisoformat(f'{month}-01'):%B %Y}"
    return lambda clause: clause


def _is(rag: str, row: Answer) -> bool:
    return bool(row["suggested"] == rag)


def _of_colour(rag: str, rows: Sequence[Answer]) -> Line:
    """What was decided where a colour was suggested."""
    mine = {row["decided"]: row["decisions"] for row in rows if _is(rag, row)}
    label = f"Suggested {words.RAG[rag]}"
    if None in mine.values():
        kept = [f"{number:,} {words.RAG[to]}" for to, number in mine.items() if number is not None]
        return Line(label, None, "; ".join([*kept, LEFT_OUT]))
    total = sum(mine.values())
    percent = round(100 * mine.get(rag, 0) / total, 1) if total else 0.0
    others = [f"{mine[to]:,} {words.RAG[to]}" for to in RAGS if to != rag and mine.get(to)]
    rest = f"; decided otherwise: {', '.join(others)}" if others else ""
    return Line(
        label, percent, f"{mine.get(rag, 0):,} of {total:,} decided so ({percent:g}%){rest}"
    )


def _compared(label: str, row: Answer) -> Line:
    agreed, total = row["agreed"], row["decisions"]
    if agreed is None or total is None:
        return Line(label, None, LEFT_OUT)
    percent = round(100 * agreed / total, 1) if total else 0.0
    sides = [f"{row[side]:,} {side}" for side in ("above", "below") if row[side]]
    rest = f"; {', '.join(sides)}" if sides else ""
    return Line(label, percent, f"{agreed:,} of {total:,} as suggested ({percent:g}%){rest}")


def _crossed(rows: Sequence[Answer]) -> str:
    """What the decisions of an authority say together."""
    if any(row["decisions"] is None for row in rows):
        return "Some figures are too small to be published, so that no sum is said."
    order = {rag: place for place, rag in enumerate(RAGS)}
    counted = {"agreed": 0, "above": 0, "below": 0}
    for row in rows:
        step = order[row["suggested"]] - order[row["decided"]]
        counted["agreed" if not step else "above" if step > 0 else "below"] += row["decisions"]
    return _sentence(counted, "decision")


def _over(rows: Sequence[Answer], what: str) -> str:
    """What all rows say together."""
    known = [row for row in rows if row["agreed"] is not None and row["decisions"]]
    if any(row["agreed"] is None or row["decisions"] is None for row in rows) or not known:
        return "Some figures are too small to be published, so that no sum is said."
    sides = ("agreed", "above", "below")
    return _sentence({name: sum(row[name] or 0 for row in known) for name in sides}, what)


def _sentence(counted: Mapping[str, int], what: str) -> str:
    total = sum(counted.values())
    share = round(100 * counted["agreed"] / total, 1) if total else 0.0
    return (
        f"Of {words.count(total, what, what + 's')}, {counted['agreed']:,} ({share:g}%) were "
        f"the colour that was suggested, {counted['above']:,} above it and {counted['below']:,} "
        "below it."
    )
