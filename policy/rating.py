"""The suggested rating: rules over facts, per child, each with its reasons.

Pure and deterministic. Everything that counts can only raise: a child's level, colour and urgency
are the highest of what bears on that child, so adding a concern never lowers, nothing lowers a
hard rule, and the order in which facts came does not matter. People decide; this suggests.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from contracts.events import (
    AgreementStatus,
    ChildFacts,
    ChildRating,
    ConcernFact,
    ExactLink,
    Impact,
    NarrativeSignal,
    Outcome,
    Rag,
    Reason,
    ReasonSource,
    TextReading,
    Urgency,
)
from policy.pack import HistoryKind, Pack
from policy.ruleset import RAG_ORDER, URGENCY_ORDER, Effect, Ruleset, ages_of, ruleset, signs_bits


@dataclass(frozen=True, slots=True)
class HistoryFact:
    """What is known of a child's past with services. `at` is when it was, or when it ended."""

    child_id: UUID
    kind: HistoryKind
    at: datetime


@dataclass(frozen=True, slots=True)
class RatingFacts:
    """All that a suggestion is made of. Later information is added to what was there before.

    `links` count as earlier referrals of the same child. Times are aware and UTC.
    """

    children: tuple[ChildFacts, ...]
    received_at: datetime
    concerns: tuple[ConcernFact, ...] = ()
    signals: tuple[NarrativeSignal, ...] = ()
    texts: tuple[TextReading, ...] = ()
    links: tuple[ExactLink, ...] = ()
    history: tuple[HistoryFact, ...] = ()
    request: str = "unsure"
    immediate_danger: bool = False
    agreement: AgreementStatus = AgreementStatus.UNKNOWN
    source_agency: str | None = None
    referrer_level: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the rules propose. The referral carries the highest of its children.

    `decider` is the role that the pack's agreement rules ask to decide; `outcome` is what the pack
    suggests for the colour.
    """

    children: tuple[ChildRating, ...]
    rag: Rag
    level: int
    urgency: Urgency
    reasons: tuple[Reason, ...]
    clauses: tuple[str, ...]
    decider: str
    outcome: Outcome


# A reason's identity, in the order in which reasons are told: the rank of its effect, the number of
# its source, and its place: the text and the characters in it.
_Key = tuple[int, int, str, int, int]
_Place = tuple[str, int, int]

_NOBODY = UUID(int=0)
_NO_PLACE: _Place = ("", -1, -1)
_SOURCES = tuple(sorted(ReasonSource))
_CONCERN, _TEXT, _HISTORY, _COMBINATION, _AGE, _REFERRER, _HARD, _UNREAD, _HOUSEHOLD = (
    _SOURCES.index(source)
    for source in (
        ReasonSource.CONCERN,
        ReasonSource.TEXT,
        ReasonSource.HISTORY,
        ReasonSource.COMBINATION,
        ReasonSource.AGE,
        ReasonSource.REFERRER,
        ReasonSource.HARD_RULE,
        ReasonSource.UNREAD_TEXT,
        ReasonSource.HOUSEHOLD,
    )
)
_RAGS = tuple(sorted(Rag, key=RAG_ORDER.__getitem__))
_URGENCIES = tuple(sorted(Urgency, key=URGENCY_ORDER.__getitem__))


@dataclass(slots=True)
class _Sheet:
    """What was found so far. Never leaves a call.

    Children are bits of a number, the lowest for the first by id: comparing ids is dear.
    """

    children: tuple[UUID, ...]
    ages: list[frozenset[str]]
    everyone: int
    places: Mapping[UUID, int]
    found: dict[_Key, tuple[Effect, int]] = field(default_factory=dict)

    def add(self, effect: Effect, source: int, children: int, place: _Place = _NO_PLACE) -> None:
        key = (effect.rank, source, *place)
        held = self.found.get(key)
        self.found[key] = (effect, children if held is None else held[1] | children)

    def about(self, children: tuple[UUID, ...]) -> int:
        """Whom a fact is about: those named who are children here; if none is, every child."""
        if not children or self.everyone == 1:
            return self.everyone
        named = 0
        for child in children:
            named |= self.places.get(child, 0)
        return named or self.everyone

    def bear(self, effect: Effect, source: int, children: int, place: _Place = _NO_PLACE) -> None:
        """Let an indicator bear on children: hard and household ones on all, then by their ages."""
        self.add(effect, source, children, place)
        if effect.household and children != self.everyone:
            self.add(effect, _HOUSEHOLD, self.everyone & ~children, place)
            children = self.everyone
        if effect.ages:
            for number, ages in enumerate(self.ages):
                if children >> number & 1:
                    for tag, older in effect.ages:
                        if tag in ages:
                            self.add(older, _AGE, 1 << number, place)


def suggest(facts: RatingFacts, pack: Pack) -> Suggestion:
    """The suggested rating of each child and of the referral, with reasons.

    A referral without children is rated as if for one whom nobody has named yet.
    """
    return _conclude(_weighed(facts, pack), facts, pack)


def colour(facts: RatingFacts, pack: Pack) -> tuple[Rag, int]:
    """The referral's colour and level as `suggest` has them, for who asks for no more."""
    return _colour(_weighed(facts, pack), pack)


