"""How a sentence is put together: what is denied, supposed, past or lacking, and of whom."""

from collections.abc import Callable, Mapping, Sequence

from policy.reader.persons import DOES, Talk, is_doer, persons
from policy.reader.roles import Entry

# How many tokens each kind of word reaches over.
_NEGATION, _DENIAL_BACK, _LACK, _PAST, _UNDONE = 10, 6, 5, 5, 4
_TOWARDS_REACH, _BEARING_REACH = 4, 7
_DIVIDERS = frozenset({",", ":", "but"})
_WALLS = frozenset(";:()")
_CLAUSE_ENDS = frozenset(",;")
_LISTING = frozenset({"or", "nor"})
_TOWARDS = frozenset({"of", "by", "in", "from", "to", "for", "on", "with"})
_ONTO = frozenset({"on", "to"})
_NEW_SUBJECT = frozenset(
    [
        "he",
        "she",
        "they",
        "it",
        "we",
        "i",
        "who",
        "there",
        "is",
        "was",
        "has",
        "had",
        "have",
        "were",
        "are",
        "did",
        "does",
        "said",
        "says",
        "states",
        "stated",
        "reports",
        "reported",
        "can",
        "will",
        "would",
        "could",
    ]
)
_BEARING = frozenset({"has", "had", "having", "with", "sustained", "suffered", "got", "her", "his"})


