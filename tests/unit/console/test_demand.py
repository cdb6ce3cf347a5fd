"""What families need, and what of it is published."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from policy.loading import PackSet
from policy.small_numbers import SMALL
from services.console import demand
from services.console.demand import SETS
from services.console.rows import Titles
from services.console.store.demand import NEEDS, Demand
from tests.unit.console.test_lists import ME

TITLES = Titles(PackSet({}), ME, datetime(2026, 6, 3, 12, tzinfo=UTC))
ABUSE, MIND, DRINK = NEEDS


def told(referrals: int, *needs: str, locality: str = "rugby", agency: str = "school") -> Demand:
    return Demand("warwickshire", locality, agency, needs, referrals)


ROWS = [told(12, ABUSE, MIND, DRINK), told(30, ABUSE), told(8, ABUSE, agency="police"), told(50)]


def test_the_finding_says_each_need_and_where_they_meet() -> None:
    [found] = demand.measures(ROWS, "authority", TITLES, published=False)
    assert found.finding == (
        "Of 100 referrals, 50 tell of domestic abuse, 12 of a parent's mental ill health, "
        "12 of a parent's substance misuse, 12 of all three at once."
    )
    said = {line.label: line.said for line in found.lines}
    assert said["All three"] == "12 of 100 (12%)"
    assert said["Domestic abuse alone"] == "38 of 100 (38%)"
    assert said["None of the three"] == "50 of 100 (50%)"
    agencies = demand.measures(ROWS, "agency", TITLES, published=False)
    assert [one.title for one in agencies] == ["Police", "School"]


def test_what_is_small_is_left_out_with_what_would_tell_it() -> None:
    rows = [*ROWS, told(3, DRINK)]
    [found] = demand.measures(rows, "authority", TITLES, published=True)
    out = {line.label for line in found.lines if line.percent is None}
    assert out == {"A parent's substance misuse alone", "All three"}
    assert "substance" not in found.finding
    assert "all three" not in found.finding
    table = list(csv.reader(demand.as_csv(rows, "authority", published=True).splitlines()))
    assert table[0] == ["authority", "locality", "agency", *NEEDS, "referrals"]
    assert [line[-1] for line in table[1:]].count("") == 2


@given(
    st.lists(
        st.builds(
            Demand,
            st.just("warwickshire"),
            st.sampled_from(["rugby", "warwick", "stratford", None]),
            st.just("school"),
            st.sampled_from(SETS),
            st.integers(1, 12),
        ),
        max_size=20,
    )
)
def test_no_small_number_follows_from_the_rest(rows: Sequence[Demand]) -> None:
    cells = demand.summed(rows, "locality")
    hidden = demand.left_out(rows, "locality")
    assert all(number > SMALL or not number or one in hidden for one, number in cells.items())
    for key in (lambda one: one[0], lambda one: one[1]):
        for _, group in groupby(sorted(cells, key=key), key):
            members = list(group)
            out = [one for one in members if one in hidden]
            shown = [one for one in members if one not in hidden and cells[one]]
            assert not out or not shown or (len(out) > 1 and sum(cells[one] for one in out) > SMALL)
