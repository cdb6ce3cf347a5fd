"""A pack's phrases made ready: what each word can mean, and which meanings together are a sign.

A phrase is written as parts that stand together in one sentence:

    PARENT > HIT > CHILD          concepts of the lexicon (upper case), in this order
    SUBSTANCE + young mum         in any order; words in lower case stand for themselves, `*` at
                                  the end of a word for any ending
    !ENGAGE + PARENT              `!`: lacking or denied ("does not engage", "poor engagement")
    child:SELF_HARM               said of the child, or of nobody named; `parent:` of a parent
    INJURY + BABY - MOBILE        `-`: not if this is there as well
    ~ INJURY + NON_MOBILE         `~`: the other parts may stand in the sentence before or after
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from policy.pack import Pack

_PART = re.compile(
    r"(?P<join>[+>\-]|^)\s*(?P<lack>!?)(?P<who>(?:child|parent):)?"
    r"(?P<concept>[A-Z][A-Z0-9_]*\b)?(?P<words>[^+>A-Z]*?)\s*(?=\s[+>\-]\s|$)"
)
_WORDS = re.compile(r"^[a-z0-9' *]+$")
# Words that the memory of looked-up words may hold, so that odd texts can't fill the machine.
_MEMORY = 50_000


class PhraseError(ValueError):
    """A phrase can't be understood."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a phrase: a key of what must be there."""

    concept: str
    lack: bool = False
    who: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase made ready. `need` and `bar` are sets of keys as bits."""

    indicator: str
    parts: tuple[int, ...]
    ordered: bool
    nearby: bool
    need: int
    bar: int


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word can mean alone, and the longer terms that it can begin."""

    concepts: tuple[str, ...] = ()
    terms: tuple[tuple[tuple[str, ...], str], ...] = ()
    literals: tuple[tuple[tuple[str, ...], str], ...] = ()


_NOTHING = Meaning()


@dataclass(slots=True)
class Rulebook:
    """A pack's reader, ready. The memory of words looked up is the only thing that changes, and
    it changes no answer."""

    wanted: Mapping[str, tuple[tuple[int, bool, str], ...]]
    rules: Mapping[int, tuple[Rule, ...]]
    ladders: Mapping[str, tuple[str | None, str | None, str | None]]
    hard: frozenset[str]
    _exact: Mapping[str, Meaning]
    _prefixes: Mapping[str, Meaning]
    _memory: dict[str, Meaning] = field(default_factory=dict)

    def meaning(self, word: str) -> Meaning:
        """What a folded word can mean."""
        known = self._memory.get(word)
        if known is None:
            known = self._look_up(word)
            if len(self._memory) < _MEMORY:
                self._memory[word] = known
        return known

    def knows(self, word: str) -> bool:
        """Whether the word means anything here."""
        return bool(self.meaning(word).concepts)

    def _look_up(self, word: str) -> Meaning:
        bare = word.removesuffix("'s")
        found = [self._exact[each] for each in dict.fromkeys((word, bare)) if each in self._exact]
        found += [self._prefixes[bare[:end]] for end in range(1, len(bare) + 1)
                  if bare[:end] in self._prefixes]
        if not found:
            return _NOTHING
        return Meaning(
            tuple(dict.fromkeys(c for each in found for c in each.concepts)),
            _longest_first(term for each in found for term in each.terms),
            _longest_first(term for each in found for term in each.literals),
        )


@lru_cache(maxsize=64)
def _built(key: "_ByIdentity") -> Rulebook:
    return _build(key.pack)


@dataclass(frozen=True, slots=True)
class _ByIdentity:
    """A pack as a key of a cache: comparing packs by content would be slow."""

    pack: Pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.pack is self.pack


def rulebook(pack: Pack) -> Rulebook:
    """The pack's reader, made ready at the first call."""
    return _built(_ByIdentity(pack))


