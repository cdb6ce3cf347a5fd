"""A team's work offered to its workers: somebody holds it at every moment, whoever answers what."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import DomainError, Forbidden, InvalidInput, PreconditionFailed
from policy.allocation import WhyNot, choose
from services.allocation.domain import Answerer
from services.allocation.domain.answering import Because
from services.allocation.domain.assigning import end_work
from services.allocation.domain.case import AllocationState, exchanged
from services.allocation.offers import domain
from services.allocation.offers.domain import Before, ByHand, OfferByHand
from tests.unit.allocation.story import ADA, BO, COORDINATOR, CY, NOW, TEAM, Story, worker


def test_the_team_holds_it_until_somebody_accepts() -> None:
    story = Story()
    story.offer(ADA)
    assert [one.assignee for one in story.holders] == [TEAM]
    assert story.clocks["lead_professional_accepts"] == "running"
    story.accept(ADA)
    assert [one.worker_id for one in story.holders] == [ADA]
    assert story.clocks["lead_professional_accepts"] == "met"
    assert story.clocks["first_contact"] == "running"
    assert story.said[-5:] == [
        "AllocationOffered", "ClockStarted", "AllocationAccepted", "ClockMet", "ClockStarted",
    ] or "AllocationEnded" in story.said  # fmt: skip


def test_after_a_decline_the_next_is_asked_and_the_first_no_more() -> None:
    story = Story()
    story.offer(ADA)
    story.decline(ADA, note="She is my sister's neighbour.")
    assert story.case.notes[-1].text.startswith("She")
    (again,) = domain.waiting(story.case, NOW)
    task = domain.task_of(story.case, again, TEAM, Before())
    assert task.barred == {ADA: WhyNot.DECLINED}
    story.offer(BO)
    with pytest.raises(DomainError, match="offer_declined"):
        story.accept(ADA)
    with pytest.raises(DomainError, match="offer_declined"):
        story.decline(ADA)
    story.accept(BO)
    assert [one.worker_id for one in story.holders] == [BO]


@pytest.mark.parametrize(
    ("outcome", "clock"),
    [
        ("early_help_assessment", "lead_professional_accepts"),
        ("child_and_family_assessment", "worker_accepts"),
    ],
)
def test_what_nobody_answers_is_offered_to_the_next_and_the_team_has_it_meanwhile(
    outcome: str, clock: str
) -> None:
    story = Story(outcome=outcome)
    story.offer(ADA)
    (ticking,) = [one for one in story.case.clocks if one.name == clock]
    assert ticking.times.warn_at is not None
    story.now = ticking.times.warn_at
    story.fire()
    assert (story.said[-1], story.of(ADA).state) == ("ClockWarned", AllocationState.OFFERED)
    story.now = ticking.times.due_at
    story.fire()
    assert [name for name in story.said[-3:] if name != "ClockCancelled"][-2:] == [
        "ClockBreached",
        "AllocationEnded",
    ]
    assert (story.of(ADA).state, story.of(ADA).answer) == (AllocationState.ENDED, "not_answered")
    (held,) = story.holders
    assert held.worker_id is None
    (again,) = domain.waiting(story.case, story.now)
    task = domain.task_of(story.case, again, held.assignee, Before())
    assert task.barred == {ADA: WhyNot.NO_ANSWER}
    later = Before((), {ADA: WhyNot.NO_ANSWER})
    assert domain.task_of(Story().case, again, held.assignee, later).barred == {}
    story.offer(BO)
    with pytest.raises(DomainError, match="offer_lapsed"):
        story.accept(ADA)
    story.accept(BO)
    assert [one.worker_id for one in story.holders] == [BO]
    told = len(story.said)
    story.now += timedelta(days=30)
    story.fire()
    assert "AllocationEnded" not in story.said[told:]


def test_an_offer_beside_which_nobody_holds_the_work_never_ends_by_itself() -> None:
    story = Story(restricted=True)
    story.by_hand(story.of(None), worker(ADA))
    story.by_hand(story.of(None), worker(BO), joint=True)
    alone = replace(story.of(None), state=AllocationState.ENDED)
    whole = story.case
    story.now = NOW + timedelta(days=9)
    story.fire()
    assert [story.of(who).state for who in (ADA, BO)] == [AllocationState.ENDED] * 2
    # A person gave what is restricted, and a person gives it again.
    assert [one.worker_id for one in story.holders] == [None]
    assert domain.waiting(story.case, story.now) == ()

    story.case = exchanged(whole, alone)
    story.fire()
    assert story.of(ADA).state is AllocationState.OFFERED
    assert "ClockEscalated" in story.said


def test_who_knows_the_family_is_asked_about_none_of_its_referrals() -> None:
    story = Story()
    story.offer(ADA)
    story.decline(ADA, Because.KNOWS_FAMILY)
    known = {one.worker_id: one.why for one in story.case.barred}
    assert known == {ADA: WhyNot.CONFLICT_OF_INTEREST}
    later = Story()
    (one,) = domain.waiting(later.case, NOW)
    before = Before((), {**known, BO: WhyNot.DECLINED})
    assert domain.task_of(later.case, one, TEAM, before).barred == known


def test_of_two_who_answer_at_once_the_second_is_told() -> None:
    story = Story()
    story.offer(ADA)
    seen = story.of(ADA).version
    story.accept(ADA, expected_version=seen)
    with pytest.raises(PreconditionFailed):
        story.accept(ADA, expected_version=seen)
    with pytest.raises(DomainError, match="already_accepted"):
        story.accept(ADA)
    with pytest.raises(DomainError, match="allocation_ended"):
        story.accept(None, by=COORDINATOR)


def test_a_team_that_takes_it_itself_ends_the_offer() -> None:
    story = Story()
    story.offer(ADA)
    story.accept(None, by=COORDINATOR)
    with pytest.raises(DomainError, match="allocation_ended"):
        story.accept(ADA)
    assert [one.assignee for one in story.holders] == [TEAM]


def test_closed_while_offered_is_a_clear_answer() -> None:
    story = Story()
    story.offer(ADA)
    everything = {one.allocation_id for one in story.case.allocations}
    story.take(end_work(story.case, everything, "withdrawn", NOW, story.packs, story.ids))
    assert story.clocks["lead_professional_accepts"] == "cancelled"
    for answer in (story.accept, story.decline):
        with pytest.raises(DomainError, match="allocation_ended"):
            answer(ADA)


def test_nobody_answers_for_another() -> None:
    story = Story()
    story.offer(ADA)
    stranger = Answerer(UUID(int=8), frozenset({"practitioner"}), frozenset({BO}))
    with pytest.raises(Forbidden):
        story.accept(ADA, by=stranger)
    story.accept(ADA, by=COORDINATOR)


def test_what_nobody_can_take_waits_with_its_team_and_is_looked_at_again() -> None:
    story = Story()
    story.offer(None)
    (one,) = story.holders
    assert (one.waiting, one.state) == ("full", AllocationState.ASSIGNED)
    assert domain.waiting(story.case, NOW) == ()
    assert domain.waiting(story.case, NOW + timedelta(minutes=5)) == (one,)


def test_what_is_restricted_only_a_person_gives() -> None:
    story = Story(restricted=True)
    assert domain.waiting(story.case, NOW) == ()
    story.by_hand(story.of(None), worker(ADA))
    story.decline(ADA)
    assert domain.waiting(story.case, NOW) == ()
    assert [one.assignee for one in story.holders] == [TEAM]


@pytest.mark.parametrize(
    "said",
    [
        {"leads_up_to": 1},
        {"capacity": 0.0},
    ],
)
def test_by_hand_nobody_is_asked_who_must_not_be(said: dict[str, Any]) -> None:
    story = Story()
    with pytest.raises(InvalidInput):
        story.by_hand(story.of(None), worker(ADA, **said))
    story.by_hand(story.of(None), worker(ADA, away=True, team="other"))
    with pytest.raises(DomainError, match="theirs_already"):
        story.by_hand(story.of(None), worker(ADA))
    story.by_hand(story.of(None), worker(BO))
    assert story.of(ADA).state is AllocationState.ENDED


def test_a_statutory_task_is_never_another_agencys() -> None:
    story = Story(outcome="child_and_family_assessment")
    assert story.of(None).needs == ("social_work",)
    with pytest.raises(InvalidInput):
        story.by_hand(story.of(None), worker(ADA))
    story.by_hand(story.of(None), worker(BO, skills=frozenset({"social_work"})))


def test_two_services_lead_jointly() -> None:
    story = Story()
    story.offer(ADA)
    story.accept(ADA)
    story.by_hand(story.of(ADA), worker(BO), joint=True)
    story.accept(BO)
    assert {one.worker_id for one in story.holders} == {ADA, BO}


def test_given_on_the_first_holds_it_until_the_second_accepts() -> None:
    story = Story()
    story.offer(ADA)
    story.accept(ADA)
    story.by_hand(story.of(ADA), worker(BO))
    assert [one.worker_id for one in story.holders] == [ADA]
    story.accept(BO)
    assert [one.worker_id for one in story.holders] == [BO]


def test_somebody_leaves_and_the_team_or_who_was_named_has_it() -> None:
    story = Story()
    story.offer(ADA)
    story.accept(ADA)
    command = OfferByHand(story.of(ADA).allocation_id, worker(BO), COORDINATOR, ByHand.OTHER)
    story.take(domain.give_on(command, TEAM, Before(), story.case, story.packs, story.ids, NOW))
    assert [one.assignee for one in story.holders] == [TEAM]
    story.accept(BO)
    assert [one.worker_id for one in story.holders] == [BO]
    story.put_back(BO)
    assert [one.assignee for one in story.holders] == [TEAM]
    assert len(domain.waiting(story.case, NOW)) == 1


@settings(max_examples=200)
@given(st.lists(st.sampled_from(["offer", "accept", "decline", "hand", "joint", "back", "team"])))
def test_whatever_people_do_somebody_holds_it(steps: list[str]) -> None:
    story = Story()
    people = [ADA, BO, CY]
    for place, step in enumerate(steps):
        who = people[place % 3]
        story.now += timedelta(minutes=10)
        try:
            if step == "offer":
                for one in domain.waiting(story.case, story.now):
                    task = domain.task_of(story.case, one, TEAM, Before((who,)))
                    story.offer(choose(task, map(worker, people), {}).worker_id, one)
            elif step == "accept":
                story.accept(who)
            elif step == "decline":
                story.decline(who)
            elif step == "team":
                story.accept(None, by=COORDINATOR)
            elif step == "back":
                story.put_back(who)
            else:
                story.by_hand(story.holders[0], worker(who), joint=step == "joint")
        except (DomainError, IndexError):
            pass
        assert story.holders, steps
        open_to = [one.worker_id for one in story.case.allocations if one.open and one.worker_id]
        assert len(open_to) == len(set(open_to)), "nobody is asked twice"


def test_versions_rise() -> None:
    story = Story()
    story.offer(ADA)
    story.accept(ADA)
    assert story.of(ADA).version == 2
    assert replace(story.of(ADA), version=1) != story.of(ADA)
