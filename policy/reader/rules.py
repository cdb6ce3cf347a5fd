"""A pack's phrases made ready: what each word can mean, and which meanings together are a sign."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache

from policy.pack import Pack
from policy.reader.english import ENGLISH
from policy.reader.forms import Form, forms
from policy.reader.phrases import NUMBERS, parse
from policy.reader.roles import PEOPLE, Need, Role, Wanted, partners, role_of, wanted_keys
from policy.reader.spelling import by_sound, by_stem, sounds
from policy.reader.terms import Following, Term, by_second, loosely

_ALONE, _TERM_OF, _LITERAL = range(3)
# No term is longer; a longer word is looked up by its beginning, so that length costs nothing.
_LONGEST_WORD = 32
# No word is written like this: names are remembered under it.
_NAME = " "
# The shortest form that the beginning of a misspelt word is known by.
_SHORTEST_STEM = 4
# Words that the memory of looked-up words may hold, so that odd texts can't fill the machine.
_MEMORY = 50_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase made ready: the part from which its place is looked for, and the others; `need` and
    `bar` are sets of keys as bits."""

    indicator: str
    start: int
    others: tuple[int, ...]
    ordered: bool
    nearby: bool
    close: frozenset[int]
    shaded: bool
    need: int
    bar: int


# A concept or family with the terms that stand for it.
_Listed = tuple[str, tuple[str, ...]]
# What a term's first word can begin: whether it is the whole, what follows, and what that means.
_Said = tuple[int, Form, str]


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """What a word does alone; the longer terms that it can begin, by their second word, and those
    whose second may have any ending, with its beginnings; whether it may begin a figure; whether it
    may matter whatever follows; and whether it never does more than it does alone, and so does it
    within a figure too."""

    role: Role | None = None
    seconds: Mapping[str, Following] = field(default_factory=dict)
    loose: tuple[str, ...] = ()
    loosely: Following | None = None
    figure: bool = False
    alone: bool = False
    plain: bool = False


NOTHING = Meaning()
# A common English word that means nothing here.
COMMON = Meaning()


@dataclass(frozen=True, slots=True)
class _Words:
    """What the lexicon and the phrases say of one word or one beginning of words."""

    concepts: tuple[str, ...]
    terms: tuple[Term, ...]
    literals: tuple[Term, ...]