def parse(phrase: str) -> tuple[list[Part], list[Part], bool, bool]:
    """A phrase's parts, what bars it, whether it is ordered, whether its parts may be nearby.

    Raises PhraseError.
    """
    rest = phrase.strip()
    nearby = rest.startswith("~")
    rest = rest.removeprefix("~").strip()
    parts: list[Part] = []
    bars: list[Part] = []
    ordered = False
    end = 0
    for found in _PART.finditer(rest):
        if rest[end:found.start()].strip():
            break
        end = found.end()
        words = " ".join(found["words"].split())
        if bool(found["concept"]) == bool(words) or (words and not _WORDS.match(words)):
            message = f"cannot be understood at {found[0].strip()!r}"
            raise PhraseError(message)
        part = Part(found["concept"] or words, bool(found["lack"]), (found["who"] or "")[:-1])
        (bars if found["join"] == "-" else parts).append(part)
        ordered = ordered or found["join"] == ">"
    if end < len(rest) or not parts:
        message = f"cannot be understood: {phrase!r}"
        raise PhraseError(message)
    return parts, bars, ordered, nearby


def _build(pack: Pack) -> Rulebook:
    parsed = [
        (indicator.code, *parse(phrase))
        for indicator in pack.indicators.values() for phrase in indicator.phrases
    ]
    used = Counter(part for _, parts, _, _, _ in parsed for part in parts)
    keys = {part: number for number, part in enumerate(
        dict.fromkeys(part for _, parts, bars, _, _ in parsed for part in (*parts, *bars)))}
    rules: dict[int, list[Rule]] = {}
    for code, parts, bars, ordered, nearby in parsed:
        numbers = tuple(keys[part] for part in parts)
        anchor = numbers[0] if nearby else keys[min(parts, key=lambda part: used[part])]
        rules.setdefault(anchor, []).append(Rule(
            code, numbers, ordered, nearby, _bits(numbers), _bits(keys[bar] for bar in bars)))
    exact, prefixes = _dictionary(pack.lexicon, [part.concept for part in keys])
    return Rulebook(
        wanted={concept: tuple((number, part.lack, part.who) for part, number in keys.items()
                               if part.concept == concept)
                for concept in {part.concept for part in keys}},
        rules={anchor: tuple(held) for anchor, held in rules.items()},
        ladders={each.code: (each.milder, each.stronger, each.past)
                 for each in pack.indicators.values()},
        hard=frozenset(each.code for each in pack.indicators.values() if each.hard),
        _exact=exact,
        _prefixes=prefixes,
    )


def _bits(numbers: Iterator[int] | Sequence[int]) -> int:
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits


def _dictionary(
    lexicon: Mapping[str, Sequence[str]], named: Sequence[str]
) -> tuple[dict[str, Meaning], dict[str, Meaning]]:
    exact: dict[str, list[tuple[int, tuple[str, ...], str]]] = {}
    prefixes: dict[str, list[tuple[int, tuple[str, ...], str]]] = {}

    def add(term: str, concept: str, *, literal: bool) -> None:
        first, *rest = term.lower().replace("-", " ").split()
        place = prefixes if first.endswith("*") else exact
        kind = 2 if literal and rest else 1 if rest else 0
        place.setdefault(first.removesuffix("*"), []).append((kind, tuple(rest), concept))

    for concept, terms in lexicon.items():
        for term in terms:
            add(term, concept, literal=False)
    for name in named:
        if not name[0].isupper():
            add(name, name, literal=True)
    return _meanings(exact), _meanings(prefixes)


def _meanings(
    table: Mapping[str, Sequence[tuple[int, tuple[str, ...], str]]]
) -> dict[str, Meaning]:
    return {
        word: Meaning(
            tuple(concept for kind, _, concept in held if kind == 0),
            _longest_first((rest, concept) for kind, rest, concept in held if kind == 1),
            _longest_first((rest, concept) for kind, rest, concept in held if kind == 2),  # noqa: PLR2004
        )
        for word, held in table.items()
    }


def _longest_first(
    terms: Iterator[tuple[tuple[str, ...], str]]
) -> tuple[tuple[tuple[str, ...], str], ...]:
    return tuple(sorted(dict.fromkeys(terms), key=lambda term: -len(term[0])))
