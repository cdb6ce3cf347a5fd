"""A manager looks at Red and at no further action before the referrer is told."""

from dataclasses import replace
from typing import Any

import pytest

from chassis.errors import DomainError, Forbidden, InvalidInput, PreconditionFailed
from contracts.codes import LoweredBecause
from contracts.events import (
    Rag,
    ReturnedBecause,
    TriageCountersigned,
    TriageDecided,
    TriageRerated,
    TriageReturned,
    WithdrawalContinued,
)
from policy.loading import PackSet
from services.triage.domain import Case, Rerate, Status, rerate
from services.triage.domain.countersigning import Countersign, countersign
from tests.unit.triage.cases import AMBER, OPEN, RED, Ids, person, submitted
from tests.unit.triage.decisions import IDS, decided, decision

WORKER, MANAGER = person(1), person(9, "manager")


def sign(case: Case, packs: PackSet, **said: Any) -> tuple[Case, tuple[Any, ...]]:
    assert case.awaiting is not None
    command = Countersign(
        **{
            "person": MANAGER,
            "expected_version": case.version,
            "decision_id": case.awaiting.decision_id,
            "agree": True,
            **said,
        }
    )
    change, _ = countersign(case, command, packs, Ids(), OPEN)
    return change.state, change.events


@pytest.mark.parametrize("rag, awaits", [(Rag.RED, True), (Rag.AMBER, False)])
def test_red_waits_for_a_manager_and_amber_does_not(
    packs: PackSet, rag: Rag, *, awaits: bool
) -> None:
    case, (event,) = decided(submitted(packs, AMBER), WORKER, rag, packs)
    assert isinstance(event, TriageDecided)
    assert event.to_countersign is awaits
    assert (case.awaiting is not None) is awaits
    assert case.status is Status.DECIDED


def test_a_manager_s_own_decision_waits_for_nobody(packs: PackSet) -> None:
    case, (event,) = decided(submitted(packs, RED), MANAGER, Rag.RED, packs)
    assert isinstance(event, TriageDecided)
    assert not event.to_countersign
    assert case.awaiting is None


def test_countersigned_it_may_be_told(packs: PackSet) -> None:
    case, _ = decided(submitted(packs, RED), WORKER, Rag.RED, packs)
    case, (event,) = sign(case, packs)
    assert isinstance(event, TriageCountersigned)
    assert event.rag is Rag.RED
    assert len(event.children) == 2
    assert case.awaiting is None
    assert [one.agreed for one in case.signatures] == [True]


def test_sent_back_it_is_to_decide_again_and_no_lower(packs: PackSet) -> None:
    case, _ = decided(submitted(packs, AMBER), WORKER, Rag.RED, packs)
    with pytest.raises(InvalidInput) as refused:
        sign(case, packs, agree=False, note="No")
    assert refused.value.errors[0].pointer == "/note"
    case, (event,) = sign(case, packs, agree=False, note="The police know of no such thing.")
    assert isinstance(event, TriageReturned)
    assert event.reason is ReturnedBecause.NOT_AGREED
    assert (case.status, case.decided_at, case.rag) == (Status.TO_DECIDE, None, Rag.RED)
    assert all(child.outcome is None for child in case.children)


def test_who_may_not_countersign(packs: PackSet) -> None:
    case, _ = decided(submitted(packs, RED), WORKER, Rag.RED, packs)
    for who in (person(2), WORKER, person(9, "manager", qualified=False)):
        with pytest.raises(Forbidden):
            sign(case, packs, person=who)
    grown = person(1, "manager")
    with pytest.raises(Forbidden) as refused:
        sign(case, packs, person=grown)
    assert refused.value.code == "another_person_needed"


def test_another_decision_than_the_one_that_was_read(packs: PackSet) -> None:
    first, _ = decided(submitted(packs, RED), WORKER, Rag.RED, packs)
    assert first.awaiting is not None
    again, _ = decided(first, person(2), Rag.RED, packs)
    with pytest.raises(PreconditionFailed):
        sign(again, packs, decision_id=first.awaiting.decision_id)
    with pytest.raises(PreconditionFailed):
        sign(again, packs, expected_version=first.version)
    signed, _ = sign(again, packs)
    with pytest.raises(DomainError):
        countersign(
            signed, Countersign(MANAGER, None, first.awaiting.decision_id, True), packs, Ids(), OPEN
        )


def test_another_colour_meanwhile_undoes_it(packs: PackSet) -> None:
    case, _ = decided(submitted(packs, AMBER), WORKER, Rag.RED, packs)
    command = Rerate(WORKER, None, None, Rag.AMBER, "The police say otherwise.", None, ())
    change, _ = rerate(case, command, packs, IDS, OPEN)
    undone, rated = change.events
    assert isinstance(undone, TriageReturned)
    assert undone.reason is ReturnedBecause.RERATED
    assert isinstance(rated, TriageRerated)
    assert (rated.previous, rated.rag, rated.decided) == (Rag.RED, Rag.AMBER, False)
    assert change.state.status is Status.TO_DECIDE
    same = Rerate(WORKER, None, None, Rag.RED, "It was looked at again.", None, ())
    change, _ = rerate(case, same, packs, IDS, OPEN)
    assert change.state.awaiting is not None


def test_a_request_to_withdraw_is_answered_when_it_may_be_told(packs: PackSet) -> None:
    asked = replace(submitted(packs, RED), withdrawal_requested_at=OPEN)
    case, events = decided(asked, WORKER, Rag.RED, packs)
    assert [type(event) for event in events] == [TriageDecided]
    case, events = sign(case, packs)
    assert [type(event) for event in events] == [TriageCountersigned, WithdrawalContinued]
    assert case.withdrawal_requested_at is None


def test_two_who_rate_in_one_moment_are_both_kept(packs: PackSet) -> None:
    """Commands that come together share one save: what the first adds is not lost."""
    case = submitted(packs, AMBER)
    words = ("One looked at it again.", "So did the other, just then.")
    for said in words:
        command = Rerate(WORKER, None, None, Rag.AMBER, said, None, ())
        change, _ = rerate(case, command, packs, IDS, OPEN)
        case = change.state
    assert tuple(one.rationale for one in case.added) == words


def test_no_further_action_waits_too(packs: PackSet) -> None:
    case = submitted(packs, AMBER)
    command = decision(case, WORKER, Rag.NONE)
    assert command.children[0].outcome == "no_further_action"
    case, (event,) = decided(
        case, WORKER, Rag.NONE, packs, lowered_because=LoweredBecause.CHECKED_AND_EXPLAINED
    )
    assert isinstance(event, TriageDecided)
    assert event.to_countersign
    assert case.awaiting is not None
    assert case.awaiting.because == ("no_further_action",)
