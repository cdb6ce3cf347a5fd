"""What intake keeps of a look-up, and what people say of it: nothing is merged, all can be taken
back, and the software leaves alone what a person said."""

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError
from contracts.events import ReferralLinked, ReferralUnlinked
from policy.loading import PackSet
from policy.matching import State
from services.intake.domain import Case, Stage
from services.intake.people.domain import Found, Said, found, say
from services.intake.people.keys import PersonKey
from services.intake.people.matches import Because, Match, Role, is_later

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
NO_PACKS = PackSet({})
STAFF = UUID(int=99)


def case(*matches: Match) -> Case:
    return Case(
        referral_id=UUID(int=1),
        authority="warwickshire",
        reference="WAR-000001-K",
        organisation_id=UUID(int=2),
        client_id="testwood-academy",
        received_at=NOW,
        pack_version="2018.1",
        source_agency="school",
        stage=Stage.RECEIVED,
        version=1,
        matches=matches,
    )


def match(other: int = 20, *, person: int = 10, state: State = State.CANDIDATE) -> Match:
    return Match(
        UUID(int=person), Role.CHILD, UUID(int=other + 1), UUID(int=other), NOW, state,
        "matched", 0.97, ("birth_swapped",),
    )  # fmt: skip


def ids() -> UUID:
    raise AssertionError("a match needs no id of its own")


def keep(state: Case, *matches: Match, shown: int = 30) -> tuple[Case, list[str]]:
    change, _ = found(state, Found(matches, shown), NO_PACKS, ids, NOW)
    return change.state, [type(event).__name__ for event in change.events]


def said(state: Case, about: Match, what: State, why: Because = Because.FAMILY_SAYS) -> Case:
    change, _ = say(state, Said(about, what, why, STAFF), NO_PACKS, ids, NOW)
    return change.state


def test_a_look_up_that_runs_twice_changes_nothing() -> None:
    once, events = keep(case(), match(), match(30, state=State.LINKED))
    assert events == ["ReferralLinked"]
    twice, events = keep(once, match(), match(30, state=State.LINKED))
    assert twice is once
    assert events == []


@given(st.permutations([20, 30, 40, 50]))
def test_the_order_in_which_look_ups_end_does_not_matter(order: list[int]) -> None:
    kept = case()
    for other in order:
        kept, _ = keep(kept, match(other))
    assert {one.pair for one in kept.matches} == {match(other).pair for other in order}


def test_what_a_person_said_outlives_every_look_up() -> None:
    kept, _ = keep(case(), match())
    kept = said(kept, match(), State.NOT_SAME, Because.DIFFERENT_PERSON)
    again, events = keep(kept, match(state=State.LINKED))
    assert again.matches[0].state is State.NOT_SAME
    assert events == []


@pytest.mark.parametrize("steps", list(permutations([State.LINKED, State.NOT_SAME])))
def test_taking_back_restores_what_was_there(steps: tuple[State, State]) -> None:
    before, _ = keep(case(), match())
    after = before
    for step in steps:
        after = said(after, match(), step)
    after = said(after, match(), State.CANDIDATE, Because.LINKED_BY_MISTAKE)
    (was,), (now,) = before.matches, after.matches
    assert (now.pair, now.state, now.score, now.reasons) == (
        was.pair, was.state, was.score, was.reasons,
    )  # fmt: skip


def test_each_link_that_was_told_is_taken_back_once() -> None:
    state = case()
    told: list[type] = []
    for what in (State.LINKED, State.NOT_SAME, State.LINKED, State.CANDIDATE):
        command = Said(match(), what, Because.AGENCY_SAYS, STAFF)
        change, _ = say(state, command, NO_PACKS, ids, NOW)
        state = change.state
        told += [type(event) for event in change.events]
    assert told == [ReferralLinked, ReferralUnlinked] * 2


def test_saying_it_again_is_refused() -> None:
    state = said(case(), match(), State.NOT_SAME)
    with pytest.raises(DomainError) as refused:
        said(state, match(), State.NOT_SAME)
    assert refused.value.code == "already_so"
    with pytest.raises(DomainError) as refused:
        said(case(), match(), State.CANDIDATE)
    assert refused.value.code == "nothing_to_take_back"


def test_an_adult_who_is_the_same_says_nothing_of_a_child() -> None:
    adult = Match(
        UUID(int=5), Role.ADULT, UUID(int=7), UUID(int=6), NOW, State.CANDIDATE, "matched", 0.9
    )
    command = Said(adult, State.LINKED, Because.FAMILY_SAYS, STAFF)
    change, _ = say(case(), command, NO_PACKS, ids, NOW)
    assert change.events == ()
    assert change.state.matches[0].state is State.LINKED


def test_candidates_are_kept_up_to_a_number_and_links_always() -> None:
    many = [match(100 + number * 2) for number in range(9)]
    kept, _ = keep(case(), *many, match(900, state=State.LINKED), shown=5)
    states = [one.state for one in kept.matches]
    assert states.count(State.CANDIDATE) == 5
    assert states.count(State.LINKED) == 1


@given(
    st.tuples(st.datetimes(timezones=st.just(UTC)), st.uuids()),
    st.tuples(st.datetimes(timezones=st.just(UTC)), st.uuids()),
)
def test_one_of_two_referrals_keeps_a_match(
    one: tuple[datetime, UUID], other: tuple[datetime, UUID]
) -> None:
    assert is_later(one, other) != is_later(other, one) or one == other


def test_a_number_with_another_given_name_in_one_home_is_no_link() -> None:
    key = PersonKey(UUID(int=1), "nhs_number", b"n", (b"born", b"name"), (b"callum",), b"home")
    assert key.is_child([b"born"], [b"callum", b"cal"], b"home")
    assert key.is_child([b"born"], [b"oscar"], b"elsewhere")
    assert key.is_child([b"born"], [], b"home")
    assert not key.is_child([b"born"], [b"oscar"], b"home")
    assert not key.is_child([b"born"], [b"oscar"], None)
    assert not key.is_child([b"other"], [b"callum"], b"home")
