"""The suggested rating: rules over facts, per child, each with its reasons.

Pure and deterministic. Everything that counts can only raise: a child's level, colour and urgency
are the highest of what bears on that child, so adding a concern never lowers, nothing lowers a
hard rule, and the order in which facts came does not matter. People decide; this suggests.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from policy.ruleset import RAG_ORDER, URGENCY_ORDER, Effect, Ruleset, ages_of, ruleset


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


# The text, and the characters in it.
_Span = tuple[str, int, int]
_Key = tuple[str, ReasonSource, _Span | None]


@dataclass(slots=True)
class _Sheet:
    """The reasons found so far for each child, by where they came from. Never leaves a call."""

    everyone: tuple[UUID, ...]
    ages: Mapping[UUID, frozenset[str]]
    # For a reason's identity: the effect and the children it was said of.
    found: dict[_Key, tuple[Effect, set[UUID]]] = field(default_factory=dict)
    by_child: dict[UUID, set[Effect]] = field(default_factory=dict)

    def add(
        self,
        effect: Effect,
        source: ReasonSource,
        children: Iterable[UUID],
        span: _Span | None = None,
    ) -> None:
        key = (effect.code, source, span)
        said = self.found.setdefault(key, (effect, set()))[1]
        for child in children:
            said.add(child)
            self.by_child.setdefault(child, set()).add(effect)


def suggest(facts: RatingFacts, pack: Pack) -> Suggestion:
    """The suggested rating of each child and of the referral, with reasons.

    A referral without children is rated as if for one whom nobody has named yet.
    """
    rules = ruleset(pack)
    everyone = tuple(dict.fromkeys(child.child_id for child in facts.children))
    # Several rows about one child are read together, so that none can hide what another says.
    ages: dict[UUID, frozenset[str]] = {}
    for child in facts.children:
        ages[child.child_id] = ages.get(child.child_id, frozenset()) | ages_of(child)
    sheet = _Sheet(everyone or (_NOBODY,), ages)
    _apply_concerns(facts, rules, sheet, pack)
    _apply_signals(facts, rules, sheet)
    _apply_floors(facts, rules, sheet, pack)
    history = _apply_history(facts, rules, sheet)
    _apply_combinations(rules, sheet, history)
    return _conclude(sheet, everyone, facts, pack)


_NOBODY = UUID(int=0)


def _about(children: Sequence[UUID], sheet: _Sheet) -> tuple[UUID, ...]:
    """Whom a fact is about: those named who are children here; if none is, every child."""
    return tuple(child for child in children if child in sheet.everyone) or sheet.everyone


def _bear(
    effect: Effect,
    source: ReasonSource,
    children: Sequence[UUID],
    sheet: _Sheet,
    span: _Span | None = None,
) -> None:
    """Let an indicator bear on children: hard and household ones on all, then by each one's age."""
    sheet.add(effect, source, children, span)
    others: list[UUID] = []
    if effect.household and len(children) < len(sheet.everyone):
        others = [child for child in sheet.everyone if child not in children]
        sheet.add(effect, ReasonSource.HOUSEHOLD, others, span)
    if effect.ages:
        for child in (*children, *others):
            for tag, older in effect.ages:
                if tag in sheet.ages.get(child, ()):
                    sheet.add(older, ReasonSource.AGE, (child,), span)


def _apply_concerns(facts: RatingFacts, rules: Ruleset, sheet: _Sheet, pack: Pack) -> None:
    for concern in facts.concerns:
        effect = rules.ticked(concern.code, concern.impact, current=concern.current)
        children = _about(concern.children, sheet)
        _bear(effect, ReasonSource.CONCERN, children, sheet)
        if concern.impact is Impact.IMMEDIATE:
            now = rules.effects[pack.rating.floors.impact_immediate]
            sheet.add(now, ReasonSource.CONCERN, children)


def _apply_signals(facts: RatingFacts, rules: Ruleset, sheet: _Sheet) -> None:
    for signal in facts.signals:
        effect = rules.effects.get(signal.indicator, rules.unknown_sign)
        span = (signal.text, signal.start, signal.end)
        _bear(effect, ReasonSource.TEXT, _about(signal.children, sheet), sheet, span)


def _apply_floors(facts: RatingFacts, rules: Ruleset, sheet: _Sheet, pack: Pack) -> None:
    floors = pack.rating.floors
    if facts.immediate_danger:
        sheet.add(rules.effects[floors.immediate_danger], ReasonSource.HARD_RULE, sheet.everyone)
    if any(not text.read for text in facts.texts):
        sheet.add(rules.effects[floors.unread_text], ReasonSource.UNREAD_TEXT, sheet.everyone)
    asked = floors.request.get(facts.request)
    if asked is not None:
        sheet.add(rules.effects[asked], ReasonSource.REFERRER, sheet.everyone)
    believed = floors.referrer_level.get(facts.referrer_level or 0)
    if believed is not None:
        sheet.add(rules.effects[believed], ReasonSource.REFERRER, sheet.everyone)