def carried(facts: RatingFacts, pack: Pack) -> tuple[Rag, frozenset[ReasonSource]]:
    """The referral's colour, and the sources of the reasons that give it, each by itself."""
    sheet = _weighed(facts, pack)
    top, _ = _colour(sheet, pack)
    order = RAG_ORDER[top]
    return top, frozenset(
        _SOURCES[key[1]] for key, (effect, _) in sheet.found.items() if effect.rag_order == order
    )


def colours_with(
    facts: RatingFacts, concerns: Iterable[ConcernFact], pack: Pack
) -> Iterator[tuple[Rag, int]]:
    """For each of `concerns` the colour and level if that one were there beside `facts`."""
    rules = ruleset(pack)
    sheet, history = _counted(facts, pack)
    found = sheet.found
    for concern in concerns:
        sheet.found = dict(found)
        _apply_concerns((concern,), rules, sheet, pack)
        _apply_combinations(rules, sheet, history)
        yield _colour(sheet, pack)


def _weighed(facts: RatingFacts, pack: Pack) -> _Sheet:
    sheet, history = _counted(facts, pack)
    _apply_combinations(ruleset(pack), sheet, history)
    return sheet


def _counted(facts: RatingFacts, pack: Pack) -> tuple[_Sheet, Mapping[int, int]]:
    """Everything that counts but combinations, with the signs of history that these need."""
    rules = ruleset(pack)
    # Several rows about one child are read together, so that none can hide what another says.
    ages: dict[UUID, frozenset[str]] = {}
    for child in facts.children:
        held = ages.get(child.child_id)
        ages[child.child_id] = ages_of(child) if held is None else held | ages_of(child)
    children = tuple(sorted(ages)) or (_NOBODY,)
    sheet = _Sheet(
        children,
        [ages.get(child, frozenset()) for child in children],
        (1 << len(children)) - 1,
        {child: 1 << number for number, child in enumerate(children)},
    )
    _apply_concerns(facts.concerns, rules, sheet, pack)
    _apply_signals(facts, rules, sheet)
    _apply_floors(facts, rules, sheet, pack)
    return sheet, _apply_history(facts, rules, sheet)


def _apply_concerns(
    concerns: Iterable[ConcernFact], rules: Ruleset, sheet: _Sheet, pack: Pack
) -> None:
    for concern in concerns:
        effect = rules.ticked(concern.code, concern.impact, current=concern.current)
        children = sheet.about(concern.children)
        sheet.bear(effect, _CONCERN, children)
        if concern.impact is Impact.IMMEDIATE:
            sheet.add(rules.effects[pack.rating.floors.impact_immediate], _CONCERN, children)


def _apply_signals(facts: RatingFacts, rules: Ruleset, sheet: _Sheet) -> None:
    for signal in facts.signals:
        effect = rules.effects.get(signal.indicator, rules.unknown_sign)
        place = (signal.text, signal.start, signal.end)
        sheet.bear(effect, _TEXT, sheet.about(signal.children), place)


def _apply_floors(facts: RatingFacts, rules: Ruleset, sheet: _Sheet, pack: Pack) -> None:
    floors = pack.rating.floors
    if facts.immediate_danger:
        sheet.add(rules.effects[floors.immediate_danger], _HARD, sheet.everyone)
    if any(not text.read for text in facts.texts):
        sheet.add(rules.effects[floors.unread_text], _UNREAD, sheet.everyone)
    asked = floors.request.get(facts.request)
    if asked is not None:
        sheet.add(rules.effects[asked], _REFERRER, sheet.everyone)
    believed = floors.referrer_level.get(facts.referrer_level or 0)
    if believed is not None:
        sheet.add(rules.effects[believed], _REFERRER, sheet.everyone)


