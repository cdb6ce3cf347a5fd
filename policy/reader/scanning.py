"""From tokens to sentences of hits: what is said, of whom, and whether it is so.

Each sentence is scanned once. Long ones are cut, so that the work stays linear in the text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from policy.reader.figures import figure_at
from policy.reader.rules import NOTHING, Meaning, Rulebook, Term, Terms
from policy.reader.structure import Entry, Structure
from policy.reader.tokens import Tokens

# The longest sentence, in tokens; beyond it a text is cut without regard for sense.
_LONGEST = 60
_ENDS = frozenset(".!?\n•▪\u2013\u2014;")
_JOINS = frozenset({"and", ",", ";", ":"})
_PRONOUNS = frozenset({"he", "she", "they", "his", "her", "their", "him", "them"})


class Hit(NamedTuple):
    """One meaning found: token and character offsets, and whether it is told of the past."""

    first: int
    last: int
    start: int
    end: int
    past: bool


@dataclass(slots=True)
class Sentence:
    """What was found in one sentence, by key; `mask` holds the keys as bits."""

    hits: dict[int, list[Hit]] = field(default_factory=dict)
    mask: int = 0
    milds: list[int] = field(default_factory=list)
    severes: list[int] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)
    joins: tuple[int, ...] = ()


def sentences(text: Tokens, meanings: list[Meaning], book: Rulebook) -> Iterator[Sentence]:
    """The sentences of a text with what was found in each."""
    subject: str | None = None
    for start, end, asked in _parts(text):
        marked = [each for each in range(start, end) if meanings[each] is not NOTHING]
        if marked:
            part = _Part(text, start, text.words[start:end], meanings[start:end])
            sentence, subject = _scan(
                part, [each - start for each in marked], book, subject, asked=asked
            )
            yield sentence
        elif end > start:
            yield Sentence()


def _parts(text: Tokens) -> Iterator[tuple[int, int, bool]]:
    """Where each sentence starts and ends, and whether it is a question."""
    start = 0
    words = text.words
    marks = [position for position, word in enumerate(words) if word in _ENDS]
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


@dataclass(frozen=True, slots=True)
class _Part:
    """One sentence's words and what they can mean, with where it stands in the text."""

    text: Tokens
    base: int
    words: list[str]
    meanings: list[Meaning]


def _scan(
    part: _Part, marked: list[int], book: Rulebook, before: str | None, *, asked: bool
) -> tuple[Sentence, str | None]:
    entries = list(_entries(part, marked))
    structure = Structure(part.words, entries, asked=asked)
    if not structure.people and not _PRONOUNS.isdisjoint(part.words[:4]):
        structure.carried = before
    sentence = Sentence(
        joins=tuple(position for position, word in enumerate(part.words) if word in _JOINS)
    )
    for entry in entries:
        _record(entry, part, structure, sentence, book)
    people = structure.people
    return sentence, people[-1][1] if people else structure.carried


def _entries(part: _Part, marked: list[int]) -> Iterator[Entry]:
    words = part.words
    beyond = 0
    for position in marked:
        meaning = part.meanings[position]
        if meaning.figure and position >= beyond:
            figure = figure_at(words, position)
            if figure is not None:
                yield Entry(*figure)
        if meaning.literals:
            for rest, literal in _terms_at(words, position, meaning.literals):
                yield Entry((literal,), position, position + len(rest))
        if position < beyond:
            continue
        found = _terms_at(words, position, meaning.terms) if meaning.terms else []
        if found:
            length = max(len(rest) for rest, _ in found)
            concepts = tuple(concept for rest, concept in found if len(rest) == length)
            yield Entry(concepts, position, position + length)
            beyond = position + length + 1
        elif meaning.concepts:
            yield Entry(meaning.concepts, position, position)


def _terms_at(words: list[str], position: int, terms: Terms) -> list[Term]:
    if position + 1 >= len(words):
        return []
    following = words[position + 1]
    return [
        *(
            term
            for term in terms.get(following, ())
            if len(term[0]) == 1 or _follows(words, position, term[0])
        ),
        *(term for term in terms.get("", ()) if _follows(words, position, term[0])),
    ]


def _follows(words: list[str], position: int, rest: tuple[str, ...]) -> bool:
    if position + len(rest) >= len(words):
        return False
    for word, token in zip(rest, words[position + 1 : position + 1 + len(rest)], strict=True):
        if word != token and not (word[-1] == "*" and token.startswith(word[:-1])):
            return False
    return True


def _record(
    entry: Entry, part: _Part, structure: Structure, sentence: Sentence, book: Rulebook
) -> None:
    first, last = entry.first, entry.last
    supposed = structure.supposed[first]
    for concept in entry.concepts:
        if concept in _SHADES and not (concept == "SEVERE" and structure.denied[first]):
            _SHADES[concept](sentence).append(first)
        adults_own = concept == "INJURY" and structure.is_adults_own(first, last)
        wanted = book.wanted.get("ADULT_INJURY" if adults_own else concept)
        if wanted is None or supposed:
            continue
        hit = Hit(
            first,
            last,
            part.text.start(part.base + first),
            part.text.ends[part.base + last],
            bool(structure.past[first]),
        )
        for key in _keys(wanted, entry, structure):
            sentence.mask |= 1 << key
            sentence.hits.setdefault(key, []).append(hit)


_SHADES: Mapping[str, Callable[[Sentence], list[int]]] = {
    "MILD": lambda sentence: sentence.milds,
    "SEVERE": lambda sentence: sentence.severes,
    "ELSEWHERE": lambda sentence: sentence.elsewhere,
}


def _keys(
    wanted: Sequence[tuple[int, bool, str]], entry: Entry, structure: Structure
) -> Iterator[int]:
    """The keys that a meaning opens here: as it stands or lacking, and said of whom."""
    denied = bool(structure.denied[entry.first])
    subject: str | None = None
    for key, lack, who in wanted:
        if lack:
            if not structure.is_lacking(entry.first, entry.last):
                continue
        elif denied:
            continue
        if who:
            subject = subject or structure.subject(entry.last) or "child"
            if subject != who:
                continue
        yield key
