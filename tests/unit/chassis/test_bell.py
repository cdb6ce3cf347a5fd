"""The bell wakes whom a ring concerns, and nobody else."""

from chassis.stream.bell import Bell


def test_a_ring_is_heard_by_who_wants_it_and_one_that_says_nothing_by_all() -> None:
    bell = Bell()
    everything, rated, sent = bell.listener(), bell.listener("rated"), bell.listener("sent", "told")
    bell.ring("triage", "rated")
    assert [one.is_set() for one in (everything, rated, sent)] == [True, True, False]
    for one in (everything, rated):
        one.clear()
    bell.ring()
    assert all(one.is_set() for one in (everything, rated, sent))