def _apply_history(
    facts: RatingFacts, rules: Ruleset, sheet: _Sheet
) -> Mapping[UUID, frozenset[str]]:
    """Apply the rules of history; answers the kinds of history that each child has."""
    times: dict[tuple[UUID, HistoryKind], set[datetime]] = {}
    for fact in facts.history:
        times.setdefault((fact.child_id, fact.kind), set()).add(fact.at)
    for link in facts.links:
        times.setdefault((link.child_id, "referred"), set()).add(link.earlier_received_at)
    kinds: dict[UUID, set[str]] = {}
    for (child, kind), moments in times.items():
        for rule, effect in rules.history.get(kind, ()):
            since = (
                None
                if rule.within_days is None
                else facts.received_at - timedelta(days=rule.within_days)
            )
            count = sum(1 for at in moments if since is None or at >= since)
            if count >= rule.times:
                kinds.setdefault(child, set()).add(f"history:{kind}")
                sheet.add(effect, ReasonSource.HISTORY, _about((child,), sheet))
    return {child: frozenset(found) for child, found in kinds.items()}


def _apply_combinations(
    rules: Ruleset,
    sheet: _Sheet,
    history: Mapping[UUID, frozenset[str]],
) -> None:
    for child in sheet.everyone:
        tags = sheet.ages.get(child, frozenset()) | history.get(child, frozenset())
        levels: dict[str, int] = dict.fromkeys(tags, 4)
        for effect in sheet.by_child.get(child, ()):
            for code in effect.about:
                levels[code] = max(levels.get(code, 0), effect.level)
        for combination, effect in rules.combinations:
            if all(levels.get(each, 0) >= combination.from_level for each in combination.all_of):
                met = sum(
                    levels.get(each, 0) >= combination.from_level for each in combination.any_of
                )
                if met >= combination.at_least:
                    sheet.add(effect, ReasonSource.COMBINATION, (child,))


def _conclude(
    sheet: _Sheet, everyone: tuple[UUID, ...], facts: RatingFacts, pack: Pack
) -> Suggestion:
    lowest = pack.rating.lowest
    nothing = ChildRating(
        child_id=_NOBODY, rag=lowest, level=1, urgency=pack.rating.urgency[lowest]
    )
    rated = {
        child: _rated(child, sheet.by_child.get(child, ()), nothing) for child in sheet.everyone
    }
    children = tuple(rated[child] for child in sorted(everyone))
    top = max(rated.values(), key=lambda rating: RAG_ORDER[rating.rag])
    reasons = tuple(_reasons(sheet, everyone))
    return Suggestion(
        children=children,
        rag=top.rag,
        level=max(rating.level for rating in rated.values()),
        urgency=max(
            (rating.urgency for rating in rated.values()),
            key=lambda urgency: URGENCY_ORDER[urgency],
        ),
        reasons=reasons,
        clauses=tuple(dict.fromkeys(reason.clause for reason in reasons)),
        decider=pack.rating.deciders[facts.agreement][top.rag],
        outcome=pack.rating.outcomes[top.rag],
    )


def _rated(child: UUID, effects: Iterable[Effect], nothing: ChildRating) -> ChildRating:
    rag, level, urgency = nothing.rag, nothing.level, nothing.urgency
    for effect in effects:
        if RAG_ORDER[effect.rag] > RAG_ORDER[rag]:
            rag = effect.rag
        if URGENCY_ORDER[effect.urgency] > URGENCY_ORDER[urgency]:
            urgency = effect.urgency
        level = max(level, effect.level)
    return ChildRating(child_id=child, rag=rag, level=level, urgency=urgency)


def _reasons(sheet: _Sheet, everyone: tuple[UUID, ...]) -> Iterator[Reason]:
    """The gravest first; then by code, source and place, so that the same facts read the same."""
    for (_, source, span), (effect, children) in sorted(sheet.found.items(), key=_gravity):
        yield Reason(
            indicator=effect.code,
            clause=effect.clause,
            level=effect.level,
            source=source,
            children=tuple(sorted(children)) if everyone else (),
            text=span[0] if span else None,
            start=span[1] if span else None,
            end=span[2] if span else None,
            hard=effect.hard,
        )


def _gravity(item: tuple[_Key, tuple[Effect, set[UUID]]]) -> tuple[object, ...]:
    (code, source, span), (effect, _) = item
    place = span or ("", -1, -1)
    return (-RAG_ORDER[effect.rag], not effect.hard, -effect.level, code, source, place)
