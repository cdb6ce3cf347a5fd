"""A pack's rating rules made ready: look-up tables, built once for each pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from contracts.events import AgeBand, ChildFacts, Impact, Rag, Urgency
from policy.pack import Combination, HistoryRule, Indicator, Pack

RAG_ORDER: Mapping[Rag, int] = {Rag.NONE: 0, Rag.GREEN: 1, Rag.AMBER: 2, Rag.RED: 3}
URGENCY_ORDER: Mapping[Urgency, int] = {
    Urgency.STANDARD: 0,
    Urgency.SAME_DAY: 1,
    Urgency.IMMEDIATE: 2,
}
_IMPACTS = tuple(Impact)

_AGES: Mapping[AgeBand, frozenset[str]] = {
    AgeBand.UNBORN: frozenset({"unborn", "under_5", "age:unborn", "age:under_5"}),
    AgeBand.UNDER_1: frozenset({"under_1", "under_5", "age:under_1", "age:under_5"}),
    AgeBand.AGE_1_TO_4: frozenset({"under_5", "age:under_5"}),
    AgeBand.AGE_5_TO_10: frozenset(),
    AgeBand.AGE_11_TO_15: frozenset({"adolescent", "age:adolescent"}),
    AgeBand.AGE_16_TO_17: frozenset({"adolescent", "age:adolescent"}),
    AgeBand.ADULT: frozenset(),
    AgeBand.UNKNOWN: frozenset(),
}
_NON_MOBILE = frozenset({"non_mobile", "age:non_mobile"})


def ages_of(child: ChildFacts) -> frozenset[str]:
    """The age tags of a child, bare as indicators name them and with `age:` as combinations do."""
    ages = _AGES[child.age_band]
    return ages | _NON_MOBILE if child.non_mobile else ages


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What an indicator does to the rating of a child on whom it bears."""

    code: str
    clause: str
    level: int
    rag: Rag
    urgency: Urgency
    hard: bool
    household: bool
    about: tuple[str, ...]
    ages: tuple[tuple[str, "Effect"], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """A pack's rules as tables: effects by indicator, and what ticking a concern means."""

    effects: Mapping[str, Effect]
    ticks: Mapping[tuple[str, Impact], Effect]
    hard_concerns: frozenset[str]
    unknown: Mapping[Impact, Effect]
    unknown_sign: Effect
    combinations: tuple[tuple[Combination, Effect], ...]
    history: Mapping[str, tuple[tuple[HistoryRule, Effect], ...]]

    def ticked(self, code: str, impact: Impact | None, *, current: bool) -> Effect:
        """What a ticked concern means. Without an impact, a concern that has a hard rule is taken
        as serious and any other as some; one of the past, without a hard rule, as some."""
        hard = code in self.hard_concerns
        if impact is None:
            impact = Impact.SERIOUS if hard else Impact.SOME
        elif not current and not hard:
            impact = Impact.SOME
        return self.ticks.get((code, impact)) or self.unknown[impact]


@lru_cache(maxsize=64)
def _built(key: "_ByIdentity") -> Ruleset:
    return _build(key.pack)


@dataclass(frozen=True, slots=True)
class _ByIdentity:
    """A pack as a key of a cache: packs are frozen, and comparing their content would be slow."""

    pack: Pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.pack is self.pack


def ruleset(pack: Pack) -> Ruleset:
    """The pack's rules, built at the first call."""
    return _built(_ByIdentity(pack))


def _build(pack: Pack) -> Ruleset:
    effects: dict[str, Effect] = {}
    for code in pack.indicators:
        _effect(pack, code, effects, ())
    ticks: dict[tuple[str, Impact], Effect] = {}
    for indicator in pack.indicators.values():
        for concern, impact in indicator.ticked.items():
            ticks[concern, impact] = effects[indicator.code]
    for concern in {code for code, _ in ticks}:
        _fill(concern, ticks)
    return Ruleset(
        effects=effects,
        ticks=ticks,
        hard_concerns=frozenset(code for (code, _), effect in ticks.items() if effect.hard),
        unknown={
            impact: effects[code] for impact, code in pack.rating.floors.unknown_concern.items()
        },
        unknown_sign=effects[pack.rating.floors.unknown_sign],
        combinations=tuple((each, effects[each.indicator]) for each in pack.combinations.values()),
        history={
            kind: tuple(
                (rule, effects[rule.indicator])
                for rule in pack.history.values()
                if rule.kind == kind
            )
            for kind in {rule.kind for rule in pack.history.values()}
        },
    )


def _fill(concern: str, ticks: dict[tuple[str, Impact], Effect]) -> None:
    """An impact that no indicator answers to means what the next lesser one does, or, below the
    least, what the least does: a tick is never ignored."""
    held = next(ticks[concern, impact] for impact in _IMPACTS if (concern, impact) in ticks)
    for impact in _IMPACTS:
        held = ticks.setdefault((concern, impact), held)


def _effect(pack: Pack, code: str, effects: dict[str, Effect], above: tuple[str, ...]) -> Effect:
    if code not in effects:
        indicator = pack.indicators[code]
        rag = _colour(pack, indicator)
        effects[code] = Effect(
            code=code,
            clause=indicator.clause,
            level=indicator.level,
            rag=rag,
            urgency=max(
                indicator.urgency or Urgency.STANDARD,
                pack.rating.urgency[rag],
                key=lambda urgency: URGENCY_ORDER[urgency],
            ),
            hard=indicator.hard,
            household=indicator.household or indicator.hard,
            about=indicator.about,
            ages=tuple(
                (tag, _effect(pack, other, effects, (*above, code)))
                for tag, other in indicator.ages.items()
                if other not in (*above, code)
            ),
        )
    return effects[code]


def _colour(pack: Pack, indicator: Indicator) -> Rag:
    rag = next(
        rule.rag
        for rule in pack.rating.colours
        if indicator.level >= rule.level
        and rule.hard in {None, indicator.hard}
        and rule.harm in {None, indicator.is_harm}
    )
    floors = [rag, pack.rating.lowest, indicator.at_least or Rag.NONE]
    return max(floors, key=lambda each: RAG_ORDER[each])
