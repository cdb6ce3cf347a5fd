"""From tokens to sentences of hits: what is said, of whom, and whether it is so.

Each sentence is scanned once. Long ones are cut, so that the work stays linear in the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from policy.reader.figures import figure_at
from policy.reader.rules import NOTHING, Meaning, Rulebook, Term, Terms
from policy.reader.tokens import Tokens

# The longest sentence, in tokens; beyond it a text is cut without regard for sense.
_LONGEST = 60
_NEGATION, _DENIAL_BACK, _LACK, _PAST, _UNDONE = 10, 6, 5, 5, 4
_ENDS = frozenset(".!?\n•▪–—;")
_WALLS = frozenset(";:()")
_JOINS = frozenset({"and", ",", ";", ":"})
_LISTING = frozenset({"or", "nor"})
_TOWARDS = frozenset({"of", "by", "in", "from", "to", "for", "on", "with"})
_NEW_SUBJECT = frozenset("""
he she they it we i who there is was has had have were are did does said says states stated reports
reported can will would could
""".split())
_PRONOUNS = frozenset({"he", "she", "they", "his", "her", "their", "him", "them"})

# Concepts that name a person, and which of the two that a sign can be said of.
_PEOPLE = {"PARENT": "parent", "FAMILY": "parent", "ADULT": "parent", "CHILD": "child",
           "BABY": "child", "AGE_BABY": "child", "AGE_UNDER_1": "child", "AGE_OLDER": "child"}
_BEARING = frozenset({"has", "had", "having", "with", "sustained", "suffered", "got", "her", "his"})


@dataclass(frozen=True, slots=True)
class Hit:
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


@dataclass(slots=True)
class _Entry:
    concepts: tuple[str, ...]
    first: int
    last: int


def sentences(text: Tokens, book: Rulebook) -> Iterator[Sentence]:
    """The sentences of a text with what was found in each."""
    meanings = book.meanings(text.words)
    subject: str | None = None
    for start, end, asked in _parts(text):
        marked = [each for each in range(start, end) if meanings[each] is not NOTHING]
        if marked:
            part = _Part(text, start, text.words[start:end], meanings[start:end])
            sentence, subject = _scan(part, [each - start for each in marked], book, subject,
                                      asked=asked)
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
    structure = _Structure(part.words, entries)
    if asked:
        structure.supposed = bytearray(b"\1" * len(part.words))
    if not structure.people and not _PRONOUNS.isdisjoint(part.words[:4]):
        structure.carried = before
    sentence = Sentence(joins=tuple(
        position for position, word in enumerate(part.words) if word in _JOINS))
    for entry in entries:
        _record(entry, part, structure, sentence, book)
    people = structure.people
    return sentence, people[-1][1] if people else structure.carried


def _entries(part: _Part, marked: list[int]) -> Iterator[_Entry]:
    words = part.words
    beyond = 0
    for position in marked:
        meaning = part.meanings[position]
        if meaning.figure and position >= beyond:
            figure = figure_at(words, position)
            if figure is not None:
                yield _Entry(*figure)
        if meaning.literals:
            for rest, literal in _terms_at(words, position, meaning.literals):
                yield _Entry((literal,), position, position + len(rest))
        if position < beyond:
            continue
        found = _terms_at(words, position, meaning.terms) if meaning.terms else []
        if found:
            length = max(len(rest) for rest, _ in found)
            concepts = tuple(concept for rest, concept in found if len(rest) == length)
            yield _Entry(concepts, position, position + length)
            beyond = position + length + 1
        elif meaning.concepts:
            yield _Entry(meaning.concepts, position, position)


def _terms_at(words: list[str], position: int, terms: Terms) -> list[Term]:
    following = words[position + 1] if position + 1 < len(words) else None
    if following is None:
        return []
    return [
        term for term in (*terms.get(following, ()), *terms.get("", ()))
        if _follows(words, position, term[0])
    ]


def _follows(words: list[str], position: int, rest: tuple[str, ...]) -> bool:
    if position + len(rest) >= len(words):
        return False
    return all(
        word == token or (word[-1] == "*" and token.startswith(word[:-1]))
        for word, token in zip(rest, words[position + 1:position + 1 + len(rest)], strict=True)
    )


def _undone(entries: list[_Entry], shield: _Entry) -> bool:
    """Whether somebody fails to keep a child from harm, as in "cannot protect her from"."""
    return any(
        0 < shield.first - other.last <= _UNDONE
        and not {"LACK", "NEG"}.isdisjoint(other.concepts)
        for other in entries
    )


class _Structure:
    """How a sentence is put together: what is denied, supposed or past, and who is spoken of."""

    __slots__ = ("carried", "denied", "lacks", "lacks_denied", "part", "past", "people", "supposed")

    def __init__(self, part: list[str], entries: list[_Entry]) -> None:
        self.part = part
        self.denied = bytearray(len(part))
        self.supposed = bytearray(len(part))
        self.past = bytearray(len(part))
        self.people: list[tuple[int, str]] = []
        self.carried: str | None = None
        self.lacks: list[tuple[int, int]] = []
        self.lacks_denied: list[int] = []
        turns = {entry.first for entry in entries if "BUT" in entry.concepts}
        now = any("NOW" in entry.concepts for entry in entries)
        lacks = []
        for entry in entries:
            for concept in entry.concepts:
                if concept in _PEOPLE:
                    self.people.append((entry.first, _PEOPLE[concept]))
                elif concept == "NEG":
                    end = self._reach(entry.last + 1, turns)
                    self._mark(self.denied, entry.last + 1, end)
                elif concept == "SHIELD" and not _undone(entries, entry):
                    end = self._reach(entry.last + 1, turns)
                    self._mark(self.denied, entry.last + 1, end)
                elif concept == "DENIED_BEFORE":
                    start = self._back(entry.first, turns)
                    self._mark(self.denied, start, entry.first)
                elif concept == "HYPO":
                    self._mark(self.supposed, entry.first, self._clause_end(entry.last + 1, turns))
                elif concept == "PAST" and not now:
                    start = self._back(entry.first, turns, len(part))
                    self._mark(self.past, start, self._clause_end(entry.last + 1, turns))
                elif concept == "PAST_NEXT" and not now:
                    self._mark(self.past, entry.last + 1, entry.last + 1 + _PAST)
                elif concept == "LACK":
                    lacks.append((entry.first, entry.last))
        for first, last in lacks:
            if self.denied[first]:
                self.lacks_denied.append(first)
            else:
                self.lacks.append((first, last))

    @staticmethod
    def _mark(marks: bytearray, start: int, end: int) -> None:
        for position in range(start, min(end, len(marks))):
            marks[position] = 1

    def _reach(self, start: int, turns: set[int]) -> int:
        """Where a denial that begins at `start` ends: at a turn, at a mark, or where "and" or a
        comma begins something new. A list that ends in "or" is denied to its end."""
        end = min(len(self.part), start + _NEGATION)
        for position in range(start, end):
            word = self.part[position]
            if word in _WALLS or position in turns:
                return position
            if word == "," and not self._lists_on(position, end):
                return position
            if word == "and" and self._begins_anew(position + 1):
                return position
        return end

    def _lists_on(self, comma: int, end: int) -> bool:
        for position in range(comma + 1, min(end + 4, len(self.part))):
            word = self.part[position]
            if word in {"or", "nor"}:
                return True
            if word in _NEW_SUBJECT or word in _WALLS or self._is_person(position):
                return False
        return False

    def _begins_anew(self, position: int) -> bool:
        return any(
            self.part[each] in _NEW_SUBJECT or self._is_person(each)
            for each in range(position, min(position + 3, len(self.part)))
        )

    def _is_person(self, position: int) -> bool:
        return any(first == position for first, _ in self.people)

    def _back(self, start: int, turns: set[int], far: int = _DENIAL_BACK) -> int:
        listing = False
        for position in range(start - 1, max(-1, start - 1 - far), -1):
            word = self.part[position]
            listing = listing or word in _LISTING
            if position in turns or word in _WALLS or (word == "," and not listing):
                return position + 1
        return max(0, start - far)

    def _clause_end(self, start: int, turns: set[int]) -> int:
        for position in range(start, len(self.part)):
            if position in turns or self.part[position] in ",;":
                return position
        return len(self.part)

    def is_lacking(self, first: int, last: int) -> bool:
        """Whether what stands there is lacking: too little of it, or denied. "No missed visits"
        denies the lack."""
        if any(first - end <= _LACK and start - last <= _LACK
               and not self._divided(min(first, start), max(last, end))
               for start, end in self.lacks):
            return True
        return bool(self.denied[first]) and not any(
            abs(first - position) <= _LACK for position in self.lacks_denied)

    def _divided(self, first: int, last: int) -> bool:
        return any(self.part[position] in {",", ":", "but"} for position in range(first, last))

    def subject(self, first: int, last: int) -> str | None:
        """Whom something is said of: the person named just after "of" or "by", else the last one
        named before it, else the one that the sentence before spoke of."""
        if last + 1 < len(self.part) and self.part[last + 1] in _TOWARDS:
            for position, kind in self.people:
                if last < position <= last + 4:  # noqa: PLR2004
                    return kind
        found = self.carried
        for position, kind in self.people:
            if position > last:
                break
            found = kind
        return found

    def is_adults_own(self, first: int, last: int) -> bool:
        """Whether an injury is an adult's: "mum had a bruise", "bruises on mum"."""
        after = [kind for position, kind in self.people if last < position <= last + 4]  # noqa: PLR2004
        if after and last + 1 < len(self.part) and self.part[last + 1] in {"on", "to"}:
            return after[0] == "parent"
        before = [(position, kind) for position, kind in self.people if first - 7 < position < first]
        if not before or before[-1][1] != "parent":
            return False
        between = self.part[before[-1][0]:first]
        return between[0].endswith("'s") or not _BEARING.isdisjoint(between[1:])


def _record(
    entry: _Entry, part: _Part, structure: _Structure, sentence: Sentence, book: Rulebook
) -> None:
    first, last = entry.first, entry.last
    supposed = bool(structure.supposed[first])
    denied = bool(structure.denied[first])
    for concept in entry.concepts:
        if concept == "MILD":
            sentence.milds.append(first)
        elif concept == "SEVERE" and not denied:
            sentence.severes.append(first)
        elif concept == "ELSEWHERE":
            sentence.elsewhere.append(first)
        wanted = book.wanted.get(concept)
        if wanted is None or supposed:
            continue
        if concept == "INJURY" and structure.is_adults_own(first, last):
            continue
        subject: str | None = None
        lacking: bool | None = None
        for key, lack, who in wanted:
            if lack:
                if lacking is None:
                    lacking = structure.is_lacking(first, last)
                if not lacking:
                    continue
            elif denied:
                continue
            if who:
                subject = subject or structure.subject(first, last) or "child"
                if subject != who:
                    continue
            sentence.mask |= 1 << key
            sentence.hits.setdefault(key, []).append(
                Hit(first, last, part.text.start(part.base + first), part.text.ends[part.base + last],
                    bool(structure.past[first])))
