"""What a word's meanings do in a sentence, worked out once for each set of meanings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

# Concepts that name a person, and which of the two that a sign can be said of.
PEOPLE: Mapping[str, str] = {
    "PARENT": "parent",
    "FAMILY": "parent",
    "ADULT": "parent",
    "CHILD": "child",
    "BABY": "child",
    "AGE_BABY": "child",
    "AGE_UNDER_1": "child",
    "AGE_OLDER": "child",
}
# Concepts that deny, suppose or date the words around them.
REACHING = frozenset({"NEG", "SHIELD", "DENIED_BEFORE", "HYPO", "PAST", "PAST_NEXT"})
SHADES = frozenset({"MILD", "SEVERE", "ELSEWHERE"})


# How a word stands: numbers that add up to a place in `Wanted.keys`.
DENIED, LACKING, OF_PARENT = 1, 2, 4


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """The keys that a concept opens, for each way in which it can stand. `by_lack`, `by_person`:
    whether it makes a difference that it lacks, and of whom it is said."""

    keys: tuple[tuple[int, ...], ...]
    bits: tuple[int, ...]
    by_lack: bool
    by_person: bool
    every: frozenset[int]


@lru_cache(maxsize=4096)
def wanted_keys(asked: tuple[tuple[int, bool, str], ...]) -> Wanted:
    """What one concept opens. `asked`: each key, whether it must lack, and of whom it must be said
    (`child`, `parent`, or nobody in particular)."""
    keys = tuple(
        tuple(
            sorted(
                key
                for key, lack, who in asked
                if (way & LACKING if lack else not way & DENIED)
                and who in {"", "parent" if way & OF_PARENT else "child"}
            )
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


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """What a set of meanings does: whom it names; whether it turns a sentence ("but"), says that
    it is of now, or that something lacks; what it reaches over; how it shades; and which keys each
    meaning can open. `injury`: one of them is an injury, which may be an adult's own. `potential`:
    all the keys that could be opened here, as bits; `needs`: the keys, as bits, that phrases which
    begin their search here need."""

    people: tuple[str, ...]
    turns: bool
    now: bool
    lacks: bool
    reaches: tuple[str, ...]
    shades: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    adults: tuple[Wanted, ...]
    injury: bool
    potential: int
    needs: tuple[int, ...]


def role_of(
    concepts: Sequence[str], wanted: Mapping[str, Wanted], needs: Mapping[int, Sequence[int]]
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
    return Role(
        people=tuple(PEOPLE[concept] for concept in concepts if concept in PEOPLE),
        turns="BUT" in concepts,
        now="NOW" in concepts,
        lacks="LACK" in concepts,
        reaches=tuple(concept for concept in concepts if concept in REACHING),
        shades=tuple(concept for concept in concepts if concept in SHADES),
        wanted=tuple(wanted[concept] for concept in concepts if concept in wanted),
        adults=tuple(wanted[concept] for concept in adults if concept in wanted),
        injury="INJURY" in concepts,
        potential=sum(1 << key for key in keys),
        needs=tuple(sorted({need for key in keys for need in needs.get(key, ())})),
    )


class Entry(NamedTuple):
    """A word or term that means something, with its first and last token in the sentence."""

    role: Role
    first: int
    last: int
