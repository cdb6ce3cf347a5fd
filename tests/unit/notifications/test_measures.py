"""How soon referrers hear, as a manager would count it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.measures.domain import DEFINITIONS, Figure, Told, figures, published
from tests.unit.notifications.letters import fixed

# A Thursday afternoon; one working day from then is Friday at the same time.
RECEIVED = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
FRIDAY, MONDAY = RECEIVED + timedelta(days=1), RECEIVED + timedelta(days=4)
A = "warwickshire"


def counted(
    *told: Told, now: datetime = MONDAY
) -> dict[str, tuple[int | None, int | None, float | None]]:
    calendars = {A: fixed().packs[A][0].calendar.statutory}
    return {
        one.measure: (one.count, one.total, one.median_hours)
        for one in figures(told, calendars, now, by_agency=False)
    }


def test_a_working_day_is_counted_from_receipt_and_from_the_decision() -> None:
    prompt = Told(
        A, "school", RECEIVED, RECEIVED + timedelta(hours=1), FRIDAY, MONDAY, arrived=True,
        looked_at=MONDAY,
    )  # fmt: skip
    late = Told(A, "police", RECEIVED, MONDAY, MONDAY)
    assert counted(prompt, late) == {
        "acknowledged_in_time": (1, 2, 48.5),
        "decided_in_time": (1, 2, 60.0),
        # Friday to Monday is one working day; the other's has not passed.
        "feedback_sent_in_time": (1, 1, 72.0),
        "feedback_arrived": (1, 2, None),
        "status_opened": (1, 1, 96.0),
    }


def test_what_may_still_be_in_time_is_not_counted_yet() -> None:
    waiting = Told(A, "school", RECEIVED)
    assert counted(waiting, now=FRIDAY) == {}
    assert counted(waiting, now=FRIDAY + timedelta(seconds=1)) == {
        "acknowledged_in_time": (0, 1, None),
        "decided_in_time": (0, 1, None),
    }


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6))
def test_what_is_published_tells_of_nobody(sizes: list[tuple[int, int]]) -> None:
    made = [
        Figure("decided_in_time", A, f"agency {number}", kept, kept + missed, 1.0)
        for number, (kept, missed) in enumerate(sizes)
    ]
    shown = published(made)
    assert len(shown) == len(made)
    for one in shown:
        if one.count is None or one.total is None:
            assert one.percent is None
            continue
        assert not {one.count, one.total, one.total - one.count} & set(range(1, 6))
    hidden = sum(one.count is None for one in shown)
    assert hidden != 1 or len(shown) == 1


def test_every_measure_is_defined() -> None:
    told = Told(A, "school", RECEIVED, RECEIVED, RECEIVED, RECEIVED, arrived=True)
    assert counted(told).keys() == DEFINITIONS.keys()
