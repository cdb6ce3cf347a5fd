"""The flow picture of the scorecard: which way referrals went from contact to outcome, as bands whose
height is how many they are. Allocation counts; here the picture is laid out and put into words. Pure.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts import codes
from services.console import words
from services.console.rows import Titles

Answer = Mapping[str, Any]

COLUMNS: Mapping[str, str] = {
    "came": "How they came",
    "decided": "What was decided",
    "then": "What came of it",
    "ended": "How it ended",
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "came": {
        "first": "First contact",
        "after_social_care": "Back after social care",
        "after_early_help": "Back after early help",
        "after_advice": "Back after advice or no action",
        "after_elsewhere": "Back after another service",
        "after_not_decided": "Again before a decision",
    },
    "decided": {
        "social_care": "Social care",
        "early_help": "Early help",
        "advice": "Advice or no further action",
        "elsewhere": "Already open, or elsewhere",
        "not_decided": "Not decided, or withdrawn",
    },
    "then": {
        "stepped_up": "Stepped up to social care",
        "taken_on": "Somebody took it on",
        "waiting": "Nobody has yet",
        "stepped_down": "Stepped down to early help",
    },
    "ended": {
        "needs_met": "Needs met",
        "stepped_up": "Ended: stepped up",
        "stepped_down": "Ended: stepped down",
        "transferred": "Transferred",
        "moved": "Moved away",
        "agreement_withdrawn": "Agreement withdrawn",
        "disengaged": "Disengaged",
        "other": "Another reason",
        "open": "Still open",
    },
}
LOOPS = frozenset(NAMES["came"]) - {"first"}

WIDE = 14
APART = 265
LABEL = 240
"""Room for the label beside a node."""
LINE = 38
"""The least height that a node has to itself, so that labels of two lines never meet."""
TALL = 300
"""How high all referrals together are."""
TOP = 34
CHARACTERS = 27
"""About how many fit in a line of a label."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the picture: `y` is where its bar begins, `height` how many it is, `label` its
    name in lines, `loop` whether families were here before."""

    column: int
    code: str
    name: str
    referrals: int
    x: float
    y: float
    height: float
    label: tuple[str, ...]
    loop: bool


@dataclass(frozen=True, slots=True)
class Band:
    """How many went from one node to another. `y` is its upper edge at either end."""

    start: Node
    end: Node
    referrals: int
    start_y: float
    end_y: float
    height: float

    @property
    def path(self) -> str:
        """Its outline, as SVG draws it."""
        left, right = self.start.x + WIDE, self.end.x
        middle = (left + right) / 2
        low, high = self.start_y + self.height, self.end_y + self.height
        return (
            f"M{left:g} {self.start_y:.1f}C{middle:g} {self.start_y:.1f} {middle:g} "
            f"{self.end_y:.1f} {right:g} {self.end_y:.1f}V{high:.1f}"
            f"C{middle:g} {high:.1f} {middle:g} {low:.1f} {left:g} {low:.1f}Z"
        )


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes and bands, laid out in a box."""

    nodes: tuple[Node, ...]
    bands: tuple[Band, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Flow:
    """One place's picture with its name and its finding."""

    code: str
    title: str
    finding: str
    picture: Picture
    columns: tuple[tuple[float, str], ...]


def flows(paths: Sequence[Answer], titles: Titles) -> list[Flow]:
    """A picture for each place, in the order in which allocation tells of them."""
    places: dict[tuple[str, ...], list[Answer]] = {}
    for one in paths:
        key = tuple(one[name] or "" for name in ("authority", "locality", "agency"))
        places.setdefault(key, []).append(one)
    several = len({key[0] for key in places}) > 1
    found: list[Flow] = []
    for key, ways in places.items():
        first = ways[0]
        parts = (
            titles.authority(key[0]) if several or not any(key[1:]) else "",
            titles.locality(key[0], key[1]) if key[1] else "",
            words.said(codes.AGENCIES, first["agency"]) if key[2] else "",
        )
        name = ", ".join(filter(None, parts))
        picture = laid_out(ways)
        columns = tuple((APART * place, title) for place, title in enumerate(COLUMNS.values()))
        code = f"flow-{len(found) + 1}"
        found.append(Flow(code, name, _finding(ways), picture, columns))
    return found


def laid_out(ways: Sequence[Answer]) -> Picture:
    """Where nodes and bands stand. Every node is as high as what comes into it, or goes out of the
    first column; bands leave and arrive in the order of the nodes that they join."""
    sums, joins = _counted(ways)
    total = sum(one["referrals"] for one in ways) or 1
    scale = TALL / total
    nodes: dict[tuple[int, str], Node] = {}
    lowest = 0.0
    for column, (stage, names) in enumerate(NAMES.items()):
        y = float(TOP)
        known = [*names, *sorted({code for at, code in sums if at == column} - set(names))]
        for code in known:
            number = sums[column, code]
            if not number:
                continue
            height = number * scale
            name = names.get(code, words.sentence(code))
            loop = stage == "came" and code in LOOPS
            nodes[column, code] = Node(
                column, code, name, number, APART * column, y, height, _lines(name, number), loop
            )
            y += max(height, LINE) + 12
        lowest = max(lowest, y)
    return Picture(
        tuple(nodes.values()),
        tuple(_bands(nodes, joins, scale)),
        APART * (len(NAMES) - 1) + LABEL,
        lowest,
    )


def _counted(
    ways: Sequence[Answer],
) -> tuple[Counter[tuple[int, str]], Counter[tuple[int, str, str]]]:
    """How many are at each node, and go from one to the next."""
    sums: Counter[tuple[int, str]] = Counter()
    joins: Counter[tuple[int, str, str]] = Counter()
    for one in ways:
        codes = [one[stage] for stage in NAMES if one[stage] is not None]
        for column, code in enumerate(codes):
            sums[column, code] += one["referrals"]
            if column:
                joins[column - 1, codes[column - 1], code] += one["referrals"]
    return sums, joins


def _bands(
    nodes: Mapping[tuple[int, str], Node], joins: Mapping[tuple[int, str, str], int], scale: float
) -> list[Band]:
    order = {key: place for place, key in enumerate(nodes)}
    leaving: Counter[tuple[int, str]] = Counter()
    arriving: Counter[tuple[int, str]] = Counter()
    found: list[Band] = []
    for (column, was, now), number in sorted(
        joins.items(),
        key=lambda one: (order[one[0][0], one[0][1]], order[one[0][0] + 1, one[0][2]]),
    ):
        start, end = nodes[column, was], nodes[column + 1, now]
        start_y = start.y + leaving[column, was] * scale
        end_y = end.y + arriving[column + 1, now] * scale
        found.append(Band(start, end, number, start_y, end_y, number * scale))
        leaving[column, was] += number
        arriving[column + 1, now] += number
    return found


def _lines(name: str, number: int) -> tuple[str, ...]:
    """A label in at most two lines, with the number at its end."""
    said = f"{name}: {number:,}"
    if len(said) <= CHARACTERS:
        return (said,)
    first: list[str] = []
    rest = said.split(" ")
    while rest and len(" ".join([*first, rest[0]])) <= CHARACTERS:
        first.append(rest.pop(0))
    return " ".join(first), " ".join(rest)


def _finding(ways: Sequence[Answer]) -> str:
    """What the picture says, in a sentence or two."""
    sums, _ = _counted(ways)
    total = sum(one["referrals"] for one in ways)
    if not total:
        return "Nothing to show in this period."
    most = max(
        NAMES["decided"], key=lambda code: (sums[1, code], -list(NAMES["decided"]).index(code))
    )
    said = (
        f"Of {words.count(total, 'referral', 'referrals')}, {_share(sums[1, 'social_care'], total)} "
        f"went to social care and {_share(sums[1, 'early_help'], total)} to early help"
    )
    if most not in ("social_care", "early_help"):
        said += f"; the most common was: {NAMES['decided'][most].lower()}, {_share(sums[1, most], total)}"
    back = sum(sums[0, code] for code in LOOPS)
    if not back:
        return f"{said}. None was about a child of the 12 months before."
    after = max(LOOPS, key=lambda code: (sums[0, code], code))
    name = NAMES["came"][after]
    return (
        f"{said}. {_share(back, total)} had come within the 12 months before, "
        f"most of them {name[:1].lower() + name[1:]}: {sums[0, after]:,}."
    )


def _share(number: int, total: int) -> str:
    return f"{number:,} ({100 * number / total:.0f}%)"