@dataclass(slots=True)
class Rulebook:
    """A pack's reader, ready. What is remembered of words looked up is the only thing that
    changes, and it changes no answer."""

    wanted: Mapping[str, Wanted]
    rules: Mapping[int, tuple[Rule, ...]]
    # For each key that phrases are looked for from: the keys, as bits, one of which has to be there.
    partners: Mapping[int, int]
    anchors: int
    ladders: Mapping[str, tuple[str | None, str | None, str | None]]
    nearby: int
    people: frozenset[int]
    _needs: Mapping[int, Sequence[Need]]
    _always: int
    _exact: Mapping[str, _Words]
    _prefixes: Mapping[str, _Words]
    _sounds: Mapping[str, _Words]
    _stems: Mapping[str, _Words]
    _memory: dict[str, Meaning] = field(default_factory=dict)
    _roles: dict[tuple[str, ...], Role] = field(default_factory=dict)

    def role(self, concepts: tuple[str, ...]) -> Role:
        """What a word with these meanings does in a sentence."""
        found = self._roles.get(concepts)
        if found is None:
            found = self._roles[concepts] = role_of(concepts, self.wanted, self._needs)
        return found

    def _role(self, concept: str) -> Role:
        return self.role((concept,))

    @property
    def named(self) -> Meaning:
        """What a name means."""
        return self._memory.get(_NAME) or self._remember_name()

    @property
    def parent(self) -> Role:
        """What a parent does in a sentence, whatever they are called."""
        return self._role("PARENT")

    def _remember_name(self) -> Meaning:
        found = self._memory[_NAME] = Meaning(self._role("NAMED"), alone=True)
        return found

    def useful(self, roles: AbstractSet[Role]) -> int:
        """The keys, as bits, that could amount to anything in a sentence of words with these roles,
        however they stand. Most sentences have none, and need no closer look."""
        potential = 0
        for role in roles:
            potential |= role.potential
        found = potential & self.nearby
        for role in roles:
            if role.own:
                found |= role.own
            there = role.others & potential
            while there:
                key = there.bit_length() - 1
                there ^= 1 << key
                for need, wants in role.rest[key]:
                    if need & potential == need:
                        found |= wants
        return found and found | self._always

    def meanings(self, words: Sequence[str]) -> list[Meaning]:
        """What each folded word can mean: COMMON or NOTHING for one that means nothing here."""
        try:
            return list(map(self._memory.__getitem__, words))
        except KeyError:
            # Each new word is looked up once, however often a text says it.
            new = {word: self._meaning(word) for word in set(words) - self._memory.keys()}
        return [self._memory.get(word) or new[word] for word in words]

    def _meaning(self, word: str) -> Meaning:
        found = self._look_up(word[:_LONGEST_WORD])
        if len(self._memory) < _MEMORY and len(word) <= _LONGEST_WORD:
            self._memory[word] = found
        return found

    def _misspelt(self, word: str) -> list[_Words]:
        """What a word that nobody knows was meant to be; nothing if it is no slip of one known."""
        if word in ENGLISH:
            return []
        forms = sounds(word)
        found = [self._sounds[form] for form in forms if form in self._sounds][:1]
        # A beginning is known by its consonants and vowels alike, or too much would begin so.
        if forms:
            plain = forms[0]
            found += [
                self._stems[plain[:end]]
                for end in range(_SHORTEST_STEM + 1, len(plain) + 1)
                if plain[:end] in self._stems
            ]
        return found

    def _look_up(self, word: str) -> Meaning:
        bare = word.removesuffix("'s")
        found = [self._exact[each] for each in dict.fromkeys((word, bare)) if each in self._exact]
        found += [
            self._prefixes[bare[:end]]
            for end in range(1, len(bare) + 1)
            if bare[:end] in self._prefixes
        ]
        if not found:
            found = self._misspelt(bare)
        figure = word[0].isdecimal() or word in NUMBERS
        if not found and not figure:
            return COMMON if word in ENGLISH else NOTHING
        concepts = tuple(dict.fromkeys(c for each in found for c in each.concepts))
        terms = dict.fromkeys(term for each in found for term in each.terms)
        literals = dict.fromkeys(term for each in found for term in each.literals)
        loose = {stem for rest, _ in (*terms, *literals) for stem in rest[0].stems}
        return Meaning(
            self.role(concepts) if concepts else None,
            by_second(terms, literals, self._role),
            tuple(loose),
            loosely(terms, literals, self._role) if loose else None,
            figure,
            alone=bool(concepts or figure or loose),
            plain=bool(concepts) and not (terms or literals or figure),
        )


@dataclass(frozen=True, slots=True)
class _Sign:
    """What a pack says of one indicator that matters to its reader."""

    code: str
    phrases: tuple[str, ...]
    ladder: tuple[str | None, str | None, str | None]


@lru_cache(maxsize=64)
def _built(key: "_ByIdentity") -> Rulebook:
    pack = key.pack
    return _build(
        tuple(
            _Sign(each.code, tuple(each.phrases), (each.milder, each.stronger, each.past))
            for each in pack.indicators.values()
        ),
        tuple((concept, tuple(terms)) for concept, terms in pack.lexicon.items()),
        tuple((family, tuple(terms)) for family, terms in pack.families.items()),
    )


@dataclass(frozen=True, slots=True)
class _ByIdentity:
    """A pack as a key of a cache: comparing packs by content would be slow."""

    pack: Pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.pack is self.pack


def rulebook(pack: Pack) -> Rulebook:
    """The pack's reader, made ready at the first call. Packs that read alike, as authorities do
    that differ in their clauses alone, share one, with all that it remembers."""
    return _built(_ByIdentity(pack))


