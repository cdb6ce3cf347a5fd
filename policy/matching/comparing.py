"""Comparing two people, field by field, and what it says of their being one.

The same for (a, b) and (b, a). Where a field allows several readings (names the right way round
or swapped, names also used), the one that speaks most for a match counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp2, log2

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from policy.matching.blocking import sector, sound
from policy.matching.person import Person
from policy.matching.section import Comparison, MatchingSection

NameFrequency = Callable[[str, str], float | None]
"""How many in one of the people known have this name ("given" or "family"), as a share; None
where nobody counted."""

SIMILAR = 0.9
SIMILAR_LINE = 0.92
EXPECTED_WITHIN = timedelta(days=35)

_ORDER = {
    level: place
    for place, level in enumerate(
        ("same", "nickname", "part", "similar", "sounds", "initial", "other")
    )
}
_AGREES = frozenset({"same", "nickname", "part", "similar", "sounds"})
_DAY_AGREES = frozenset({"same", "swapped", "digit", "expected"})


@dataclass(frozen=True, slots=True)
class Compared:
    """What two people have in common. `levels` holds the fields that both give. `bits` is the
    weight of it all with the prior, `score` the chance that they are one person, 0 to 1."""

    levels: tuple[tuple[Comparison, str], ...]
    bits: float

    @property
    def score(self) -> float:
        return 1 / (1 + exp2(-max(-500.0, min(500.0, self.bits))))

    def of(self, comparison: Comparison) -> str | None:
        """How one field compares, or None where either leaves it blank."""
        return next((level for field, level in self.levels if field == comparison), None)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What agrees, more or less, as codes: FIELD_LEVEL."""
        return tuple(f"{field}_{level}" for field, level in self.levels if level != "other")

    @property
    def given_agrees(self) -> bool:
        return self.of("given") in _AGREES or self.of("names") == "swapped"

    @property
    def name_agrees(self) -> bool:
        """Whether given and family name both agree."""
        return self.of("names") == "swapped" or (self.given_agrees and self.of("family") in _AGREES)

    @property
    def birth_agrees(self) -> bool:
        return self.of("birth") in _DAY_AGREES

    @property
    def number_same(self) -> bool:
        """Whether an identical verified number is on both."""
        return "same" in {self.of("nhs_number"), self.of("upn")}


def compare(
    one: Person,
    other: Person,
    matching: MatchingSection,
    frequency: NameFrequency = lambda _field, _name: None,
) -> Compared:
    """Compare two people. `frequency` makes a rare name count for more."""
    bits = matching.bits
    levels: list[tuple[Comparison, str]] = []
    total = matching.prior_bits
    first, first_name = _given(one, other, matching)
    last, last_name = _family(one, other)
    straight = _named("given", first, first_name, matching, frequency) + _named(
        "family", last, last_name, matching, frequency
    )
    turned = _turned(one, other)
    if turned and bits["names"][turned] > straight:
        levels.append(("names", turned))
        total += bits["names"][turned]
    else:
        total += straight
        if first:
            levels.append(("given", first))
        if last:
            levels.append(("family", last))
    rest: tuple[tuple[Comparison, str | None], ...] = (
        ("birth", _birth(one, other)),
        ("home", _home(one, other)),
        ("sex", _sex(one.sex, other.sex)),
        ("nhs_number", _equal(one.nhs_number, other.nhs_number)),
        ("upn", _equal(one.upn, other.upn)),
    )
    for field, level in rest:
        if level:
            levels.append((field, level))
            total += bits[field][level]
    return Compared(tuple(levels), total)


def _named(
    field: Comparison,
    level: str | None,
    name: str,
    matching: MatchingSection,
    frequency: NameFrequency,
) -> float:
    if level is None:
        return 0.0
    if level == "same":
        share = frequency(field, name)
        if share is not None:
            return log2(matching.weights[field]["same"].m / share)
    return matching.bits[field][level]


