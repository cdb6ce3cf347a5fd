"""What would change a suggestion: single facts, held against rating again."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import AgeBand, ConcernFact, Impact, Rag
from policy.changing import what_would_change
from policy.rating import RatingFacts, suggest
from policy.ruleset import RAG_ORDER
from tests.shipped import SHIPPED
from tests.unit.policy.test_rating import ANNA, anything, child, concern, facts, signal

PACK = SHIPPED.version("walsall", "2018.1")


def test_the_one_concern_that_carries_a_red_is_named() -> None:
    given_ = facts(concern("sexual_abuse"), concern("poor_attendance", Impact.SOME))
    gone = [each for each in what_would_change(given_, PACK) if not each.added]
    assert [(each.kind, each.code, each.rag) for each in gone] == [
        ("concern", "sexual_abuse", Rag.GREEN)
    ]


def test_two_that_each_carry_it_are_not_named() -> None:
    given_ = facts(concern("sexual_abuse"), signals=(signal("physical_abuse"),))
    assert all(each.added for each in what_would_change(given_, PACK))


def test_what_would_raise_a_green_is_named_with_the_least_impact() -> None:
    found = {
        (each.code, each.rag): each.impact
        for each in what_would_change(facts(concern("poor_attendance", Impact.SOME)), PACK)
    }
    assert found["domestic_abuse", Rag.AMBER] is Impact.SOME
    assert found["domestic_abuse", Rag.RED] is Impact.SERIOUS
    assert found["immediate_danger", Rag.RED] is None
    assert ("bereavement", Rag.AMBER) not in found


def test_an_age_that_makes_the_difference_is_named() -> None:
    baby = child(ANNA, AgeBand.UNDER_1, non_mobile=True)
    given_ = facts(children=(baby,), signals=(signal("injury_seen"),))
    assert ("age", Rag.AMBER) in {
        (each.kind, each.rag) for each in what_would_change(given_, PACK) if not each.added
    }


@settings(max_examples=15, deadline=None)
@given(anything, st.randoms(use_true_random=False))
def test_each_change_is_what_rating_again_gives_whatever_the_order(
    given_: RatingFacts, random: object
) -> None:
    now = suggest(given_, PACK)
    found = what_would_change(given_, PACK)
    assert all(
        (RAG_ORDER[each.rag] > RAG_ORDER[now.rag]) is each.added and each.rag is not now.rag
        for each in found
    )
    for each in found:
        if each.added and each.kind == "concern":
            more = ConcernFact(code=each.code, impact=each.impact)
            again = suggest(replace(given_, concerns=(*given_.concerns, more)), PACK)
            assert (again.rag, again.level) == (each.rag, each.level)
    concerns = list(given_.concerns)
    random.shuffle(concerns)  # type: ignore[attr-defined]
    assert what_would_change(replace(given_, concerns=tuple(concerns)), PACK) == found
