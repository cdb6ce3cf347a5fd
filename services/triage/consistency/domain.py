"""What figures mean and how they are worked out. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from contracts.events import Outcome, Rag
from policy.ruleset import RAG_ORDER
from policy.working_time import LONDON

FEWEST_PUBLISHED: Final = 5
"""A count of fewer, and more than none, is not published: it may tell who it is about."""
HIDDEN: Final = None
QUARTER: Final = r"^(20[0-9]{2})Q([1-4])$"

_DECIDED = (
    "Counted: the first decision of each referral in the time, by its authority. A re-rating, a "
    "withdrawal and a second decision are not counted."
)
DEFINITIONS: Final[Mapping[str, str]] = {
    "suggested": f"{_DECIDED} `suggested` is the colour that the rules suggested when it was "
    "decided, `decided` the highest colour of its children. Agreed: the two are the same.",
    "referrer": f"{_DECIDED} `referrer_level` is the level of need that the referrer wrote on the "
    "form, `decided_level` the highest level of the clauses that the decision cites. Where one of "
    "them is not known it is counted as unknown.",
    "agency": f"{_DECIDED} By the kind of agency that referred: how often the decision was the "
    "suggested colour, above it, and below it.",
    "practitioner": f"{_DECIDED} By who decided, as for agencies. For supervision only: the cases "
    "that reach people differ, and so do these figures. Never published.",
    "clause": f"{_DECIDED} By each clause that a decision cites: one decision counts for each.",
    "drift": f"{_DECIDED} By the month (in England) of the decision: how often it was the "
    "suggested colour, above it, below it, and how many were Red.",
    "equality": "Counted: each child of the first decision of each referral in the time, by the "
    "characteristics on the form. `no_further_action` is that outcome for the child. Ages are bands "
    "on the day of receipt. What the form leaves blank is counted as unknown.",
    "audit": "A random sample of the referrals decided in a quarter, each rated a second time by "
    "somebody who sees neither the suggestion nor the decision. `agreement` is the share of the "
    "same colour; kappa (Cohen's, unweighted) is that share beyond what chance would give: 1 is "
    "perfect, 0 no better than chance, and None where chance alone explains everything.",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions that are alike in what is counted."""

    key: tuple[str, ...]
    suggested: Rag
    decided: Rag
    decisions: int


def compared(rows: Iterable[Decided], names: Sequence[str]) -> list[dict[str, Any]]:
    """For each key: how many, and how the decision stood to the suggestion."""
    found: dict[tuple[str, ...], Counter[str]] = {}
    for row in rows:
        counted = found.setdefault(row.key, Counter())
        step = RAG_ORDER[row.decided] - RAG_ORDER[row.suggested]
        counted["agreed" if step == 0 else "above" if step > 0 else "below"] += row.decisions
        counted["red"] += row.decisions if row.decided is Rag.RED else 0
    return [
        {
            **dict(zip(names, key, strict=True)),
            "decisions": counted["agreed"] + counted["above"] + counted["below"],
            "agreed": counted["agreed"],
            "above": counted["above"],
            "below": counted["below"],
            "red": counted["red"],
        }
        for key, counted in sorted(found.items())
    ]


def by_characteristic(
    children: Iterable[tuple[Mapping[str, str], Rag, Outcome, bool]],
) -> list[dict[str, Any]]:
    """For each characteristic and value: children by colour, no further action, disagreement."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for characteristics, rag, outcome, disputed in children:
        for key in characteristics.items():
            counted = found.setdefault(key, Counter())
            counted["children"] += 1
            counted[rag.value] += 1
            counted["no_further_action"] += outcome is Outcome.NO_FURTHER_ACTION
            counted["disagreements"] += disputed
    columns = (
        "children",
        *(rag.value for rag in Rag),
        "no_further_action",
        "disagreements",
    )
    return [
        {"characteristic": name, "value": value, **{one: counted[one] for one in columns}}
        for (name, value), counted in sorted(found.items())
    ]


def publishable(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with small counts hidden. Where a single count of a row is hidden, the next smallest is
    too, so that it can't be worked out from the total."""
    shown = []
    for row in rows:
        counts = {
            name: value
            for name, value in row.items()
            if isinstance(value, int) and not isinstance(value, bool)
        }
        hidden = {name for name, value in counts.items() if 0 < value < FEWEST_PUBLISHED}
        if len(hidden) == 1:
            others = sorted(
                (value, name) for name, value in counts.items() if name not in hidden and value
            )
            hidden.update(name for _, name in others[:1])
        shown.append({name: HIDDEN if name in hidden else value for name, value in row.items()})
    return shown


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two raters' colours for the same referrals, unweighted. None for no pairs,
    or where both gave one and the same colour throughout."""
    if not pairs:
        return None
    number = len(pairs)
    observed = sum(first == second for first, second in pairs) / number
    firsts = Counter(first for first, _ in pairs)
    seconds = Counter(second for _, second in pairs)
    chance = sum(firsts[one] * seconds[one] for one in firsts) / number**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def quarter_of(quarter: str) -> tuple[datetime, datetime]:
    """The beginning of a quarter in England and of the next, in UTC. Raises ValueError."""
    found = re.match(QUARTER, quarter)
    if found is None:
        raise ValueError(quarter)
    year, number = int(found[1]), int(found[2])
    first = datetime(year, 3 * number - 2, 1, tzinfo=LONDON)
    after = datetime(year + number // 4, 3 * (number % 4) + 1, 1, tzinfo=LONDON)
    return first.astimezone(UTC), after.astimezone(UTC)


def last_quarter(now: datetime) -> str:
    """The last quarter that is over, in England."""
    local = now.astimezone(LONDON)
    number = (local.month - 1) // 3
    return f"{local.year}Q{number}" if number else f"{local.year - 1}Q4"


def last_quarters(now: datetime, number: int) -> list[str]:
    """The last quarters that are over, in England, the latest first."""
    found: list[str] = []
    for _ in range(number):
        found.append(last_quarter(now))
        now, _ = quarter_of(found[-1])
    return found
