"""What is published tells of nobody."""

from hypothesis import given
from hypothesis import strategies as st

from policy.loading import load_packs
from services.allocation.scorecard import domain
from services.allocation.scorecard.definitions import MEASURES
from services.allocation.scorecard.domain import SMALL, Figure

FIGURES = st.lists(
    st.builds(
        lambda locality, count, more: Figure(
            "lead_in_time", "warwickshire", locality, None, None, count, count + more
        ),
        st.sampled_from(["rugby", "warwick", "stratford", None]),
        st.integers(0, 40),
        st.integers(0, 40),
    ),
    max_size=8,
)


@given(FIGURES)
def test_no_small_number_is_published_nor_found_by_subtraction(figures: list[Figure]) -> None:
    told = domain.summed(figures, by_locality=True, by_agency=False)
    shown = domain.published(told)
    hidden = [one for one in shown if one.total is None]
    assert len(hidden) != 1 or len(shown) == 1
    for one in shown:
        if one.total is not None and one.count is not None:
            for number in (one.count, one.total, one.total - one.count):
                assert number == 0 or number > SMALL


@given(FIGURES)
def test_nothing_is_lost_in_sums(figures: list[Figure]) -> None:
    whole = domain.summed(figures, by_locality=False, by_agency=False)
    apart = domain.summed(figures, by_locality=True, by_agency=False)
    for found in (whole, apart):
        assert sum(one.total or 0 for one in found) == sum(one.total or 0 for one in figures)


def test_categories_are_parts_of_their_group() -> None:
    figures = [
        Figure("ended_because", "warwickshire", None, None, "needs_met", 30, 0),
        Figure("ended_because", "warwickshire", None, None, "moved", 10, 0),
    ]
    assert [one.percent for one in domain.shared_totals(figures)] == [75.0, 25.0]


def test_every_measure_is_defined_and_its_clock_is_one_of_every_pack() -> None:
    assert len({one.code for one in MEASURES}) == len(MEASURES)
    for versions in load_packs().packs.values():
        for one in MEASURES:
            assert one.clock is None or one.clock in versions[-1].clocks.rules
