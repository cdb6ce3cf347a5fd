"""Until when a record is kept."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.events import Outcome
from policy.records import Keep, Retention, keep_until, years_after
from tests.shipped import SHIPPED

DATES = st.dates(date(1995, 1, 1), date(2035, 12, 31))
KEEPS = st.builds(
    Keep, years=st.integers(0, 120), since=st.sampled_from(["closed", "birth", "eighteen"])
)
RETENTIONS = st.builds(
    Retention, outcomes=st.dictionaries(st.sampled_from(Outcome), KEEPS), otherwise=KEEPS
)
CHILDREN = st.lists(st.tuples(st.none() | st.sampled_from(Outcome), st.none() | DATES), max_size=5)


@given(CHILDREN, CHILDREN, DATES, RETENTIONS)
def test_one_more_child_never_shortens_it(
    some: list, more: list, closed: date, retention: Retention
) -> None:
    if some:
        longer = keep_until([*some, *more], closed, retention)
        assert longer >= keep_until(some, closed, retention)


@given(CHILDREN, DATES, RETENTIONS)
def test_nothing_goes_before_it_is_closed(
    children: list, closed: date, retention: Retention
) -> None:
    assert keep_until(children, closed, retention) >= closed


@given(DATES, st.integers(0, 120))
def test_years_end_on_their_day(start: date, years: int) -> None:
    end = years_after(start, years)
    assert end.year == start.year + years
    assert abs(end - date(end.year, start.month, min(start.day, 28))) <= timedelta(days=3)


def test_the_example_packs_keep_by_outcome_and_the_longest_of_any_child() -> None:
    retention = SHIPPED.packs["warwickshire"][-1].records.retention
    closed, born = date(2020, 5, 1), date(2012, 2, 29)
    none = (Outcome.NO_FURTHER_ACTION, born)
    assert keep_until([none], closed, retention) == date(2026, 5, 1)
    assessed = (Outcome.CHILD_AND_FAMILY_ASSESSMENT, born)
    assert keep_until([assessed], closed, retention) == date(2037, 3, 1)
    assert keep_until([none, assessed], closed, retention) == date(2037, 3, 1)
