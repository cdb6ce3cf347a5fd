"""A pack's rating rules made ready: look-up tables, built once for each pack."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from contracts.events import AgeBand, ChildFacts, Impact, Rag, Urgency
from policy.pack import HistoryRule, Indicator, Pack

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


def signs_bits(numbers: Mapping[str, int], names: Iterable[str]) -> int:
    """The named signs of combinations as bits; a name that no combination asks for has none."""
    bits = 0
    for name in names:
        bits |= numbers.get(name, 0)
    return bits


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What an indicator does to the rating of a child on whom it bears.

    `rank`: its place among the pack's indicators, the gravest first. `signs`: the combinations'
    members that it speaks of, as bits.
    """

    code: str
    clause: str
    level: int
    rag: Rag
    urgency: Urgency
    hard: bool
    household: bool
    ages: tuple[tuple[str, "Effect"], ...]
    rank: int
    rag_order: int
    urgency_order: int
    signs: int


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """A combination with its members as bits."""

    id: str
    effect: Effect
    all_of: int
    any_of: int
    at_least: int
    from_level: int


# What each impact of one concern means: some, serious, immediate.
Ladder = tuple[Effect, Effect, Effect]


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """A pack's rules as tables: effects by indicator, and what ticking a concern means. `signs`:
    the members of combinations (concern codes, ages, kinds of history), each with its bit."""

    effects: Mapping[str, Effect]
    ticks: Mapping[str, Ladder]
    hard_concerns: frozenset[str]
    unknown: Ladder
    unknown_sign: Effect
    combinations: tuple[Combined, ...]
    signs: Mapping[str, int]
    history: Mapping[str, tuple[tuple[HistoryRule, Effect], ...]]

    def ticked(self, code: str, impact: Impact | None, *, current: bool) -> Effect:
        """What a ticked concern means. Without an impact, a concern that has a hard rule is taken
        as serious and any other as some; one of the past, without a hard rule, as some."""
        ladder = self.ticks.get(code, self.unknown)
        if impact is None:
            return ladder[1 if code in self.hard_concerns else 0]
        if impact is Impact.SOME or not (current or code in self.hard_concerns):
            return ladder[0]
        return ladder[1 if impact is Impact.SERIOUS else 2]


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
    signs = _signs(pack)
    ranks = _ranks(pack)
    effects: dict[str, Effect] = {}
    for code in pack.indicators:
        _effect(pack, code, effects, ranks, signs, ())
    ticks: dict[str, dict[Impact, Effect]] = {}
    for indicator in pack.indicators.values():
        for concern, impact in indicator.ticked.items():
            ticks.setdefault(concern, {})[impact] = effects[indicator.code]
    unknown = pack.rating.floors.unknown_concern
    return Ruleset(
        effects=effects,
        ticks={concern: _ladder(meant) for concern, meant in ticks.items()},
        hard_concerns=frozenset(
            concern
            for concern, meant in ticks.items()
            if any(effect.hard for effect in meant.values())
        ),
        unknown=_ladder({impact: effects[code] for impact, code in unknown.items()}),
        unknown_sign=effects[pack.rating.floors.unknown_sign],
        combinations=tuple(
            Combined(
                id=each.id,
                effect=effects[each.indicator],
                all_of=signs_bits(signs, each.all_of),
                any_of=signs_bits(signs, each.any_of),
                at_least=each.at_least,
                from_level=each.from_level,
            )
            for each in pack.combinations.values()
        ),
        signs=signs,
        history={
            kind: tuple(
                (rule, effects[rule.indicator])
                for rule in pack.history.values()
                if rule.kind == kind
            )
            for kind in {rule.kind for rule in pack.history.values()}
        },
    )


def _signs(pack: Pack) -> Mapping[str, int]:
    named = dict.fromkeys(
        name for each in pack.combinations.values() for name in (*each.all_of, *each.any_of)
    )
    return {name: 1 << number for number, name in enumerate(named)}


def _ranks(pack: Pack) -> Mapping[str, int]:
    """The indicators' order in a list of reasons: the gravest first, then by code."""

    def gravity(indicator: Indicator) -> tuple[int, bool, int, str]:
        rag = RAG_ORDER[_colour(pack, indicator)]
        return -rag, not indicator.hard, -indicator.level, indicator.code

    ordered = sorted(pack.indicators.values(), key=gravity)
    return {indicator.code: rank for rank, indicator in enumerate(ordered)}


def _ladder(meant: Mapping[Impact, Effect]) -> Ladder:
    """An impact that no indicator answers to means what the next lesser one does, or, below the
    least, what the least does: a tick is never ignored."""
    held = next(meant[impact] for impact in _IMPACTS if impact in meant)
    some = held = meant.get(Impact.SOME, held)
    serious = held = meant.get(Impact.SERIOUS, held)
    return some, serious, meant.get(Impact.IMMEDIATE, held)


def _effect(
    pack: Pack,
    code: str,
    effects: dict[str, Effect],
    ranks: Mapping[str, int],
    signs: Mapping[str, int],
    above: tuple[str, ...],
) -> Effect:
    if code not in effects:
        indicator = pack.indicators[code]
        rag = _colour(pack, indicator)
        urgency = max(
            indicator.urgency or Urgency.STANDARD,
            pack.rating.urgency[rag],
            key=lambda urgency: URGENCY_ORDER[urgency],
        )
        effects[code] = Effect(
            code=code,
            clause=indicator.clause,
            level=indicator.level,
            rag=rag,
            urgency=urgency,
            hard=indicator.hard,
            household=indicator.household or indicator.hard,
            ages=tuple(
                (tag, _effect(pack, other, effects, ranks, signs, (*above, code)))
                for tag, other in indicator.ages.items()
                if other not in (*above, code)
            ),
            rank=ranks[code],
            rag_order=RAG_ORDER[rag],
            urgency_order=URGENCY_ORDER[urgency],
            signs=signs_bits(signs, indicator.about),
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
