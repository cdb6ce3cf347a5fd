"""What is published tells of nobody."""

from hypothesis import given
from hypothesis import strategies as st

from policy.small_numbers import SMALL
from services.allocation.scorecard import domain, flows
from services.allocation.scorecard.definitions import MEASURES
from services.allocation.scorecard.domain import Figure
from services.allocation.scorecard.flows import Path
from tests.shipped import SHIPPED

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
    for versions in SHIPPED.packs.values():
        for one in MEASURES:
            assert one.clock is None or one.clock in versions[-1].clocks.rules


PATHS = st.lists(
    st.builds(
        lambda locality, came, decided, referrals: Path(
            "warwickshire",
            locality,
            "school",
            came,
            decided,
            "taken_on" if decided == "early_help" else None,
            "open" if decided == "early_help" else None,
            referrals,
        ),
        st.sampled_from(["rugby", "warwick", "stratford"]),
        st.sampled_from(["first", "after_advice", "after_early_help"]),
        st.sampled_from(["early_help", "social_care", "advice"]),
        st.integers(1, 20),
    ),
    max_size=25,
)


@given(PATHS)
def test_no_small_flow_is_told_by_any_sum_that_is_known(paths: list[Path]) -> None:
    whole = flows.summed(paths, by_locality=False, by_agency=False)
    apart = flows.summed(paths, by_locality=True, by_agency=False)
    for told in (whole, apart):
        assert sum(one.referrals for one in told) == sum(one.referrals for one in paths)
        shown = flows.published(told)
        assert all(one.referrals > SMALL for one in shown)
        groups: dict[object, list[Path]] = {}
        for one in told:
            for group in flows.groups_of(one):
                groups.setdefault(group, []).append(one)
        for members in groups.values():
            hidden = [one for one in members if one not in shown]
            # Either nothing can be taken from it, or nothing of it is shown to take away.
            assert (
                not hidden
                or len(hidden) == len(members)
                or (len(hidden) > 1 and sum(one.referrals for one in hidden) > SMALL)
            )
    # What the whole authority does not publish cannot be added up from its places.
    ways = {one.way for one in whole} - {one.way for one in flows.published(whole)}
    assert not ways & {one.way for one in flows.published(apart)}