def _apply_history(facts: RatingFacts, rules: Ruleset, sheet: _Sheet) -> Mapping[int, int]:
    """Apply the rules of history; answers, for each child's place, the kinds of history as signs
    of combinations."""
    if not facts.history and not facts.links:
        return {}
    times: dict[tuple[UUID, HistoryKind], set[datetime]] = {}
    for fact in facts.history:
        times.setdefault((fact.child_id, fact.kind), set()).add(fact.at)
    for link in facts.links:
        times.setdefault((link.child_id, "referred"), set()).add(link.earlier_received_at)
    signs: dict[int, int] = {}
    for (child, kind), moments in times.items():
        for rule, effect in rules.history.get(kind, ()):
            since = (
                None
                if rule.within_days is None
                else facts.received_at - timedelta(days=rule.within_days)
            )
            count = sum(1 for at in moments if since is None or at >= since)
            if count >= rule.times:
                place = sheet.places.get(child)
                if place is not None:
                    kept = signs.get(place, 0)
                    signs[place] = kept | signs_bits(rules.signs, (f"history:{kind}",))
                sheet.add(effect, _HISTORY, place or sheet.everyone)
    return signs


def _apply_combinations(rules: Ruleset, sheet: _Sheet, history: Mapping[int, int]) -> None:
    found = [(effect, children) for effect, children in sheet.found.values() if effect.signs]
    for number, ages in enumerate(sheet.ages):
        place = 1 << number
        always = history.get(place, 0)
        if ages:
            always |= signs_bits(rules.signs, ages)
        # The signs that this child has of each level and above.
        first = second = third = fourth = always
        for effect, children in found:
            if children & place:
                level = effect.level
                first |= effect.signs
                if level > 1:
                    second |= effect.signs
                if level > 2:
                    third |= effect.signs
                if level > 3:
                    fourth |= effect.signs
        if not first:
            continue
        signs = (first, second, third, fourth)
        for combination in rules.combinations:
            there = signs[combination.from_level - 1]
            if (
                combination.all_of & there == combination.all_of
                and (combination.any_of & there).bit_count() >= combination.at_least
            ):
                sheet.add(combination.effect, _COMBINATION, place)


def _conclude(sheet: _Sheet, facts: RatingFacts, pack: Pack) -> Suggestion:
    rating = pack.rating
    rated = _all_rated(sheet, pack)
    top = _RAGS[max(rag for rag, _, _ in rated)]
    named = bool(facts.children)
    reasons = tuple(_reasons(sheet, named=named))
    return Suggestion(
        children=tuple(
            ChildRating(child_id=child, rag=_RAGS[rag], level=level, urgency=_URGENCIES[urgency])
            for child, (rag, level, urgency) in zip(sheet.children, rated, strict=True)
        )
        if named
        else (),
        rag=top,
        level=max(level for _, level, _ in rated),
        urgency=_URGENCIES[max(urgency for _, _, urgency in rated)],
        reasons=reasons,
        clauses=tuple(dict.fromkeys(reason.clause for reason in reasons)),
        decider=rating.deciders[facts.agreement][top],
        outcome=rating.outcomes[top],
    )


def _colour(sheet: _Sheet, pack: Pack) -> tuple[Rag, int]:
    rated = _all_rated(sheet, pack)
    return _RAGS[max(rag for rag, _, _ in rated)], max(level for _, level, _ in rated)


def _all_rated(sheet: _Sheet, pack: Pack) -> list[tuple[int, int, int]]:
    rating = pack.rating
    lowest = (RAG_ORDER[rating.lowest], 1, URGENCY_ORDER[rating.urgency[rating.lowest]])
    return [_rated(1 << number, sheet, lowest) for number in range(len(sheet.children))]


def _rated(place: int, sheet: _Sheet, lowest: tuple[int, int, int]) -> tuple[int, int, int]:
    """A child's colour and urgency, as numbers in their order, with the level between them."""
    rag, level, urgency = lowest
    for effect, children in sheet.found.values():
        if children & place:
            # Written out: this runs for every reason of every child, and calls are dear.
            rag = max(rag, effect.rag_order)
            level = max(level, effect.level)
            urgency = max(urgency, effect.urgency_order)
    return rag, level, urgency


def _reasons(sheet: _Sheet, *, named: bool) -> Iterator[Reason]:
    """The gravest first; then by code, source and place, so that the same facts read the same."""
    said: dict[int, tuple[UUID, ...]] = {} if named else {sheet.everyone: ()}
    for key in sorted(sheet.found):
        effect, children = sheet.found[key]
        about = said.get(children)
        if about is None:
            about = said[children] = tuple(
                child for number, child in enumerate(sheet.children) if children >> number & 1
            )
        _, source, text, start, end = key
        told = text or None
        yield Reason(
            indicator=effect.code,
            clause=effect.clause,
            level=effect.level,
            source=_SOURCES[source],
            children=about,
            text=told,
            start=start if told else None,
            end=end if told else None,
            hard=effect.hard,
        )
