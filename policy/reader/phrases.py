"""The language of phrases: what an indicator's words look like in a sentence.

A phrase is written as parts that stand together in one sentence:

    PARENT > HIT > CHILD          concepts of the lexicon (upper case), in this order
    PARENT > HIT >> CHILD         `>>`: close behind, as the one to whom it is done
    SUBSTANCE + young mum         in any order; words in lower case stand for themselves, `*` at
                                  the end of a word for any ending
    stands|stood >> corner|wall   `|`: one word or the other
    !ENGAGE + PARENT              `!`: lacking or denied ("does not engage", "poor engagement")
    child:SELF_HARM               said of the child, or of nobody named; `parent:` of a parent
    INJURY + BABY - MOBILE        `-`: not if this is there as well
    ~ INJURY + NON_MOBILE         `~`: the other parts may stand in the sentence before or after
    PARENT > HIT >> NAMED         NAMED: a word with a capital letter that no dictionary here knows
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_PART = re.compile(
    r"(?P<join>[+\-]|>{1,2}|^)\s*(?P<lack>!?)(?P<who>(?:child|parent):)?"
    r"(?P<concept>[A-Z][A-Z0-9_]*\b)?(?P<words>[^+>A-Z]*?)\s*(?=\s(?:[+\-]|>{1,2})\s|$)"
)
_WORDS = re.compile(r"^[a-z0-9' *|]+$")


# Concepts that the reader works out: from figures, an injury that is an adult's own, and somebody
# called by a name.
WORKED_OUT = frozenset(
    {
        "AGE_BABY",
        "AGE_UNDER_1",
        "AGE_OLDER",
        "AGE_TEN_TO_TWELVE",
        "AGE_ADULT",
        "PERCENT_LOW",
        "PERCENT_VERY_LOW",
        "ADULT_INJURY",
        "NAMED",
    }
)


NUMBERS = {
    name: number
    for number, name in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
        ],
        1,
    )
}


class PhraseError(ValueError):
    """A phrase can't be understood."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a phrase: a key of what must be there."""

    concept: str
    lack: bool = False
    who: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase's parts, what bars it, whether the parts stand in order, whether they may stand in
    the sentence before or after, and which parts stand close behind the one before."""

    parts: tuple[Part, ...]
    bars: tuple[Part, ...]
    ordered: bool
    nearby: bool
    close: frozenset[int]


@lru_cache(maxsize=10_000)
def parse(phrase: str) -> Phrase:
    """A phrase understood. Raises PhraseError."""
    rest = phrase.strip()
    nearby = rest.startswith("~")
    rest = rest.removeprefix("~").strip()
    parts: list[Part] = []
    bars: list[Part] = []
    ordered = False
    close: set[int] = set()
    end = 0
    for found in _PART.finditer(rest):
        if rest[end : found.start()].strip():
            break
        end = found.end()
        words = " ".join(found["words"].split())
        if bool(found["concept"]) == bool(words) or (words and not _WORDS.match(words)):
            message = f"cannot be understood at {found[0].strip()!r}"
            raise PhraseError(message)
        part = Part(found["concept"] or words, bool(found["lack"]), (found["who"] or "")[:-1])
        (bars if found["join"] == "-" else parts).append(part)
        if found["join"].startswith(">"):
            ordered = True
        if found["join"] == ">>":
            close.add(len(parts) - 1)
    if end < len(rest) or not parts:
        message = f"cannot be understood: {phrase!r}"
        raise PhraseError(message)
    return Phrase(tuple(parts), tuple(bars), ordered, nearby, frozenset(close))
