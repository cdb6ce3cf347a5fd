"""The suggested rating: what raises it, and that nothing lowers it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import CONCERNS
from contracts.events import (
    AgeBand,
    AgreementStatus,
    ChildFacts,
    ChildRating,
    ConcernFact,
    ExactLink,
    Impact,
    NarrativeSignal,
    Rag,
    ReasonSource,
    TextReading,
    Urgency,
)
from policy.loading import PackSet
from policy.rating import HistoryFact, RatingFacts, Suggestion, suggest
from policy.ruleset import RAG_ORDER, URGENCY_ORDER
from tests.shipped import SHIPPED
from tests.unit.policy.plain_rating import plain

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
ANNA, BEN, CAL = (UUID(int=number) for number in (1, 2, 3))
PACK = SHIPPED.version("walsall", "2018.1")
HARD = sorted(code for code, each in PACK.indicators.items() if each.hard)


def child(of: UUID, age: AgeBand = AgeBand.AGE_5_TO_10, *, non_mobile: bool = False) -> ChildFacts:
    return ChildFacts(child_id=of, age_band=age, non_mobile=non_mobile)


def concern(code: str, impact: Impact | None = Impact.SERIOUS, *children: UUID) -> ConcernFact:
    return ConcernFact(code=code, impact=impact, children=children)


def signal(indicator: str, *children: UUID) -> NarrativeSignal:
    return NarrativeSignal(indicator=indicator, text="narrative", start=3, end=9, children=children)


def facts(
    *concerns: ConcernFact, children: tuple[ChildFacts, ...] = (child(ANNA),), **others: object
) -> RatingFacts:
    return RatingFacts(children=children, received_at=NOW, concerns=concerns, **others)  # type: ignore[arg-type]


def of(suggestion: Suggestion, who: UUID) -> Rag:
    return next(each.rag for each in suggestion.children if each.child_id == who)


# --- what raises it --------------------------------------------------------------------------


def test_nothing_said_is_green() -> None:
    suggestion = suggest(facts(), PACK)
    assert (suggestion.rag, suggestion.level, suggestion.reasons) == (Rag.GREEN, 1, ())


@pytest.mark.parametrize(
    ("code", "some", "serious"),
    [
        ("sexual_abuse", Rag.RED, Rag.RED),
        ("physical_abuse", Rag.AMBER, Rag.RED),
        ("domestic_abuse", Rag.AMBER, Rag.RED),
        ("neglect", Rag.AMBER, Rag.RED),
        ("poor_attendance", Rag.GREEN, Rag.GREEN),
        ("parenting_support", Rag.GREEN, Rag.GREEN),
        ("young_carer", Rag.GREEN, Rag.GREEN),
        ("self_harm", Rag.GREEN, Rag.AMBER),
    ],
)
def test_a_ticked_concern_counts_by_its_impact(code: str, some: Rag, serious: Rag) -> None:
    assert suggest(facts(concern(code, Impact.SOME)), PACK).rag is some
    assert suggest(facts(concern(code, Impact.SERIOUS)), PACK).rag is serious


@pytest.mark.parametrize("code", sorted(CONCERNS))
def test_an_immediate_impact_is_never_left_to_early_help(code: str) -> None:
    suggestion = suggest(facts(concern(code, Impact.IMMEDIATE)), PACK)
    assert suggestion.rag in {Rag.AMBER, Rag.RED}
    assert suggestion.urgency is Urgency.IMMEDIATE


def test_immediate_danger_is_red_for_every_child() -> None:
    suggestion = suggest(facts(children=(child(ANNA), child(BEN)), immediate_danger=True), PACK)
    assert [each.rag for each in suggestion.children] == [Rag.RED, Rag.RED]
    assert suggestion.urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize("impact", [None, *Impact])
def test_an_injury_to_a_child_who_cannot_move_about_is_red_however_it_is_ticked(
    impact: Impact | None,
) -> None:
    ticked = ConcernFact(code="injury_to_non_mobile_child", impact=impact, current=False)
    suggestion = suggest(facts(ticked), PACK)
    assert suggestion.rag is Rag.RED
    assert suggestion.reasons[0].hard


def test_the_same_injury_weighs_more_on_a_child_who_cannot_move_about() -> None:
    seen = (signal("injury_seen"),)
    older = suggest(facts(children=(child(ANNA),), signals=seen), PACK)
    baby = child(ANNA, AgeBand.UNDER_1, non_mobile=True)
    younger = suggest(facts(children=(baby,), signals=seen), PACK)
    disabled = suggest(facts(children=(child(ANNA, non_mobile=True),), signals=seen), PACK)
    assert (older.rag, younger.rag, disabled.rag) == (Rag.AMBER, Rag.RED, Rag.RED)
    assert younger.reasons[0].source is ReasonSource.AGE


def test_three_harms_together_weigh_more_than_each() -> None:
    three = [
        concern(code, Impact.SOME)
        for code in ("domestic_abuse", "parental_mental_ill_health", "parental_substance_misuse")
    ]
    assert suggest(facts(*three[:2]), PACK).rag is Rag.AMBER
    together = suggest(facts(*three), PACK)
    assert together.rag is Rag.RED
    assert together.reasons[0].source is ReasonSource.COMBINATION


def test_domestic_abuse_bears_more_on_a_baby_before_and_after_birth() -> None:
    for age in (AgeBand.UNBORN, AgeBand.UNDER_1):
        suggestion = suggest(
            facts(concern("domestic_abuse", Impact.SOME), children=(child(ANNA, age),)), PACK
        )
        assert suggestion.rag is Rag.RED


def test_harm_in_the_household_bears_on_every_child() -> None:
    suggestion = suggest(
        facts(concern("domestic_abuse", Impact.SOME, ANNA), children=(child(ANNA), child(BEN))),
        PACK,
    )
    assert of(suggestion, BEN) is Rag.AMBER
    household = [each for each in suggestion.reasons if each.source is ReasonSource.HOUSEHOLD]
    assert BEN in household[0].children


def test_a_need_of_one_child_bears_on_that_child_alone() -> None:
    suggestion = suggest(
        facts(concern("self_harm", Impact.SERIOUS, ANNA), children=(child(ANNA), child(BEN))), PACK
    )
    assert (of(suggestion, ANNA), of(suggestion, BEN)) == (Rag.AMBER, Rag.GREEN)


def test_a_sign_of_nobody_named_bears_on_every_child() -> None:
    suggestion = suggest(
        facts(children=(child(ANNA), child(BEN)), signals=(signal("missing_often"),)), PACK
    )
    assert {each.rag for each in suggestion.children} == {Rag.RED}


def test_a_fact_about_a_child_who_is_not_here_is_not_lost() -> None:
    assert suggest(facts(concern("physical_abuse", Impact.SERIOUS, CAL)), PACK).rag is Rag.RED


def test_a_text_that_was_not_read_is_never_green() -> None:
    unread = TextReading(text="narrative", read=False, reason="language")
    suggestion = suggest(facts(texts=(unread,)), PACK)
    assert suggestion.rag is Rag.AMBER
    assert suggestion.reasons[0].source is ReasonSource.UNREAD_TEXT


def test_what_the_guidance_does_not_name_is_read_by_a_person() -> None:
    assert suggest(facts(concern("a_code_of_next_year")), PACK).rag is Rag.AMBER
    assert suggest(facts(signals=(signal("a_sign_of_next_year"),)), PACK).rag is Rag.AMBER


def test_a_referrer_who_asks_for_protection_is_heard() -> None:
    assert suggest(facts(request="protection"), PACK).rag is Rag.AMBER
    assert suggest(facts(referrer_level=4), PACK).rag is Rag.AMBER
    assert suggest(facts(referrer_level=2), PACK).rag is Rag.GREEN


def link(days: int, earlier: int) -> ExactLink:
    return ExactLink(
        child_id=ANNA,
        earlier_referral_id=UUID(int=earlier),
        earlier_child_id=ANNA,
        key="nhs_number",
        earlier_received_at=NOW - timedelta(days=days),
    )


def test_referred_again_within_a_year_is_seen_and_twice_is_amber() -> None:
    once = suggest(facts(links=(link(300, 7),)), PACK)
    assert [each.indicator for each in once.reasons] == ["referred_again"]
    assert suggest(facts(links=(link(300, 7), link(20, 8))), PACK).rag is Rag.AMBER
    assert suggest(facts(links=(link(400, 7), link(500, 8))), PACK).reasons == ()


def test_closed_lately_or_open_is_amber() -> None:
    for kind in ("closed", "open_social_care"):
        known = HistoryFact(ANNA, kind, NOW - timedelta(days=30))
        assert suggest(facts(history=(known,)), PACK).rag is Rag.AMBER


def test_agreement_never_changes_the_rating_only_who_decides() -> None:
    amber = concern("domestic_abuse", Impact.SOME)
    refused = suggest(facts(amber, agreement=AgreementStatus.REFUSED), PACK)
    given = suggest(facts(amber, agreement=AgreementStatus.GIVEN), PACK)
    assert (refused.rag, refused.decider) == (Rag.AMBER, "manager")
    assert (given.rag, given.decider) == (Rag.AMBER, "practitioner")


def test_every_pack_agrees_on_what_is_red(packs: PackSet) -> None:
    for authority in packs.authorities:
        pack = packs.current(authority, NOW.date())
        assert suggest(facts(concern("sexual_abuse")), pack).rag is Rag.RED
        assert suggest(facts(concern("injury_to_non_mobile_child", None)), pack).rag is Rag.RED


# --- properties ------------------------------------------------------------------------------

people = st.lists(st.sampled_from([ANNA, BEN, CAL]), max_size=2, unique=True).map(tuple)
codes = st.sampled_from([*sorted(CONCERNS), "a_code_of_next_year"])
concerns = st.builds(
    ConcernFact,
    code=codes,
    children=people,
    current=st.booleans(),
    impact=st.sampled_from([None, *Impact]),
)
signals = st.builds(
    NarrativeSignal,
    indicator=st.sampled_from([*sorted(PACK.indicators), "next_year"]),
    text=st.just("narrative"),
    start=st.integers(0, 9),
    end=st.integers(10, 20),
    children=people,
)
children = st.lists(
    st.builds(
        ChildFacts,
        child_id=st.sampled_from([ANNA, BEN, CAL]),
        age_band=st.sampled_from(list(AgeBand)),
        non_mobile=st.booleans(),
    ),
    max_size=4,
).map(tuple)
histories = st.builds(
    HistoryFact,
    child_id=st.sampled_from([ANNA, BEN, CAL]),
    kind=st.sampled_from(["referred", "open_social_care", "open_early_help", "closed"]),
    at=st.integers(0, 800).map(lambda days: NOW - timedelta(days=days)),
)
anything = st.builds(
    RatingFacts,
    children=children,
    received_at=st.just(NOW),
    concerns=st.lists(concerns, max_size=5).map(tuple),
    signals=st.lists(signals, max_size=4).map(tuple),
    texts=st.lists(
        st.builds(TextReading, text=st.just("narrative"), read=st.booleans()), max_size=2
    ).map(tuple),
    history=st.lists(histories, max_size=3).map(tuple),
    request=st.sampled_from(["early_help", "assessment", "protection", "unsure"]),
    immediate_danger=st.booleans(),
    agreement=st.sampled_from(list(AgreementStatus)),
    referrer_level=st.sampled_from([None, 1, 2, 3, 4, 9]),
)


def at_least(raised: Suggestion, before: Suggestion) -> bool:
    pairs: list[tuple[Suggestion | ChildRating, Suggestion | ChildRating]] = [
        (raised, before),
        *zip(raised.children, before.children, strict=True),
    ]
    return all(
        RAG_ORDER[after.rag] >= RAG_ORDER[was.rag]
        and after.level >= was.level
        and URGENCY_ORDER[after.urgency] >= URGENCY_ORDER[was.urgency]
        for after, was in pairs
    )


def changed(given: RatingFacts, **parts: object) -> RatingFacts:
    return replace(given, **parts)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(anything, concerns, signals, histories)
def test_adding_anything_never_lowers(
    given_: RatingFacts, more: ConcernFact, sign: NarrativeSignal, past: HistoryFact
) -> None:
    before = suggest(given_, PACK)
    for raised in (
        changed(given_, concerns=(*given_.concerns, more)),
        changed(given_, signals=(sign, *given_.signals)),
        changed(given_, history=(*given_.history, past)),
        changed(given_, immediate_danger=True),
        changed(given_, texts=(*given_.texts, TextReading(text="late", read=False))),
    ):
        assert at_least(suggest(raised, PACK), before)


@settings(max_examples=100, deadline=None)
@given(anything, st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing(given_: RatingFacts, random: object) -> None:
    def shuffled(items: tuple[object, ...]) -> tuple[object, ...]:
        held = list(items)
        random.shuffle(held)  # type: ignore[attr-defined]
        return tuple(held)

    other = changed(
        given_,
        children=shuffled(given_.children),
        concerns=shuffled(given_.concerns),
        signals=shuffled(given_.signals),
        texts=shuffled(given_.texts),
        history=shuffled(given_.history),
    )
    assert suggest(other, PACK) == suggest(given_, PACK)


@settings(max_examples=100, deadline=None)
@given(anything, st.sampled_from(HARD))
def test_nothing_lowers_a_hard_rule(given_: RatingFacts, hard: str) -> None:
    suggestion = suggest(changed(given_, signals=(*given_.signals, signal(hard))), PACK)
    assert suggestion.rag is Rag.RED
    assert all(each.rag is Rag.RED for each in suggestion.children)


@settings(max_examples=100, deadline=None)
@given(anything)
def test_every_reason_stands_on_a_clause_and_a_title(given_: RatingFacts) -> None:
    suggestion = suggest(given_, PACK)
    for reason in suggestion.reasons:
        assert PACK.clauses[reason.clause].level == reason.level
        assert PACK.indicators[reason.indicator].title
    assert set(suggestion.clauses) == {reason.clause for reason in suggestion.reasons}
    if any(not text.read for text in given_.texts):
        assert suggestion.rag is not Rag.GREEN


@settings(max_examples=200, deadline=None)
@given(anything)
def test_the_same_facts_give_the_same_bytes_as_the_rules_written_plainly(
    given_: RatingFacts,
) -> None:
    expected = plain(given_, PACK)
    for found in (suggest(given_, PACK), suggest(replace(given_), PACK)):
        assert found == expected
        assert [each.model_dump_json() for each in (*found.reasons, *found.children)] == [
            each.model_dump_json() for each in (*expected.reasons, *expected.children)
        ]


@settings(max_examples=60, deadline=None)
@given(anything)
def test_the_referral_carries_the_highest_of_its_children(given_: RatingFacts) -> None:
    suggestion = suggest(given_, PACK)
    if suggestion.children:
        assert suggestion.rag is max(
            (each.rag for each in suggestion.children), key=lambda rag: RAG_ORDER[rag]
        )
        assert suggestion.level == max(each.level for each in suggestion.children)
