"""A pack's phrases made ready: what each word can mean, and which meanings together are a sign."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from policy.pack import Pack
from policy.reader.phrases import parse

_TERM = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*\*?|\d+|[:%]")
# Words that the memory of looked-up words may hold, so that odd texts can't fill the machine.
_MEMORY = 50_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase made ready. `need` and `bar` are sets of keys as bits."""

    indicator: str
    parts: tuple[int, ...]
    ordered: bool
    nearby: bool
    close: frozenset[int]
    shaded: bool
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


def _build(pack: Pack) -> Rulebook:
    parsed = [
        (indicator.code, parse(phrase))
        for indicator in pack.indicators.values() for phrase in indicator.phrases
    ]
    used = Counter(part for _, phrase in parsed for part in phrase.parts)
    keys = {part: number for number, part in enumerate(
        dict.fromkeys(part for _, phrase in parsed for part in (*phrase.parts, *phrase.bars)))}
    rules: dict[int, list[Rule]] = {}
    for code, phrase in parsed:
        numbers = tuple(keys[part] for part in phrase.parts)
        rarest = keys[min(phrase.parts, key=lambda part: used[part])]
        anchor = numbers[0] if phrase.nearby else rarest
        rules.setdefault(anchor, []).append(Rule(
            code, numbers, phrase.ordered, phrase.nearby, phrase.close,
            any(part.concept in {"MILD", "SEVERE"} for part in phrase.parts), _bits(numbers),
            _bits(keys[bar] for bar in phrase.bars)))
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
        first, *rest = _TERM.findall(term.lower())
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
