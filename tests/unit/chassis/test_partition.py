"""What a partition gave is read in order, and given again from wherever it goes on."""

from datetime import UTC, datetime, timedelta

from chassis.ids import new_id
from chassis.stream.kafka.partition import Partition
from chassis.stream.port import Received

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def event(position: int) -> Received:
    at = NOON + timedelta(seconds=position)
    return Received(position, "intake/1", new_id(), position, "a type", "walsall", at, "{}", 4)


def filled(*wanted: int, until: int) -> Partition:
    """One from position 10, of whose records somebody wants those at `wanted`."""
    partition = Partition(4)
    partition.place(10)
    for position in range(11, until + 1):
        partition.add(position, event(position) if position in wanted else None)
    return partition


def positions(events: list[Received]) -> list[int]:
    return [one.position for one in events]


def test_reading_passes_what_nobody_wants() -> None:
    partition = filled(12, 15, until=17)
    assert positions(partition.take(1)) == [12]
    assert partition.read == 12
    assert positions(partition.take(5)) == [15]
    assert partition.read == 17
    assert not partition.waits


def test_what_is_settled_is_forgotten_and_the_rest_is_given_again() -> None:
    partition = filled(11, 12, 13, 14, until=14)
    partition.take(3)
    partition.settle(10, 12)
    assert partition.kept == 2
    assert partition.oldest == NOON + timedelta(seconds=13)
    assert partition.rewind(12)
    assert positions(partition.take(9)) == [13, 14]


def test_a_place_that_is_not_held_has_to_be_fetched() -> None:
    partition = filled(11, 12, until=14)
    partition.take(9)
    partition.settle(10, 12)
    assert not partition.rewind(11)
    assert not partition.rewind(15)


def test_another_instance_may_have_gone_on() -> None:
    partition = filled(11, 12, 13, until=14)
    partition.take(1)
    assert partition.rewind(12)
    assert positions(partition.take(9)) == [13]


def test_a_batch_of_an_earlier_assignment_settles_nothing() -> None:
    partition = filled(11, 12, until=12)
    partition.settle(10, 12)
    assert partition.settled == 10
    partition.take(9)
    partition.settle(3, 12)
    assert partition.settled == 10


def test_all_is_answered_when_all_is_settled() -> None:
    partition = filled(11, until=12)
    assert not partition.answered
    partition.take(9)
    assert not partition.answered
    partition.settle(10, 12)
    assert partition.answered
