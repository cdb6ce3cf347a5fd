"""Which worker is asked, why not the others, and that the work is shared fairly."""

import random
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.allocation import Candidate, Choice, Load, Task, WhyNot, choose, explain, why_not
from policy.allocation.choosing import WORDS

REFERRALS = 10_000
MOST_SHARE = 1.1


def worker(number: int, **said) -> Candidate:
    told = {
        "team": "help",
        "skills": frozenset({"early_help"}),
        "localities": frozenset({"rugby"}),
        "school_clusters": frozenset(),
        "capacity": 30.0,
        "leads_up_to": 3,
    }
    return Candidate(worker_id=UUID(int=number), **{**told, **said})


def task(**said) -> Task:
    return Task(**{"team": "help", "points": 2, "level": 2, "locality": "rugby", **said})


def chosen(choice: Choice) -> int | None:
    return choice.worker_id.int if choice.worker_id else None


@pytest.mark.parametrize(
    ("said", "work", "load", "expected"),
    [
        ({}, {}, 0, None),
        ({"capacity": 0.0}, {}, 0, WhyNot.NO_HOURS),
        ({"away": True}, {}, 0, WhyNot.AWAY),
        ({"leads_up_to": 1}, {}, 0, WhyNot.ABOVE_LEVEL),
        ({"team": "other"}, {}, 0, WhyNot.OTHER_TEAM),
        ({}, {"needs": frozenset({"early_years"})}, 0, WhyNot.SKILLS),
        ({}, {"needs": frozenset({"social_work"})}, 0, WhyNot.NO_SOCIAL_WORKER),
        ({"localities": frozenset({"warwick"})}, {}, 0, WhyNot.OTHER_LOCALITY),
        ({"localities": frozenset({"warwick"})}, {"locality": None}, 0, None),
        ({}, {}, 28, None),
        ({}, {}, 29, WhyNot.FULL),
        ({}, {"barred": {UUID(int=1): WhyNot.CONFLICT_OF_INTEREST}}, 0, "conflict_of_interest"),
        # Nobody's wish lifts what must not be.
        ({"team": "other", "localities": frozenset()}, {"preferred": UUID(int=1)}, 0, None),
        ({"leads_up_to": 1}, {"preferred": UUID(int=1)}, 0, WhyNot.ABOVE_LEVEL),
        ({"capacity": 0.0}, {"known_to": (UUID(int=1),)}, 0, WhyNot.NO_HOURS),
    ],
)
def test_what_stands_between_somebody_and_the_work(said, work, load, expected) -> None:
    assert why_not(task(**work), worker(1, **said), Load(load)) == expected


def test_the_familys_wish_then_who_knows_them_then_the_school_then_room() -> None:
    everybody = [
        worker(1),
        worker(2, school_clusters=frozenset({"schools"})),
        worker(3),
        worker(4),
    ]
    loads = {UUID(int=n): Load(4 * n, 4 * n) for n in range(1, 5)}
    wanted = {"school_cluster": "schools", "known_to": (UUID(int=3),), "preferred": UUID(int=4)}
    order = []
    for name in ("preferred", "known_to", "school_cluster", None):
        choice = choose(task(**wanted), everybody, loads)
        order.append((chosen(choice), choice.rule))
        wanted.pop(name, None)
    assert order == [
        (4, "family_asked"), (3, "continuity"), (2, "school_cluster"), (1, "fair_share"),
    ]  # fmt: skip


def test_a_preview_says_why_not_the_others() -> None:
    everybody = [worker(1, away=True), worker(2), worker(3), worker(4, team="other")]
    choice, others = explain(task(), everybody, {UUID(int=2): Load(10, 10)})
    assert chosen(choice) == 3
    assert [(one.int, why) for one, why in others] == [
        (2, WhyNot.AFTER), (1, WhyNot.AWAY), (4, WhyNot.OTHER_TEAM),
    ]  # fmt: skip
    assert set(WORDS) == set(WhyNot)


@pytest.mark.parametrize(
    ("everybody", "rule"),
    [
        ([], "no_workers"),
        ([worker(1, team="other")], "no_workers"),
        ([worker(1, away=True)], "nobody_free"),
        ([worker(1, capacity=1.0), worker(2, away=True)], "full"),
    ],
)
def test_what_nobody_can_take_waits_and_says_why(everybody, rule) -> None:
    choice = choose(task(), everybody, {})
    assert (choice.worker_id, choice.rule) == (None, rule)


@settings(max_examples=25)
@given(
    st.integers(2, 40),
    st.lists(st.sampled_from([7.5, 15.0, 18.5, 22.5, 30.0]), min_size=2, max_size=40),
    st.randoms(use_true_random=False),
)
def test_nobody_carries_more_than_they_can(
    everybody_at_once: int, capacities: list[float], dice: random.Random
) -> None:
    """Cases come and close; at every moment each carries at most what fits."""
    everybody = [worker(n, capacity=each) for n, each in enumerate(capacities, 1)]
    loads = {one.worker_id: Load() for one in everybody}
    held: list[tuple[UUID, int]] = []
    for _ in range(600):
        points = dice.choice([1, 2, 3, 4])
        choice = choose(task(points=points), everybody, loads)
        if choice.worker_id:
            loads[choice.worker_id].open += points
            loads[choice.worker_id].given += points
            held.append((choice.worker_id, points))
        while len(held) > everybody_at_once:
            whose, back = held.pop(dice.randrange(len(held)))
            loads[whose].open -= back
        assert all(loads[one.worker_id].open <= one.capacity for one in everybody)


def test_over_ten_thousand_referrals_nobody_has_above_their_share() -> None:
    """Two hundred workers of all hours in five localities; a case is open for a while that differs
    from case to case. Points are counted over all that each was given."""
    dice = random.Random(20260305)
    places = ("north", "south", "east", "west", "middle")
    everybody = [
        worker(
            n,
            capacity=float(dice.choice([12, 18, 24, 30])),
            localities=frozenset({places[n % len(places)]}),
        )
        for n in range(1, 201)
    ]
    loads = {one.worker_id: Load() for one in everybody}
    asked: Counter[str] = Counter()
    closing: list[list[tuple[UUID, int]]] = [[] for _ in range(REFERRALS + 2_000)]
    for number in range(REFERRALS):
        for whose, points in closing[number]:
            loads[whose].open -= points
        points, place = dice.choice([2, 2, 2, 3, 4]), dice.choice(places)
        choice = choose(task(points=points, locality=place), everybody, loads)
        assert choice.worker_id is not None
        loads[choice.worker_id].open += points
        loads[choice.worker_id].given += points
        asked[place] += points
        closing[number + dice.randint(200, 1_600)].append((choice.worker_id, points))
    for place in places:
        there = [one for one in everybody if place in one.localities]
        capacity = sum(one.capacity for one in there)
        for one in there:
            share = asked[place] * one.capacity / capacity
            assert loads[one.worker_id].given <= MOST_SHARE * share


def test_who_comes_back_or_is_new_is_not_flooded() -> None:
    """Ten have worked all the time; one came back after most of it. Their share is what they were
    there for."""
    everybody = [worker(n) for n in range(1, 11)]
    back = worker(11, presence=0.2)
    loads = {one.worker_id: Load(10, 40) for one in everybody}
    loads[back.worker_id] = Load(0, 7)
    given_to = Counter()
    for _ in range(20):
        choice = choose(task(points=1), [*everybody, back], loads)
        assert choice.worker_id is not None
        loads[choice.worker_id].given += 1
        given_to[choice.worker_id] += 1
    assert given_to[back.worker_id] <= 2