def _given(one: Person, other: Person, matching: MatchingSection) -> tuple[str | None, str]:
    if not one.given or not other.given:
        return None, ""
    best, name = "other", ""
    for mine in one.given:
        for theirs in other.given:
            level = _given_pair(mine, theirs, matching)
            if level == "same" and (mine != one.given[0] or theirs != other.given[0]):
                level = "nickname"
            if _ORDER[level] < _ORDER[best]:
                best, name = level, mine
    return best, name


def _given_pair(mine: str, theirs: str, matching: MatchingSection) -> str:
    if mine == theirs:
        return "same"
    if len(mine) == 1 or len(theirs) == 1:
        return "initial" if mine[0] == theirs[0] else "other"
    if not matching.roots_of(mine).isdisjoint(matching.roots_of(theirs)):
        return "nickname"
    return _alike(mine, theirs)


def _family(one: Person, other: Person) -> tuple[str | None, str]:
    if not one.family or not other.family:
        return None, ""
    if one.family[0] == other.family[0]:
        return "same", one.family[0]
    if not set(one.family).isdisjoint(other.family):
        return "part", ""
    pairs = (_alike(mine, theirs) for mine in one.family for theirs in other.family)
    return min(pairs, key=_ORDER.__getitem__), ""


def _alike(mine: str, theirs: str) -> str:
    if JaroWinkler.similarity(mine, theirs) >= SIMILAR:
        return "similar"
    if min(len(mine), len(theirs)) > 3 and DamerauLevenshtein.distance(mine, theirs) <= 1:
        return "similar"
    return "sounds" if sound(mine) == sound(theirs) else "other"


def _turned(one: Person, other: Person) -> str | None:
    """Whether given and family name changed places: both, or one of them with another beside it."""
    if not (one.given and one.family and other.given and other.family):
        return None
    crossed = (
        _alike(one.given[0], other.family[0]) == "similar",
        _alike(one.family[0], other.given[0]) == "similar",
    )
    return "swapped" if all(crossed) else "crossed" if any(crossed) else None


def _birth(one: Person, other: Person) -> str | None:
    if one.born and other.born:
        return _days(one.born, other.born)
    mine, theirs = one.born or one.expected, other.born or other.expected
    if mine is None or theirs is None:
        return None
    return "expected" if abs(mine - theirs) <= EXPECTED_WITHIN else "not_expected"


def _days(mine: date, theirs: date) -> str:
    if mine == theirs:
        return "same"
    if (mine.year, mine.month, mine.day) == (theirs.year, theirs.day, theirs.month):
        return "swapped"
    if DamerauLevenshtein.distance(f"{mine:%Y%m%d}", f"{theirs:%Y%m%d}") <= 1:
        return "digit"
    agree = (
        (mine.year == theirs.year) + (mine.month == theirs.month) + (mine.day == theirs.day)
    )  # fmt: skip
    return "near" if agree == 2 else "other"


def _home(one: Person, other: Person) -> str | None:
    postcodes = bool(one.postcode and other.postcode)
    lines = bool(one.line and other.line)
    if not postcodes and not lines:
        return None
    same_line = lines and _same_line(one.line or "", other.line or "")
    if postcodes:
        mine, theirs = one.postcode or "", other.postcode or ""
        near = sector(mine) == sector(theirs) or DamerauLevenshtein.distance(mine, theirs) <= 1
        if near and same_line:
            return "same"
        if mine == theirs:
            return "neighbour" if lines else "postcode"
        if near:
            return "near"
    return "line" if same_line else "other"


def _same_line(mine: str, theirs: str) -> bool:
    return mine == theirs or JaroWinkler.similarity(mine, theirs) >= SIMILAR_LINE


def _sex(mine: str | None, theirs: str | None) -> str | None:
    if mine not in {"M", "F"} or theirs not in {"M", "F"}:
        return None
    return "same" if mine == theirs else "other"


def _equal(mine: str | None, theirs: str | None) -> str | None:
    if not mine or not theirs:
        return None
    return "same" if mine == theirs else "other"
