"""Terms of more than one word: how they are kept, so that most are ruled out at a glance, and which of
them stand at a place of a text."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from policy.reader.forms import Form

# What follows the first word of a term, and the concept or literal that the term stands for.
Term = tuple[Form, str]
# A term of which the beginning has been found: the slots still to be looked at, how many words
# follow the first in all, and what it stands for.
Begun = tuple[Form, int, str]
# Those by their third word; under "" where any ending will do or there is no third.
Terms = Mapping[str, Sequence[Begun]]
_NO_TERMS: Terms = {}


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """The terms that two words can begin. `thirds`: the words of which one has to come next, None
    where none has to."""

    terms: Terms
    literals: Terms
    thirds: AbstractSet[str] | None


def by_second(terms: Iterable[Term], literals: Iterable[Term]) -> Mapping[str, Following]:
    """What each second word leaves of the terms that a first one begins."""
    seconds = {word for rest, _ in (*terms, *literals) for word in rest[0].words}
    concepts, spelt = _by_second(terms, seconds), _by_second(literals, seconds)
    return {
        second: _following(concepts.get(second, _NO_TERMS), spelt.get(second, _NO_TERMS))
        for second in seconds
    }


def loosely(terms: Iterable[Term], literals: Iterable[Term]) -> Following:
    """The terms whose second word may have any ending."""
    return Following({"": _loose(terms)}, {"": _loose(literals)}, None)


def _following(terms: Terms, literals: Terms) -> Following:
    thirds = terms.keys() | literals.keys()
    return Following(terms, literals, None if "" in thirds else thirds)


def _by_second(terms: Iterable[Term], seconds: AbstractSet[str]) -> Mapping[str, Terms]:
    table: dict[str, dict[str, tuple[Begun, ...]]] = {}

    def add(second: str, third: str, begun: Begun) -> None:
        thirds = table.setdefault(second, {})
        thirds[third] = (*thirds.get(third, ()), begun)

    for form, concept in sorted(terms, key=_longest_first):
        certain = len(form) > 1 and not form[1].stems
        begun = form[2 if certain else 1 :], len(form), concept
        for second in form[0].words:
            for third in form[1].words if certain else ("",):
                add(second, third, begun)
    for begun in _loose(terms):
        slot = begun[0][0]
        for second in seconds - slot.words:
            if second.startswith(slot.stems):
                add(second, "", begun)
    return table


def _loose(terms: Iterable[Term]) -> tuple[Begun, ...]:
    return tuple(
        (form, len(form), concept)
        for form, concept in sorted(terms, key=_longest_first)
        if form[0].stems
    )


def _longest_first(term: Term) -> int:
    return -len(term[0])


def longest(terms: Sequence[tuple[int, str]]) -> tuple[tuple[str, ...], int]:
    """What the longest terms stand for, and how many words follow their first; 0 for none."""
    if len(terms) == 1:
        length, concept = terms[0]
        return (concept,), length
    most = max((length for length, _ in terms), default=0)
    return tuple(concept for length, concept in terms if length == most), most


def terms_at(words: list[str], position: int, third: str, terms: Terms) -> list[tuple[int, str]]:
    """The terms that stand at a place: how many words follow their first, and what they stand for."""
    begun = [*terms.get(third, ()), *terms.get("", ())] if third else terms.get("", ())
    return [
        (length, concept)
        for left, length, concept in begun
        if not left or _follows(words, position + length - len(left), left)
    ]


def _follows(words: list[str], position: int, rest: Form) -> bool:
    if position + len(rest) >= len(words):
        return False
    for slot in rest:
        position += 1
        if not slot.takes(words[position]):
            return False
    return True
