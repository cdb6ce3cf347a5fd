"""Terms of more than one word: how they are kept, so that most are ruled out at a glance, and which of
them stand at a place of a text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from policy.reader.forms import Form
from policy.reader.roles import Role

# What follows the first word of a term, and the concept or literal that the term stands for.
Term = tuple[Form, str]
# A term of which the beginning has been found: the slots still to be looked at, how many words
# follow the first in all, and what it does in a sentence.
Begun = tuple[Form, int, Role]
# Those by their third word; under "" where any will do or there is none.
Terms = Mapping[str, Sequence[Begun]]
# What a term does that stands for a concept or literal.
_RoleOf = Callable[[str], Role]
_NO_TERMS: Terms = {}


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """The terms that two words can begin. `thirds`: the words of which one has to come next, None
    where none has to."""

    terms: Terms
    literals: Terms
    thirds: AbstractSet[str] | None


def by_second(
    terms: Iterable[Term], literals: Iterable[Term], role: _RoleOf
) -> Mapping[str, Following]:
    """What each second word leaves of the terms that a first one begins."""
    seconds = {word for rest, _ in (*terms, *literals) for word in rest[0].words}
    concepts, spelt = _by_second(terms, seconds, role), _by_second(literals, seconds, role)
    return {
        second: _following(concepts.get(second, _NO_TERMS), spelt.get(second, _NO_TERMS))
        for second in seconds
    }


def loosely(terms: Iterable[Term], literals: Iterable[Term], role: _RoleOf) -> Following:
    """The terms whose second word may have any ending."""
    return Following({"": _loose(terms, role)}, {"": _loose(literals, role)}, None)


def _following(terms: Terms, literals: Terms) -> Following:
    thirds = terms.keys() | literals.keys()
    return Following(terms, literals, None if "" in thirds else thirds)


def _by_second(
    terms: Iterable[Term], seconds: AbstractSet[str], role: _RoleOf
) -> Mapping[str, Terms]:
    table: dict[str, dict[str, tuple[Begun, ...]]] = {}

    def add(second: str, third: str, begun: Begun) -> None:
        thirds = table.setdefault(second, {})
        thirds[third] = (*thirds.get(third, ()), begun)

    for form, concept in sorted(terms, key=_longest_first):
        certain = len(form) > 1 and not form[1].stems
        begun = form[2 if certain else 1 :], len(form), role(concept)
        for second in form[0].words:
            for third in form[1].words if certain else ("",):
                add(second, third, begun)
    for begun in _loose(terms, role):
        slot = begun[0][0]
        for second in seconds - slot.words:
            if second.startswith(slot.stems):
                add(second, "", begun)
    for thirds in table.values():
        for third in thirds.keys() - {""}:
            thirds[third] += thirds.get("", ())
    return table


def _loose(terms: Iterable[Term], role: _RoleOf) -> tuple[Begun, ...]:
    return tuple(
        (form, len(form), role(concept))
        for form, concept in sorted(terms, key=_longest_first)
        if form[0].stems
    )


def _longest_first(term: Term) -> int:
    return -len(term[0])


def terms_at(words: list[str], position: int, third: str, terms: Terms) -> list[Begun]:
    """Which of these terms stand at a place: they are those for its second word, and `third` is the
    one after that."""
    return [
        begun
        for begun in terms.get(third) or terms.get("", ())
        if not begun[0] or _follows(words, position, begun)
    ]


def _follows(words: list[str], position: int, begun: Begun) -> bool:
    left, length, _ = begun
    if position + length >= len(words):
        return False
    position += length - len(left)
    for slot in left:
        position += 1
        if not slot.takes(words[position]):
            return False
    return True
