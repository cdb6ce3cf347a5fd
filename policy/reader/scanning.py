"""From tokens to sentences of hits: what is said, of whom, and whether it is so.

Each sentence is scanned once. Long ones are cut, so that the work stays linear in the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from policy.reader.figures import figure_at
from policy.reader.rules import Meaning, Rulebook
from policy.reader.tokens import Token, tokens

# The longest sentence, in tokens; beyond it a text is cut without regard for sense.
_LONGEST = 60
_NEGATION, _DENIAL_BACK, _LACK, _PAST, _UNDONE = 10, 6, 5, 5, 4
_ENDS = frozenset(".!?\n•▪–—;")
_WALLS = frozenset(";:()")
_JOINS = frozenset({"and", ",", ";", ":"})
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


def sentences(text: str, book: Rulebook) -> Iterator[Sentence]:
    """The sentences of a text with what was found in each."""
    subject: str | None = None
    for part, asked in _parts(tokens(text)):
        sentence, subject = _scan(part, book, subject, asked=asked)
        yield sentence


def _parts(found: Sequence[Token]) -> Iterator[tuple[list[Token], bool]]:
    part: list[Token] = []
    for position, token in enumerate(found):
        mark = token[0]
        # A clinician's "?NAI" is a suspicion, not the end of a question.
        following = found[position + 1][1] if position + 1 < len(found) else -1
        suspicion = mark == "?" and following == token[2]
        if (mark in _ENDS and not suspicion) or len(part) >= _LONGEST:
            if part:
                yield part, mark == "?"
            part = [] if mark in _ENDS else [token]
        elif not suspicion:
            part.append(token)
    if part:
        yield part, False


def _scan(
    part: list[Token], book: Rulebook, before: str | None, *, asked: bool
) -> tuple[Sentence, str | None]:
    entries = list(_entries(part, book))
    structure = _Structure(part, entries)
    if asked:
        structure.supposed = bytearray(b"\1" * len(part))
    if not structure.people and not _PRONOUNS.isdisjoint(word for word, _, _ in part[:4]):
        structure.carried = before
    sentence = Sentence(joins=tuple(
        position for position, (word, _, _) in enumerate(part) if word in _JOINS))
    for entry in entries:
        _record(entry, part, structure, sentence, book)
    people = structure.people
    return sentence, people[-1][1] if people else structure.carried


def _entries(part: list[Token], book: Rulebook) -> Iterator[_Entry]:
    position, count = 0, len(part)
    while position < count:
        word = part[position][0]
        figure = figure_at(part, position)
        if figure is not None:
            yield _Entry(*figure)
        meaning = book.meaning(word)
        length = 1
        if meaning.literals or meaning.terms:
            for rest, literal in meaning.literals:
                if _follows(part, position, rest):
                    yield _Entry((literal,), position, position + len(rest))
            length = 1 + _longest(part, position, meaning)
        if length > 1:
            concepts = tuple(concept for rest, concept in meaning.terms
                             if len(rest) == length - 1 and _follows(part, position, rest))
            yield _Entry(concepts, position, position + length - 1)
            for inner in range(position + 1, position + length):
                for rest, literal in book.meaning(part[inner][0]).literals:
                    if _follows(part, inner, rest):
                        yield _Entry((literal,), inner, inner + len(rest))
        elif meaning.concepts:
            yield _Entry(meaning.concepts, position, position)
        position += length


def _longest(part: list[Token], position: int, meaning: Meaning) -> int:
    return next((len(rest) for rest, _ in meaning.terms if _follows(part, position, rest)), 0)


def _follows(part: list[Token], position: int, rest: tuple[str, ...]) -> bool:
    if position + len(rest) >= len(part):
        return False
    for offset, word in enumerate(rest, position + 1):
        token = part[offset][0]
        if token != word and not (word[-1] == "*" and token.startswith(word[:-1])):
            return False
    return True


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

    def __init__(self, part: list[Token], entries: list[_Entry]) -> None:
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
            word = self.part[position][0]
            if word in _WALLS or position in turns:
                return position
            if word == "," and not self._lists_on(position, end):
                return position
            if word == "and" and self._begins_anew(position + 1):
                return position
        return end

    def _lists_on(self, comma: int, end: int) -> bool:
        for position in range(comma + 1, min(end + 4, len(self.part))):
            word = self.part[position][0]
            if word in {"or", "nor"}:
                return True
            if word in _NEW_SUBJECT or word in _WALLS or self._is_person(position):
                return False
        return False

    def _begins_anew(self, position: int) -> bool:
        return any(
            self.part[each][0] in _NEW_SUBJECT or self._is_person(each)
            for each in range(position, min(position + 3, len(self.part)))
        )

    def _is_person(self, position: int) -> bool:
        return any(first == position for first, _ in self.people)

    def _back(self, start: int, turns: set[int], far: int = _DENIAL_BACK) -> int:
        for position in range(start - 1, max(-1, start - 1 - far), -1):
            if position in turns or self.part[position][0] in ";,()":
                return position + 1
        return max(0, start - far)

    def _clause_end(self, start: int, turns: set[int]) -> int:
        for position in range(start, len(self.part)):
            if position in turns or self.part[position][0] in ",;":
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
        return any(self.part[position][0] in {",", ":", "but"} for position in range(first, last))

    def subject(self, first: int, last: int) -> str | None:
        """Whom something is said of: the person named just after "of" or "by", else the last one
        named before it, else the one that the sentence before spoke of."""
        if last + 1 < len(self.part) and self.part[last + 1][0] in _TOWARDS:
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
        if after and last + 1 < len(self.part) and self.part[last + 1][0] in {"on", "to"}:
            return after[0] == "parent"
        before = [(position, kind) for position, kind in self.people if first - 7 < position < first]
        if not before or before[-1][1] != "parent":
            return False
        between = [word for word, _, _ in self.part[before[-1][0]:first]]
        return between[0].endswith("'s") or not _BEARING.isdisjoint(between[1:])


def _record(
    entry: _Entry, part: list[Token], structure: _Structure, sentence: Sentence, book: Rulebook
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
                Hit(first, last, part[first][1], part[last][2], bool(structure.past[first])))