class Structure:
    """What a sentence's words do to each other. `named` are those named, `doers` they and each "he"
    or "she"; `carried` is whom the text spoke of before, where this sentence goes on about them."""

    __slots__ = (
        "carried",
        "denied",
        "doers",
        "lacks",
        "lacks_denied",
        "named",
        "nothing_lacks",
        "part",
        "past",
        "supposed",
        "turns",
    )

    def __init__(
        self, part: list[str], entries: Sequence[Entry], talk: Talk, *, asked: bool
    ) -> None:
        self.part = part
        self.denied = bytearray(len(part))
        self.supposed = bytearray(b"\1" * len(part)) if asked else bytearray(len(part))
        self.past = bytearray(len(part))
        self.turns: set[int] = set()
        self.named = persons(part, entries)
        self.carried = "" if self.named else talk.go_on(part)
        self.doers = talk.follow(self.named, part)
        now = False
        lacks: list[Entry] = []
        self.nothing_lacks: list[int] = []
        reaching: list[tuple[str, Entry]] = []
        for entry in entries:
            role, first, last = entry
            if role.reaches:
                reaching += [(concept, entry) for concept in role.reaches]
            if role.lacks:
                lacks.append(entry)
            if role.denies_lack:
                self.nothing_lacks.append(last)
            if role.turns:
                self.turns.add(first)
            now = now or role.now
        for concept, entry in reaching:
            if not (
                (now and concept in _OF_THE_PAST)
                or (concept == "SHIELD" and _undone(entries, entry))
            ):
                _REACHES[concept](self, entry)
        self.lacks = [(first, last) for _, first, last in lacks if not self.denied[first]]
        self.lacks_denied = [first for _, first, _ in lacks if self.denied[first]]

    def deny(self, entry: Entry) -> None:
        """A "no" denies what follows it; what begins within "no thoughts of" too."""
        _, first, last = entry
        self._mark(self.denied, first + 1, self._reach(last + 1))

    def deny_before(self, entry: Entry) -> None:
        """The words "not seen" deny what stands before them; so does "bruises: no", where nothing
        follows that it could deny instead, as in "dentist: no decay"."""
        _, first, last = entry
        behind = last + 1
        if (
            self.part[last] == "no"
            and behind < len(self.part)
            and self.part[behind] not in _DIVIDERS
        ):
            self.deny(entry)
            return
        self._mark(self.denied, self._back(first, _DENIAL_BACK), first)

    def suppose(self, entry: Entry) -> None:
        """An "if" makes the rest of its clause a supposition."""
        _, first, last = entry
        self._mark(self.supposed, first, self._clause_end(last + 1))

    def place_in_past(self, entry: Entry) -> None:
        """The words "years ago" put their clause into the past."""
        _, first, last = entry
        start = self._back(first, len(self.part))
        self._mark(self.past, start, self._clause_end(last + 1))

    def place_next_in_past(self, entry: Entry) -> None:
        """The word "previous" puts what follows it into the past."""
        last = entry[2]
        self._mark(self.past, last + 1, last + 1 + _PAST)

    @staticmethod
    def _mark(marks: bytearray, start: int, end: int) -> None:
        length = min(end, len(marks)) - start
        if length > 0:
            marks[start : start + length] = b"\1" * length

    def _reach(self, start: int) -> int:
        """Where a denial that begins at `start` ends: at a turn, at a mark, or where "and" or a
        comma begins something new. A list that ends in "or" is denied to its end."""
        end = min(len(self.part), start + _NEGATION)
        for position in range(start, end):
            word = self.part[position]
            if word in _WALLS or position in self.turns:
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
        return any(person.first == position for person in self.named)

    def _back(self, start: int, far: int) -> int:
        listing = False
        for position in range(start - 1, max(-1, start - 1 - far), -1):
            word = self.part[position]
            listing = listing or word in _LISTING
            if position in self.turns or word in _WALLS or (word == "," and not listing):
                return position + 1
        return max(0, start - far)

    def _clause_end(self, start: int) -> int:
        for position in range(start, len(self.part)):
            if self.part[position] in _CLAUSE_ENDS or position in self.turns:
                return position
        return len(self.part)

    def is_lacking(self, first: int, last: int) -> bool:
        """Whether what stands there is lacking: too little of it, or denied. "No missed visits"
        denies the lack."""
        for start, end in self.lacks:
            if (
                first - end <= _LACK
                and start - last <= _LACK
                and not self._divided(min(first, start), max(last, end))
            ):
                return True
        if not self.denied[first]:
            return False
        return not (
            any(abs(first - position) <= _LACK for position in self.lacks_denied)
            or any(position < first <= position + _NEGATION for position in self.nothing_lacks)
        )

    def _divided(self, first: int, last: int) -> bool:
        return not _DIVIDERS.isdisjoint(self.part[first:last])

    def subject(self, last: int) -> str:
        """Whom something is said of: the person named just after "of" or "by", else the last one
        named before it, or who did something before an "and"; else the one that the sentence before
        spoke of."""
        if last + 1 < len(self.part) and self.part[last + 1] in _TOWARDS:
            for person in self.named:
                if last < person.first <= last + _TOWARDS_REACH:
                    return person.kind
        found = doer = None
        for person in self.doers:
            if person.first > last:
                break
            found = person
            if is_doer(person, self.part):
                doer = person
        if found is None:
            return self.carried
        if doer is not None and doer is not found and self._goes_on(found.last + 1, last):
            return doer.kind
        return found.kind

    def _goes_on(self, start: int, end: int) -> bool:
        """Whether an "and was" in between takes up whoever did something before: "dad hit her in
        front of the baby and was drunk"."""
        return any(self.part[at] == "and" and self.part[at + 1] in DOES for at in range(start, end))

    def is_adults_own(self, first: int, last: int) -> bool:
        """Whether an injury is an adult's: "mum had a bruise", "bruises on mum", "mum reports bruises
        to her own arms"."""
        after = [
            person.kind for person in self.named if last < person.first <= last + _TOWARDS_REACH
        ]
        if after and last + 1 < len(self.part) and self.part[last + 1] in _ONTO:
            return after[0] == "parent"
        before = [
            (person.first, person.kind)
            for person in self.doers
            if first - _BEARING_REACH < person.first < first
        ]
        if not before or before[-1][1] != "parent":
            return False
        if "own" in self.part[last + 1 : last + 1 + _TOWARDS_REACH]:
            return True
        between = self.part[before[-1][0] : first]
        return between[0].endswith("'s") or not _BEARING.isdisjoint(between[1:])


def _undone(entries: Sequence[Entry], shield: Entry) -> bool:
    """Whether somebody fails to keep a child from harm, as in "cannot protect her from"."""
    return any(
        0 < shield[1] - last <= _UNDONE and (role.lacks or "NEG" in role.reaches)
        for role, _, last in entries
    )


_OF_THE_PAST = frozenset({"PAST", "PAST_NEXT"})
_REACHES: Mapping[str, Callable[[Structure, Entry], None]] = {
    "NEG": Structure.deny,
    "SHIELD": Structure.deny,
    "DENIED_BEFORE": Structure.deny_before,
    "HYPO": Structure.suppose,
    "PAST": Structure.place_in_past,
    "PAST_NEXT": Structure.place_next_in_past,
}
