"""From tokens to sentences of hits: what is said, of whom, and whether it is so.

Each sentence is scanned once. Long ones are cut, so that the work stays linear in the text.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, count
from typing import NamedTuple

from policy.reader.figures import figure_at
from policy.reader.persons import Person, Talk, grown_up, persons
from policy.reader.phrases import NUMBERS
from policy.reader.roles import DENIED, LACKING, OF_PARENT, Entry, Role
from policy.reader.rules import Meaning, Rulebook
from policy.reader.structure import Structure
from policy.reader.terms import Begun, terms_at
from policy.reader.tokens import Tokens

_TEN = 10
# The words of a heading that says who writes.
_WRITERS = frozenset(
    """nurse team officer worker teacher gp cpn visitor midwife dentist consultant tutor therapist
    doctor paediatrician paramedic registrar physio psychologist counsellor lead community crisis
    duty health school family support speech and language class form social mental practice staff
    respite youth housing""".split()  # noqa: SIM905
)
# The longest sentence, in tokens; beyond it a text is cut without regard for sense.
_LONGEST = 60
_ENDS = frozenset(".!?\n•▪\u2013\u2014;")
_JOINS = frozenset({"and", ",", ";", ":"})

# What these words stand for hides every sign that begins within them.
_NOT_A_SIGN = "NOT_A_SIGN"
# A named tuple made without a call of its own: most of a sentence's time would go on those.
_quickly = tuple.__new__


class Hit(NamedTuple):
    """One meaning found: its first and last token, and whether it is told of the past."""

    first: int
    last: int
    past: bool


class Sentence:
    """What was found in one sentence: each hit with the keys that it can open; `mask` holds all keys
    that were opened, as bits. Tokens are counted from `base`, the sentence's first token in the
    text. `past`: whether anything in it is told of the past."""

    # Most sentences leave all this as it is, and need no place for it.
    found: Sequence[tuple[AbstractSet[int], Hit]] = ()
    mask = 0
    past = False
    milds: Sequence[int] = ()
    severes: Sequence[int] = ()
    elsewhere: Sequence[int] = ()
    joins: Sequence[int] = ()
    words: Sequence[str] = ()
    named: Sequence[Person] = ()

    def __init__(self, base: int) -> None:
        self.base = base

    def hits(self, key: int) -> list[Hit]:
        """The hits that open a key."""
        return [hit for keys, hit in self.found if key in keys]


def sentences(
    text: Tokens, meanings: list[Meaning], unknown: Sequence[int], book: Rulebook
) -> Iterator[Sentence]:
    """The sentences of a text with what was found in each. `unknown` are the places of all tokens
    that mean nothing, marks among them."""
    talk = Talk()
    for start, end, asked in _parts(text, unknown):
        sentence = Sentence(start)
        if not (start == 0 and _is_heading(text.words, end)):
            words = text.words[start:end]
            entries = _entries(words, meanings[start:end], book)
            if entries or _could_mean(text.words, meanings, start, end):
                _scan(words, entries, book, sentence, talk, asked=asked)
        yield sentence


def _is_heading(words: Sequence[str], end: int) -> bool:
    """Whether a text's first words only say who writes: the "CPN." or "Crisis team." before all
    else is no sign."""
    return end < len(words) - 1 and _WRITERS.issuperset(words[:end])


def _could_mean(words: list[str], meanings: list[Meaning], start: int, end: int) -> bool:
    """Whether a sentence in which nothing was found has a word from which something could be read."""
    return any(
        meaning.alone or following in meaning.seconds
        for meaning, following in zip(
            meanings[start:end], [*words[start + 1 : end + 1], ""], strict=False
        )
    )


def _parts(text: Tokens, unknown: Sequence[int]) -> Iterator[tuple[int, int, bool]]:
    """Where each sentence starts and ends, and whether it is a question."""
    start = 0
    words = text.words
    marks = [position for position in unknown if words[position] in _ENDS]
    for mark in (*marks, len(words)):
        if mark < len(words) and words[mark] == "?" and _is_suspicion(text, mark):
            continue
        while mark - start > _LONGEST:
            yield start, start + _LONGEST, False
            start += _LONGEST
        if mark > start:
            yield start, mark, mark < len(words) and words[mark] == "?"
        start = mark + 1


def _is_suspicion(text: Tokens, mark: int) -> bool:
    """A clinician's "?NAI" is a suspicion, not the end of a question."""
    return mark + 1 < len(text.words) and text.start(mark + 1) == text.ends[mark]


