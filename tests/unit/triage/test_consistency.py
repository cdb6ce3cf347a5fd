"""Figures about how alike people decide, worked out by hand beside."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import Outcome, Rag
from services.triage.consistency.domain import (
    Decided,
    by_characteristic,
    compared,
    kappa,
    last_quarter,
    last_quarters,
    publishable,
    quarter_of,
)

COLOURS = st.sampled_from([rag.value for rag in Rag])
PAIRS = st.lists(st.tuples(COLOURS, COLOURS), max_size=60)


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    # 20 both yes, 15 both no, 5 and 10 apart: 0.7 agree, 0.5 by chance.
    pairs = [("red", "red")] * 20 + [("green", "green")] * 15
    pairs += [("red", "green")] * 5 + [("green", "red")] * 10
    assert kappa(pairs) == pytest.approx(0.4)


def test_kappa_has_nothing_to_say_of_nothing_and_of_one_colour() -> None:
    assert kappa([]) is None
    assert kappa([("red", "red")] * 7) is None


@given(PAIRS)
def test_kappa_does_not_mind_who_is_first_nor_the_order(pairs: list[tuple[str, str]]) -> None:
    turned = [(second, first) for first, second in reversed(pairs)]
    assert kappa(pairs) == pytest.approx(kappa(turned))
    found = kappa(pairs)
    assert found is None or -1 <= found <= 1


def test_decisions_stand_above_at_or_below_what_was_suggested() -> None:
    rows = [
        Decided(("school",), Rag.AMBER, Rag.RED, 2),
        Decided(("school",), Rag.AMBER, Rag.AMBER, 5),
        Decided(("school",), Rag.RED, Rag.GREEN, 1),
    ]
    assert compared(rows, ("agency",)) == [
        {"agency": "school", "decisions": 8, "agreed": 5, "above": 2, "below": 1, "red": 2}
    ]


def test_children_are_counted_by_each_characteristic() -> None:
    said = {"sex": "F", "age": "under_5"}
    rows = by_characteristic(
        [
            (said, Rag.RED, Outcome.STRATEGY_DISCUSSION, True),
            (said, Rag.NONE, Outcome.NO_FURTHER_ACTION, False),
        ]
    )
    assert [(row["characteristic"], row["children"]) for row in rows] == [("age", 2), ("sex", 2)]
    assert {row["no_further_action"] for row in rows} == {1}
    assert {row["disagreements"] for row in rows} == {1}


def test_a_small_count_is_hidden_with_another_so_that_nobody_works_it_out() -> None:
    (row,) = publishable(
        [{"agency": "school", "decisions": 20, "agreed": 12, "above": 8, "below": 3}]
    )
    assert row == {"agency": "school", "decisions": 20, "agreed": 12, "above": None, "below": None}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_no_published_count_is_small(counts: list[int]) -> None:
    row = {f"c{place}": count for place, count in enumerate(counts)}
    (shown,) = publishable([row])
    assert all(value is None or value == 0 or value >= 5 for value in shown.values())
    hidden = [name for name, value in shown.items() if value is None]
    assert len(hidden) != 1 or sum(value > 0 for value in counts) == 1


def test_quarters_begin_in_england() -> None:
    assert quarter_of("2026Q2") == (
        datetime(2026, 3, 31, 23, tzinfo=UTC),
        datetime(2026, 6, 30, 23, tzinfo=UTC),
    )
    assert quarter_of("2026Q4")[1] == datetime(2027, 1, 1, tzinfo=UTC)
    assert last_quarter(datetime(2026, 3, 5, tzinfo=UTC)) == "2025Q4"
    assert last_quarter(datetime(2026, 12, 5, tzinfo=UTC)) == "2026Q3"
    assert last_quarters(datetime(2026, 4, 1, tzinfo=UTC), 3) == ["2026Q1", "2025Q4", "2025Q3"]
    # Still March in Greenwich, and April in England.
    assert last_quarter(datetime(2026, 3, 31, 23, tzinfo=UTC)) == "2026Q1"
