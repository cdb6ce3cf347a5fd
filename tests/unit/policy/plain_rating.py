"""The rating rules written as plainly as they can be, straight from the pack: slow, and the
measure of `policy.rating.suggest`, which must answer the same to the byte."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.events import AgeBand, ChildRating, ConcernFact, Impact, Rag, Reason, ReasonSource
from contracts.events import Urgency as Urgent
from policy.pack import Indicator, Pack
from policy.rating import RatingFacts, Suggestion
from policy.ruleset import RAG_ORDER, URGENCY_ORDER

NOBODY = UUID(int=0)
TAGS = {
    AgeBand.UNBORN: {"unborn", "under_5"},
    AgeBand.UNDER_1: {"under_1", "under_5"},
    AgeBand.AGE_1_TO_4: {"under_5"},
    AgeBand.AGE_11_TO_15: {"adolescent"},
    AgeBand.AGE_16_TO_17: {"adolescent"},
}


class Said(NamedTuple):
    """One indicator said of one child; `place` is the text with its characters."""

    code: str
    source: ReasonSource
    place: tuple[str, int, int] | None
    child: UUID


def colour(pack: Pack, sign: Indicator) -> Rag:
    rule = next(
        each.rag
        for each in pack.rating.colours
        if sign.level >= each.level
        and each.hard in {None, sign.hard}
        and each.harm in {None, sign.is_harm}
    )
    return max(
        (rule, pack.rating.lowest, sign.at_least or Rag.NONE), key=lambda rag: RAG_ORDER[rag]
    )


def urgency(pack: Pack, sign: Indicator) -> Urgent:
    return max(
        (sign.urgency or Urgent.STANDARD, pack.rating.urgency[colour(pack, sign)]),
        key=lambda each: URGENCY_ORDER[each],
    )


def meant(pack: Pack, concern: ConcernFact) -> str:
    """What a tick means: the indicator of its impact, or of the next lesser, or of the least."""
    ladder = {
        each.ticked[concern.code]: each
        for each in pack.indicators.values()
        if concern.code in each.ticked
    }
    hard = any(each.hard for each in ladder.values())
    impact = concern.impact
    if impact is None:
        impact = Impact.SERIOUS if hard else Impact.SOME
    elif not concern.current and not hard:
        impact = Impact.SOME
    if not ladder:
        return pack.rating.floors.unknown_concern[impact]
    steps = [each for each in list(Impact)[: list(Impact).index(impact) + 1] if each in ladder]
    least = next(each for each in Impact if each in ladder)
    return ladder[steps[-1] if steps else least].code


def children_of(facts: RatingFacts) -> dict[UUID, set[str]]:
    """The children with their age tags; one whom nobody named, where there is none."""
    found: dict[UUID, set[str]] = {}
    for child in facts.children:
        tags = found.setdefault(child.child_id, set())
        tags |= TAGS.get(child.age_band, set())
        if child.non_mobile:
            tags.add("non_mobile")
    return found or {NOBODY: set()}


def said(facts: RatingFacts, pack: Pack) -> Iterator[Said]:
    """Everything but combinations."""
    everyone = children_of(facts)

    def about(children: Sequence[UUID]) -> list[UUID]:
        return [child for child in children if child in everyone] or list(everyone)

    def bears(
        code: str,
        source: ReasonSource,
        place: tuple[str, int, int] | None,
        children: Sequence[UUID],
    ) -> Iterator[Said]:
        sign = pack.indicators[code]
        for child in everyone:
            if child in children:
                yield Said(code, source, place, child)
            elif sign.household or sign.hard:
                yield Said(code, ReasonSource.HOUSEHOLD, place, child)
            else:
                continue
            for tag, older in sign.ages.items():
                if tag in everyone[child]:
                    yield Said(older, ReasonSource.AGE, place, child)

    floors = pack.rating.floors
    for concern in facts.concerns:
        yield from bears(meant(pack, concern), ReasonSource.CONCERN, None, about(concern.children))
        if concern.impact is Impact.IMMEDIATE:
            for child in about(concern.children):
                yield Said(floors.impact_immediate, ReasonSource.CONCERN, None, child)
    for signal in facts.signals:
        code = signal.indicator if signal.indicator in pack.indicators else floors.unknown_sign
        place = (signal.text, signal.start, signal.end)
        yield from bears(code, ReasonSource.TEXT, place, about(signal.children))
    for child in everyone:
        if facts.immediate_danger:
            yield Said(floors.immediate_danger, ReasonSource.HARD_RULE, None, child)
        if any(not text.read for text in facts.texts):
            yield Said(floors.unread_text, ReasonSource.UNREAD_TEXT, None, child)
        if facts.request in floors.request:
            yield Said(floors.request[facts.request], ReasonSource.REFERRER, None, child)
        if facts.referrer_level in floors.referrer_level:
            code = floors.referrer_level[facts.referrer_level or 0]
            yield Said(code, ReasonSource.REFERRER, None, child)
    for whose, _, code in past(facts, pack):
        for child in about([whose]):
            yield Said(code, ReasonSource.HISTORY, None, child)


def past(facts: RatingFacts, pack: Pack) -> Iterator[tuple[UUID, str, str]]:
    """Each rule of history that is met: whose, of which kind, and its indicator."""
    events = {(fact.child_id, fact.kind, fact.at) for fact in facts.history}
    events |= {(link.child_id, "referred", link.earlier_received_at) for link in facts.links}
    for whose in {who for who, _, _ in events}:
        for rule in pack.history.values():
            met = [
                at
                for who, kind, at in events
                if (who, kind) == (whose, rule.kind)
                and (
                    rule.within_days is None
                    or at >= facts.received_at - timedelta(days=rule.within_days)
                )
            ]
            if len(met) >= rule.times:
                yield whose, rule.kind, rule.indicator


def combined(facts: RatingFacts, pack: Pack, found: set[Said]) -> Iterator[Said]:
    for child, ages in children_of(facts).items():
        levels = {f"age:{tag}": 4 for tag in ages}
        levels |= {f"history:{kind}": 4 for who, kind, _ in past(facts, pack) if who == child}
        for each in found:
            if each.child == child:
                sign = pack.indicators[each.code]
                for code in sign.about:
                    levels[code] = max(levels.get(code, 0), sign.level)
        for rule in pack.combinations.values():
            met = {code for code, level in levels.items() if level >= rule.from_level}
            if set(rule.all_of) <= met and len(set(rule.any_of) & met) >= rule.at_least:
                yield Said(rule.indicator, ReasonSource.COMBINATION, None, child)


def plain(facts: RatingFacts, pack: Pack) -> Suggestion:
    """What `suggest` must answer."""
    found = set(said(facts, pack))
    found |= set(combined(facts, pack, found))
    rating = pack.rating

    def rated(child: UUID) -> ChildRating:
        signs = [pack.indicators[each.code] for each in found if each.child == child]
        return ChildRating(
            child_id=child,
            rag=max([rating.lowest, *(colour(pack, each) for each in signs)], key=RAG_ORDER.get),  # type: ignore[arg-type]
            level=max([1, *(each.level for each in signs)]),
            urgency=max(
                [rating.urgency[rating.lowest], *(urgency(pack, each) for each in signs)],
                key=URGENCY_ORDER.get,  # type: ignore[arg-type]
            ),
        )

    everyone = [rated(child) for child in sorted(children_of(facts))]
    rag = max((each.rag for each in everyone), key=lambda each: RAG_ORDER[each])
    reasons = tuple(in_order(found, pack))
    return Suggestion(
        children=tuple(everyone) if facts.children else (),
        rag=rag,
        level=max(each.level for each in everyone),
        urgency=max((each.urgency for each in everyone), key=lambda each: URGENCY_ORDER[each]),
        reasons=reasons,
        clauses=tuple(dict.fromkeys(reason.clause for reason in reasons)),
        decider=rating.deciders[facts.agreement][rag],
        outcome=rating.outcomes[rag],
    )


def in_order(found: set[Said], pack: Pack) -> Iterator[Reason]:
    def gravity(key: tuple[str, ReasonSource, tuple[str, int, int] | None]) -> tuple[object, ...]:
        code, source, place = key
        sign = pack.indicators[code]
        heavy = (-RAG_ORDER[colour(pack, sign)], not sign.hard, -sign.level)
        return (*heavy, code, source, place or ("", -1, -1))

    for code, source, place in sorted({each[:3] for each in found}, key=gravity):
        children = {each.child for each in found if each[:3] == (code, source, place)} - {NOBODY}
        sign = pack.indicators[code]
        yield Reason(
            indicator=code,
            clause=sign.clause,
            level=sign.level,
            source=source,
            children=tuple(sorted(children)),
            text=place[0] if place else None,
            start=place[1] if place else None,
            end=place[2] if place else None,
            hard=sign.hard,
        )
