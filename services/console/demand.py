"""Demand by need: how many referrals tell of domestic abuse, of a parent's mental ill health, of a
parent's substance misuse, and of how many of them at once. Pure.
"""

import csv
import io
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final

from contracts import codes
from policy.small_numbers import SMALL
from services.console import words
from services.console.rows import Titles
from services.console.scorecard import LEFT_OUT, Line, Measure
from services.console.store.demand import NEEDS, Demand

NAMES: Final[Mapping[str, str]] = {
    "domestic_abuse": "domestic abuse",
    "mental_ill_health": "a parent's mental ill health",
    "substance_misuse": "a parent's substance misuse",
}
SETS: Final = tuple(chosen for size in (3, 2, 1, 0) for chosen in combinations(NEEDS, size))
"""Which of the needs a referral can tell of, the most first."""

COUNTED: Final = (
    "Each referral that was received in the period, once, by the concerns that the referrer ticked: "
    "domestic abuse in the home, a parent's mental health, a parent's use of alcohol or drugs. What "
    "only the story tells is not counted. Each line has exactly the needs that it names."
)
SMALL_NUMBERS: Final = (
    "In published form one to five referrals are left out, and others with them until what is left "
    "out cannot be worked out from the rest."
)

Place = tuple[str, str, str]
Cells = dict[tuple[Place, tuple[str, ...]], int]


def summed(rows: Iterable[Demand], by: str) -> Cells:
    """Referrals by place and needs, with nothing where there are none."""
    sums: Counter[tuple[Place, tuple[str, ...]]] = Counter()
    for row in rows:
        place = (
            row.authority,
            (row.locality or "") if by == "locality" else "",
            (row.agency or "") if by == "agency" else "",
        )
        sums[place, row.needs] += row.referrals
    places = sorted({place for place, _ in sums})
    return {(place, needs): sums[place, needs] for place in places for needs in SETS}


def left_out(rows: Sequence[Demand], by: str) -> set[tuple[Place, tuple[str, ...]]]:
    """What is not published: small numbers, and what would tell them with the help of sums, also
    those of the whole authority."""
    whole = summed(rows, "authority")
    hidden = _hidden(whole, ())
    if by == "authority":
        return hidden
    authorities = {(place[0], needs) for place, needs in hidden}
    cells = summed(rows, by)
    return _hidden(cells, [one for one in cells if (one[0][0], one[1]) in authorities])


def _hidden(
    cells: Cells, forced: Collection[tuple[Place, tuple[str, ...]]]
) -> set[tuple[Place, tuple[str, ...]]]:
    hidden = {one for one, number in cells.items() if 1 <= number <= SMALL}
    hidden |= {one for one in forced if cells[one]}
    groups: dict[Hashable, list[tuple[Place, tuple[str, ...]]]] = {}
    for one in cells:
        place, needs = one
        for group in (place, (place[0], needs)):
            groups.setdefault(group, []).append(one)
    changed = True
    while changed:
        changed = False
        for members in groups.values():
            out = [one for one in members if one in hidden]
            shown = [one for one in members if one not in hidden and cells[one]]
            if out and shown and (len(out) == 1 or sum(cells[one] for one in out) <= SMALL):
                hidden.add(min(shown, key=lambda one: cells[one]))
                changed = True
    return hidden


def measures(rows: Sequence[Demand], by: str, titles: Titles, *, published: bool) -> list[Measure]:
    """For each place what its referrals tell of, with a finding."""
    cells = summed(rows, by)
    hidden = left_out(rows, by) if published else set()
    places = list(dict.fromkeys(place for place, _ in cells))
    found = []
    for number, place in enumerate(places, 1):
        counts = {
            needs: None if (place, needs) in hidden else cells[place, needs] for needs in SETS
        }
        total = sum(cells[place, needs] for needs in SETS)
        lines = tuple(_line(needs, count, total) for needs, count in counts.items())
        title = _title(place, by, len({one[0] for one in places}) > 1, titles)
        found.append(Measure(f"need-{number}", title, _finding(counts, total), COUNTED, lines))
    return found


def as_csv(rows: Sequence[Demand], by: str, *, published: bool) -> str:
    """The figures for a spreadsheet."""
    cells = summed(rows, by)
    hidden = left_out(rows, by) if published else set()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["authority", "locality", "agency", *NEEDS, "referrals"])
    for one, number in cells.items():
        place, needs = one
        told = ["yes" if need in needs else "no" for need in NEEDS]
        writer.writerow([*place, *told, "" if one in hidden else number])
    return text.getvalue()


def _title(place: Place, by: str, several: bool, titles: Titles) -> str:
    authority, locality, agency = place
    where = {
        "authority": "",
        "locality": titles.locality(authority, locality) if locality else "Place not known",
        "agency": words.said(codes.AGENCIES, agency),
    }[by]
    whose = titles.authority(authority) if several or not where else ""
    return ", ".join(filter(None, (whose, where)))


def _line(needs: tuple[str, ...], count: int | None, total: int) -> Line:
    label = words.begin(_named(needs)) + (" alone" if len(needs) == 1 else "")
    if count is None:
        return Line(label, None, LEFT_OUT)
    percent = round(100 * count / total, 1) if total else 0.0
    return Line(label, percent, f"{count:,} of {total:,} ({percent:g}%)")


def _named(needs: Sequence[str]) -> str:
    if len(needs) == len(NEEDS):
        return "all three"
    return " and ".join(NAMES[need] for need in needs) or "none of the three"


def _finding(counts: Mapping[tuple[str, ...], int | None], total: int) -> str:
    """How many tell of each need, and of all three at once; nothing of what is left out."""
    said: list[str] = []
    for need, name in NAMES.items():
        held = [count for needs, count in counts.items() if need in needs]
        if None not in held:
            said.append(f"{sum(one or 0 for one in held):,} {'' if said else 'tell '}of {name}")
    if not said:
        return f"Of {words.count(total, 'referral', 'referrals')} too few tell of each to be published."
    together = counts[tuple(NEEDS)]
    if together is not None:
        said.append(f"{together:,} of all three at once")
    return f"Of {words.count(total, 'referral', 'referrals')}, {', '.join(said)}."
