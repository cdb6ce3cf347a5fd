"""Weights from a set without knowing its true pairs, as Fellegi and Sunter's model allows: chance
agreement from random pairs, agreement of the same person by expectation maximisation.

A public set is of other people with other mistakes than a pack's weights are for, and Splink, which
stands beside us, is trained on the set too."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from math import prod

from policy.matching import Compared, MatchingSection, Person, compare
from policy.matching.section import LEVELS, Comparison, Weight

Levels = tuple[tuple[Comparison, str], ...]
ROUNDS = 50
RANDOM_PAIRS = 200_000
SMOOTH = 1.0


def estimated(
    pairs: Iterable[Compared], people: Sequence[Person], matching: MatchingSection
) -> MatchingSection:
    """`matching` with weights for these people. `pairs` are those that share a key."""
    dice = random.Random(4)
    chance: Counter[tuple[Comparison, str]] = Counter()
    for _ in range(RANDOM_PAIRS):
        one, other = dice.sample(people, 2)
        chance.update(compare(one, other, matching).levels)
    seen = Counter(pair.levels for pair in pairs)
    u = _shares(chance, matching, "u")
    m = {key: weight.m for key, weight in _weights(matching)}
    share = 0.5
    for _ in range(ROUNDS):
        same: Counter[tuple[Comparison, str]] = Counter()
        total = 0.0
        for levels, count in seen.items():
            yes = share * prod(m[key] for key in levels)
            no = (1 - share) * prod(u[key] for key in levels)
            weight = count * yes / (yes + no)
            total += weight
            for key in levels:
                same[key] += weight  # type: ignore[assignment]
        share = total / seen.total()
        m = _shares(same, matching, "m")
    weights = {
        field: {level: {"m": m[field, level], "u": u[field, level]} for level in levels}
        for field, levels in LEVELS.items()
    }
    return MatchingSection.model_validate({**matching.model_dump(), "weights": weights})


def _shares(
    counts: Counter[tuple[Comparison, str]], matching: MatchingSection, which: str
) -> dict[tuple[Comparison, str], float]:
    """Each level's share of its field; what was seen seldom leans on the pack's weight."""
    totals: Counter[str] = Counter()
    for (field, _), count in counts.items():
        # Names that changed places stand in place of both names.
        for one in ("given", "family") if field == "names" else (field,):
            totals[one] += count
    totals["names"] = totals["given"]
    return {
        key: min(
            0.9999,
            (counts[key] + SMOOTH * getattr(weight, which)) / (totals[key[0]] + SMOOTH),
        )
        for key, weight in _weights(matching)
    }


def _weights(matching: MatchingSection) -> list[tuple[tuple[Comparison, str], Weight]]:
    return [
        ((field, level), weight)
        for field, levels in matching.weights.items()
        for level, weight in levels.items()
    ]
