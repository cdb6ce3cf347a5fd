"""What a word's meanings do in a sentence, worked out once for each set of meanings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

NAMED = "named"
# Concepts that name a person, and which of the two that a sign can be said of; of a name, the words
# around it tell.
PEOPLE: Mapping[str, str] = {
    "PARENT": "parent",
    "FAMILY": "parent",
    "ADULT": "parent",
    "CHILD": "child",
    "BABY": "child",
    "AGE_BABY": "child",
    "AGE_UNDER_1": "child",
    "AGE_OLDER": "child",
    "NAMED": NAMED,
}
# Concepts that deny, suppose or date the words around them.
REACHING = frozenset({"NEG", "SHIELD", "DENIED_BEFORE", "HYPO", "PAST", "PAST_NEXT"})
SHADES = frozenset({"MILD", "SEVERE", "ELSEWHERE"})
_SHAPING = REACHING | SHADES | PEOPLE.keys() | {"BUT", "NOW", "LACK", "NO_LACK"}


# How a word stands: numbers that add up to a place in `Wanted.bits`.
DENIED, LACKING, OF_PARENT = 1, 2, 4


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """The keys that a concept opens, for each way in which it can stand, and the same as bits.
    `by_lack`, `by_person`: whether it makes a difference that it lacks, and of whom it is said."""

    keys: tuple[frozenset[int], ...]
    bits: tuple[int, ...]
    by_lack: bool
    by_person: bool
    every: frozenset[int]


@lru_cache(maxsize=4096)
def wanted_keys(asked: tuple[tuple[int, bool, str], ...]) -> Wanted:
    """What one concept opens. `asked`: each key, whether it must lack, and of whom it must be said
    (`child`, `parent`, or nobody in particular)."""
    keys = tuple(
        frozenset(
            key
            for key, lack, who in asked
            if (way & LACKING if lack else not way & DENIED)
            and who in {"", "parent" if way & OF_PARENT else "child"}
        )
        for way in range(2 * OF_PARENT)
    )
    return Wanted(
        keys=keys,
        bits=tuple(sum(1 << key for key in each) for each in keys),
        by_lack=any(lack for _, lack, _ in asked),
        by_person=any(who for _, _, who in asked),
        every=frozenset(key for key, _, _ in asked),
    )


# The keys that a phrase needs, as bits; and the same with those that bar it.
Need = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """What a set of meanings, `concepts`, does: whether it shapes what other words say; whom it names; whether
    it turns a sentence ("but"), says that it is of now, that something lacks
    or that nothing does; what it reaches
    over; how it shades; and which keys each meaning can open. `injury`: one of them is an injury, which may be an adult's own. `potential`:
    all the keys that could be opened here, as bits. Of the phrases that begin their search here,
    `own` holds the keys of those that this word could make up by itself, with what bars them; `rest`
    the others' by one key that must come from another word, `others` all such keys."""

    concepts: tuple[str, ...]
    shapes: bool
    people: tuple[str, ...]
    turns: bool
    now: bool
    lacks: bool
    denies_lack: bool
    reaches: tuple[str, ...]
    shades: tuple[str, ...]
    wanted: Wanted | None
    adults: Wanted | None
    injury: bool
    potential: int
    own: int
    others: int
    rest: Mapping[int, tuple[Need, ...]]


def role_of(
    concepts: tuple[str, ...], wanted: Mapping[str, Wanted], needs: Mapping[int, Sequence[Need]]
) -> Role:
    """The role of a set of meanings. `wanted`: the keys that a pack's phrases ask for; `needs`: for
    a key, all that the phrases need which are looked for from it."""
    adults = ["ADULT_INJURY" if concept == "INJURY" else concept for concept in concepts]
    keys = frozenset(
        key
        for concept in (*concepts, *adults)
        if concept in wanted
        for key in wanted[concept].every
    )
    potential = sum(1 << key for key in keys)
    own, rest = _parted(_gathered(need for key in keys for need in needs.get(key, ())), potential)
    return Role(
        concepts=concepts,
        shapes=any(concept in _SHAPING for concept in concepts),
        people=tuple(PEOPLE[concept] for concept in concepts if concept in PEOPLE),
        turns="BUT" in concepts,
        now="NOW" in concepts,
        lacks="LACK" in concepts,
        denies_lack="NO_LACK" in concepts,
        reaches=tuple(concept for concept in concepts if concept in REACHING),
        shades=tuple(concept for concept in concepts if concept in SHADES),
        wanted=_together([wanted[concept] for concept in concepts if concept in wanted]),
        adults=_together([wanted[concept] for concept in adults if concept in wanted]),
        injury="INJURY" in concepts,
        potential=potential,
        own=own,
        others=sum(1 << key for key in rest),
        rest=rest,
    )


def _gathered(needs: Iterable[Need]) -> Mapping[int, int]:
    found: dict[int, int] = {}
    for need, wants in needs:
        found[need] = found.get(need, 0) | wants
    return found


def _parted(needs: Mapping[int, int], potential: int) -> tuple[int, Mapping[int, tuple[Need, ...]]]:
    own = 0
    rest: dict[int, list[Need]] = {}
    for need, wants in sorted(needs.items()):
        missing = need & ~potential
        if missing:
            # Keys are numbered as phrases name them: what was named last is named by fewer.
            rest.setdefault(missing.bit_length() - 1, []).append((need, wants))
        else:
            own |= wants
    return own, {key: tuple(held) for key, held in rest.items()}


def _together(each: Sequence[Wanted]) -> Wanted | None:
    """What several concepts open, as one: a word is looked at once, whatever it can mean."""
    if len(each) < 2:
        return each[0] if each else None
    keys = tuple(
        frozenset().union(*(one.keys[way] for one in each)) for way in range(2 * OF_PARENT)
    )
    return Wanted(
        keys=keys,
        bits=tuple(sum(1 << key for key in held) for held in keys),
        by_lack=any(one.by_lack for one in each),
        by_person=any(one.by_person for one in each),
        every=frozenset().union(*(one.every for one in each)),
    )


def partners(anchor: int, asked: Iterable[tuple[int, bool]]) -> int:
    """What has to stand beside an anchor, as bits, for phrases with these keys, of which some may
    have parts in the next sentence: the anchor itself where it may do alone, else one other key."""
    found = 0
    for need, nearby in asked:
        others = need & ~(1 << anchor)
        found |= 1 << (anchor if nearby or not others else others.bit_length() - 1)
    return found


# A word or term that means something: its role, and its first and last token in the sentence. A plain
# tuple, as so many are made.
Entry: TypeAlias = tuple[Role, int, int]