@lru_cache(maxsize=64)
def _build(
    signs: tuple[_Sign, ...], lexicon: tuple[_Listed, ...], families: tuple[_Listed, ...]
) -> Rulebook:
    parsed = [(sign.code, parse(phrase)) for sign in signs for phrase in sign.phrases]
    used = Counter(part for _, phrase in parsed for part in phrase.parts)
    keys = {
        part: number
        for number, part in enumerate(
            dict.fromkeys(part for _, phrase in parsed for part in (*phrase.parts, *phrase.bars))
        )
    }
    listed = dict((*lexicon, *families))
    common = {
        part.concept: sum(
            word in ENGLISH for word in listed.get(part.concept) or part.concept.split("|")
        )
        for part in keys
    }
    rules: dict[int, list[Rule]] = {}
    for code, phrase in parsed:
        numbers = tuple(keys[part] for part in phrase.parts)
        rarest = keys[min(phrase.parts, key=lambda part: (common[part.concept], used[part]))]
        anchor = numbers[0] if phrase.nearby else rarest
        if phrase.ordered:
            start, *others = numbers
        else:
            start, others = anchor, [number for number in numbers if number != anchor]
        rules.setdefault(anchor, []).append(
            Rule(
                code,
                start,
                tuple(others),
                phrase.ordered,
                phrase.nearby,
                phrase.close,
                any(part.concept in {"MILD", "SEVERE"} for part in phrase.parts),
                _bits(numbers),
                _bits(keys[bar] for bar in phrase.bars),
            )
        )
    exact, prefixes = _dictionary(lexicon, families, [part.concept for part in keys])
    # Slips are forgiven in the lexicon's own words: of families there are so many that good words
    # would be taken for slips of theirs ("measured" for "miscarried").
    known = {
        word
        for _, terms in lexicon
        for term in terms
        for form in forms(term)
        for word in (*form[0].words, *form[0].stems)
    }
    nearby = 0
    for rule in (rule for held in rules.values() for rule in held if rule.nearby):
        nearby |= rule.need
    asked: dict[str, list[tuple[int, bool, str]]] = {}
    for part, key in keys.items():
        asked.setdefault(part.concept, []).append((key, part.lack, part.who))
    return Rulebook(
        wanted={concept: wanted_keys(tuple(each)) for concept, each in asked.items()},
        rules={anchor: tuple(held) for anchor, held in rules.items()},
        partners={
            anchor: partners(anchor, [(rule.need, rule.nearby) for rule in held])
            for anchor, held in rules.items()
        },
        anchors=_bits(list(rules)),
        ladders={sign.code: sign.ladder for sign in signs},
        nearby=nearby,
        people=frozenset(key for part, key in keys.items() if part.concept in PEOPLE),
        _needs={
            key: [(rule.need, rule.need | rule.bar) for rule in held] for key, held in rules.items()
        },
        _always=_bits(key for part, key in keys.items() if part.concept in PEOPLE) | nearby,
        _exact=exact,
        _prefixes=prefixes,
        _sounds=by_sound({word: said for word, said in exact.items() if word in known}),
        _stems=by_stem({word: said for word, said in prefixes.items() if word in known}),
    )


def _bits(numbers: Iterator[int] | Sequence[int]) -> int:
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits


def _dictionary(
    lexicon: Sequence[_Listed], families: Sequence[_Listed], named: Sequence[str]
) -> tuple[dict[str, _Words], dict[str, _Words]]:
    exact: dict[str, list[_Said]] = {}
    prefixes: dict[str, list[_Said]] = {}

    def add(term: str, concept: str, *, literal: bool) -> None:
        for first, *rest in forms(term):
            kind = _ALONE if not rest else _LITERAL if literal else _TERM_OF
            said = (kind, tuple(rest), concept)
            for word in first.words:
                exact.setdefault(word, []).append(said)
            for stem in first.stems:
                prefixes.setdefault(stem, []).append(said)

    for concept, terms in lexicon:
        for term in terms:
            add(term, concept, literal=False)
    for family, terms in families:
        for term in terms:
            add(term, family, literal=True)
    for name in named:
        if not name[0].isupper():
            for word in name.split("|"):
                add(word, name, literal=True)
    return _meanings(exact), _meanings(prefixes)


def _meanings(table: Mapping[str, Sequence[_Said]]) -> dict[str, _Words]:
    return {
        word: _Words(
            tuple(concept for kind, _, concept in held if kind == _ALONE),
            tuple((rest, concept) for kind, rest, concept in held if kind == _TERM_OF),
            tuple((rest, concept) for kind, rest, concept in held if kind == _LITERAL),
        )
        for word, held in table.items()
    }
