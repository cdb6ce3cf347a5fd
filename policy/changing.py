"""What would change a suggestion: which one fact, added or taken away, would give another colour.

For whoever decides, and for a referrer who asks what would have made a difference. Pure.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from contracts.codes import CONCERNS, OTHER_CONCERN
from contracts.events import AgeBand, ConcernFact, Impact, Rag, ReasonSource
from policy.pack import Pack
from policy.rating import RatingFacts, carried, colour, colours_with
from policy.ruleset import RAG_ORDER

Kind = Literal[
    "concern",
    "sign",
    "immediate_danger",
    "unread_text",
    "request",
    "referrer_level",
    "history",
    "age",
]


@dataclass(frozen=True, slots=True)
class WouldChange:
    """One fact that would change the colour, and to which colour. `code`: a concern, an indicator,
    or a code of the kind; `impact`: of a concern that would be added, the least that is enough."""

    added: bool
    kind: Kind
    code: str
    rag: Rag
    level: int
    impact: Impact | None = None


def what_would_change(facts: RatingFacts, pack: Pack) -> tuple[WouldChange, ...]:
    """Every single fact that would change the referral's colour: what is there and carries it, then
    what is not there and would raise it. Empty where no one fact makes the difference.

    Nothing that is added lowers, and nothing that is taken away raises. In one order for the same
    facts, whatever order they came in.
    """
    now, sources = carried(facts, pack)
    worth = _ALL if now is not pack.rating.lowest else frozenset[Kind]()
    for source in sources:
        worth &= _CARRIES.get(source, _ALL)
    found = [
        WouldChange(False, kind, code, *colour(changed, pack))
        for kind, code, changed in _without(facts, worth)
    ]
    # Nothing raises what is Red already, and these are many.
    if now is not Rag.RED:
        found += [
            WouldChange(True, kind, code, *colour(changed, pack))
            for kind, code, changed in _with(facts)
        ]
        there = {concern.code for concern in facts.concerns}
        more = [concern for concern in _ADDED if concern.code not in there]
        found += [
            WouldChange(True, "concern", concern.code, rag, level, concern.impact)
            for concern, (rag, level) in zip(more, colours_with(facts, more, pack), strict=True)
        ]
    changes = (each for each in found if each.rag is not now)
    return tuple(sorted(_least(changes), key=_order))


_ADDED = tuple(
    ConcernFact(code=code, impact=impact)
    for code in CONCERNS
    if code != OTHER_CONCERN
    for impact in (Impact.SOME, Impact.SERIOUS)
)
"""The concerns that might be added, each with the lesser impact first."""

_ALL: frozenset[Kind] = frozenset(get_args(Kind))
_CARRIES: Mapping[ReasonSource, frozenset[Kind]] = {
    ReasonSource.CONCERN: frozenset({"concern"}),
    ReasonSource.TEXT: frozenset({"sign"}),
    ReasonSource.HISTORY: frozenset({"history"}),
    ReasonSource.REFERRER: frozenset({"request", "referrer_level"}),
    ReasonSource.HARD_RULE: frozenset({"immediate_danger"}),
    ReasonSource.UNREAD_TEXT: frozenset({"unread_text"}),
}
"""What has to be taken away for a reason of a source to go; of other sources anything may. A colour
that two reasons carry which no one kind of fact carries both stays whatever is taken away."""

_Try = tuple[Kind, str, RatingFacts]


def _without(facts: RatingFacts, worth: Collection[Kind]) -> Iterator[_Try]:
    """The facts without each fact of the kinds that are worth trying."""
    if "concern" in worth:
        for code in {concern.code for concern in facts.concerns}:
            kept = tuple(each for each in facts.concerns if each.code != code)
            yield "concern", code, replace(facts, concerns=kept)
    if "sign" in worth:
        for code in {signal.indicator for signal in facts.signals}:
            left = tuple(each for each in facts.signals if each.indicator != code)
            yield "sign", code, replace(facts, signals=left)
    if "immediate_danger" in worth and facts.immediate_danger:
        yield "immediate_danger", "immediate_danger", replace(facts, immediate_danger=False)
    if "unread_text" in worth and any(not text.read for text in facts.texts):
        legible = tuple(each for each in facts.texts if each.read)
        yield "unread_text", "unread_text", replace(facts, texts=legible)
    if "request" in worth and facts.request != "unsure":
        yield "request", facts.request, replace(facts, request="unsure")
    if "referrer_level" in worth and facts.referrer_level is not None:
        yield "referrer_level", str(facts.referrer_level), replace(facts, referrer_level=None)
    if "history" in worth and (facts.history or facts.links):
        yield "history", "history", replace(facts, history=(), links=())
    if "age" in worth and any(
        child.age_band is not AgeBand.UNKNOWN or child.non_mobile for child in facts.children
    ):
        ageless = tuple(
            child.model_copy(update={"age_band": AgeBand.UNKNOWN, "non_mobile": False})
            for child in facts.children
        )
        yield "age", "age", replace(facts, children=ageless)


def _with(facts: RatingFacts) -> Iterator[_Try]:
    """The facts with what is said or asked beside them."""
    if not facts.immediate_danger:
        yield "immediate_danger", "immediate_danger", replace(facts, immediate_danger=True)
    if facts.request != "protection":
        yield "request", "protection", replace(facts, request="protection")


def _least(found: Iterable[WouldChange]) -> Iterator[WouldChange]:
    """Of the impacts of one added concern, the least for each colour."""
    seen: set[tuple[bool, Kind, str, Rag]] = set()
    for each in found:
        key = (each.added, each.kind, each.code, each.rag)
        if key not in seen:
            seen.add(key)
            yield each


def _order(change: WouldChange) -> tuple[object, ...]:
    impact = 0 if change.impact is None else 1 + tuple(Impact).index(change.impact)
    return (change.added, RAG_ORDER[change.rag], change.kind, change.code, impact)