def _scan(
    words: list[str],
    entries: list[Entry],
    book: Rulebook,
    sentence: Sentence,
    talk: Talk,
    *,
    asked: bool,
) -> None:
    """Fill a sentence. `talk`: whom the text has spoken of before it, and then with it."""
    shaping = [entry for entry in entries if entry[0].shapes]
    grown = grown_up(words, shaping, talk)
    if grown:
        entries = [(book.parent, *each[1:]) if each in grown else each for each in entries]
        shaping = [entry for entry in entries if entry[0].shapes]
    useful = book.useful({role for role, _, _ in entries})
    if not useful:
        named = persons(words, shaping)
        if named:
            talk.name(words, named)
        else:
            talk.go_on(words)
        return
    structure = Structure(words, shaping, talk, asked=asked)
    sentence.words, sentence.named = words, structure.named
    for entry in shaping:
        if entry[0].shades:
            _shade(entry, structure, sentence)
    _record(entries, structure, sentence, useful)
    if sentence.milds or sentence.severes:
        sentence.joins = tuple(place for place, word in enumerate(words) if word in _JOINS)


def _entries(words: list[str], meanings: list[Meaning], book: Rulebook) -> list[Entry]:
    """What a sentence's words and the longer terms among them do in it. Most words begin no term
    with the next two, which is told by two look-ups."""
    found: list[Entry] = []
    beyond = hidden = 0
    counted = -1
    # Each word with the two behind it: the last ones have none.
    each = zip(count(), meanings, [*words[1:], ""], [*words[2:], "", ""], strict=False)
    for position, meaning, second, third in each:
        if meaning.figure and position >= beyond:
            figure = figure_at(words, position)
            if figure is not None:
                concepts, first, last = figure
                found.append((book.role(concepts), first, last))
                if NUMBERS.get(words[position], _TEN) < _TEN:
                    # The two of "two years old" counts nothing else.
                    counted = last
        following = meaning.seconds.get(second)
        if following is None and meaning.loose and second.startswith(meaning.loose):
            following = meaning.loosely
        if following is not None and (following.thirds is None or third in following.thirds):
            literals = (
                terms_at(words, position, third, following.literals)
                if following.literals and position >= hidden
                else ()
            )
            if following.terms and position >= beyond:
                there = terms_at(words, position, third, following.terms)
                if there:
                    role, length = _longest(there, book)
                    found.append((role, position, position + length))
                    beyond = position + length + 1
                    if _NOT_A_SIGN in role.concepts:
                        hidden = beyond
                        literals = ()
            for _, length, literal in literals:
                found.append((literal, position, position + length))
        alone = meaning.role
        if alone is not None and position >= beyond and (position > counted or meaning.plain):
            found.append((alone, position, position))
    return found


def _longest(terms: Sequence[Begun], book: Rulebook) -> tuple[Role, int]:
    """What the longest terms do together, and how many words follow their first."""
    if len(terms) == 1:
        return terms[0][2], terms[0][1]
    most = max([length for _, length, _ in terms])
    together = [role.concepts for _, length, role in terms if length == most]
    return book.role(tuple(chain.from_iterable(together))), most


def _shade(entry: Entry, structure: Structure, sentence: Sentence) -> None:
    role, first, _ = entry
    for shade in role.shades:
        if shade == "MILD":
            sentence.milds = (*sentence.milds, first)
        elif shade == "ELSEWHERE":
            sentence.elsewhere = (*sentence.elsewhere, first)
        elif not structure.denied[first]:
            sentence.severes = (*sentence.severes, first)


def _record(entries: list[Entry], structure: Structure, sentence: Sentence, useful: int) -> None:
    """Open the `useful` keys of each entry: as it stands or lacking, and said of whom."""
    denied, supposed, past = structure.denied, structure.supposed, structure.past
    found: list[tuple[AbstractSet[int], Hit]] = []
    mask = 0
    for role, first, last in entries:
        if not role.potential & useful or supposed[first]:
            continue
        adults_own = role.injury and structure.is_adults_own(first, last)
        wanted = role.adults if adults_own else role.wanted
        if wanted is None:
            continue
        way = DENIED if denied[first] else 0
        if wanted.by_lack and (way or structure.lacks) and structure.is_lacking(first, last):
            way |= LACKING
        if wanted.by_person and structure.subject(last) == "parent":
            way |= OF_PARENT
        bits = wanted.bits[way] & useful
        if bits:
            mask |= bits
            found.append((wanted.keys[way], _quickly(Hit, (first, last, past[first] == 1))))
    sentence.found, sentence.mask = found, mask
    sentence.past = 1 in past and any(hit.past for _, hit in found)
