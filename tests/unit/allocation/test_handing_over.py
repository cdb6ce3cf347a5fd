"""The morning's handover: somebody of the day signs, and somebody holds the work throughout."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chassis.errors import DomainError
from chassis.ids import new_id
from contracts.events import (
    AgeBand,
    AgreementStatus,
    AllocationAccepted,
    AllocationAssigned,
    AllocationEnded,
    Rag,
)
from services.allocation.clocks.domain import State
from services.allocation.domain import AllocationState, Case, TakeOver, fire, take_over
from services.allocation.domain.assigning import assign_work
from services.allocation.domain.timing import happen, then
from tests.shipped import SHIPPED as POLICY

DUTY = POLICY.packs["warwickshire"][-1].allocation.duty
NIGHT = datetime(2026, 4, 5, 2, tzinfo=ZoneInfo("Europe/London"))
MORNING = NIGHT + timedelta(days=2, hours=7)


def red_at_night() -> Case:
    case = Case(
        referral_id=new_id(),
        authority="warwickshire",
        reference="WAR-000123-K",
        received_at=NIGHT,
        pack_version="2018.1",
        source_agency="police",
        locality=None,
        school_cluster=None,
        agreement=AgreementStatus.NOT_SOUGHT,
        age_bands=(AgeBand.UNDER_1,),
        children=(new_id(),),
        rag=Rag.RED,
    )
    change = happen(case, "triage.rated", NIGHT, POLICY, new_id)
    return then(change, assign_work(change.state, None, NIGHT, POLICY, new_id, NIGHT)).state


def test_the_day_holds_it_before_the_night_lets_go_and_the_ladder_ends() -> None:
    held = red_at_night()
    (night,) = held.allocations
    assert night.assignee == DUTY.out_of_hours
    climbing = fire(held, POLICY, new_id, NIGHT + timedelta(hours=1))
    assert climbing is not None
    signer = new_id()
    change, answer = take_over(
        TakeOver(night.allocation_id, DUTY.team, signer), climbing.state, POLICY, new_id, MORNING
    )
    before, day = change.state.allocations
    assert (before.state, before.ended_at) == (AllocationState.ENDED, MORNING)
    assert (day.assignee, day.state, day.accepted_by) == (
        DUTY.team,
        AllocationState.ACCEPTED,
        signer,
    )
    assert answer["id"] == day.allocation_id
    kinds = [type(event) for event in change.events]
    assert kinds[:2] == [AllocationAssigned, AllocationAccepted]
    assert kinds.index(AllocationEnded) > 1
    (waits,) = (one for one in change.state.clocks if one.name == "accepted_by_person")
    assert (waits.state, waits.fires_at) == (State.BREACHED, None)


def test_what_was_taken_over_is_not_taken_over_again() -> None:
    held = red_at_night()
    command = TakeOver(held.allocations[0].allocation_id, DUTY.team, new_id())
    change, _ = take_over(command, held, POLICY, new_id, MORNING)
    with pytest.raises(DomainError, match="allocation_ended"):
        take_over(command, change.state, POLICY, new_id, MORNING)
