"""A busy loop lets events come together; one that has rested answers at once."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.stream.lull import SHORTEST_SECONDS, Lull

LONGEST = 0.25


def test_the_longer_it_is_busy_the_longer_it_waits_up_to_a_limit() -> None:
    lull = Lull(LONGEST)
    waits = [lull.after(0.001) for _ in range(6)]
    assert waits == [0.02, 0.04, 0.08, 0.16, LONGEST, LONGEST]


def test_after_a_rest_it_is_quick_again() -> None:
    lull = Lull(LONGEST)
    for _ in range(6):
        lull.after(0.001)
    lull.rested()
    assert lull.after(0.001) == SHORTEST_SECONDS


@given(st.lists(st.one_of(st.none(), st.floats(0, 10))), st.floats(0, 1))
def test_it_never_waits_longer_than_it_may(batches: list[float | None], longest: float) -> None:
    lull = Lull(longest)
    for took in batches:
        if took is None:
            lull.rested()
        else:
            assert 0 <= lull.after(took) <= longest
