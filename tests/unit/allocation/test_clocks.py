"""Clocks of one case: what any event does to them, their pauses, ladders and recalculation."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from chassis.change import Change
from chassis.ids import new_id
from contracts.envelope import EventData
from contracts.events import (
    AgeBand,
    AgreementStatus,
    CaseMilestoneRecorded,
    ClockBreached,
    ClockEscalated,
    ClockRecalculated,
    ClockResumed,
    ClockWarned,
    InformationReceived,
    InformationRequested,
    PanelConcluded,
    PanelListed,
    Rag,
    TriageClaimed,
)
from policy.clocks import ClocksSection
from policy.loading import PackSet
from policy.pack import Pack
from services.allocation.clocks.domain import Clock, State
from services.allocation.domain import Case, bring_up_to_date, fire, hear
from services.allocation.domain.timing import happen, recalculate
from services.allocation.handlers import handlers_for
from tests.shipped import SHIPPED as POLICY

LONDON = ZoneInfo("Europe/London")
BATH = "bath-and-north-east-somerset"
MINUTE = timedelta(minutes=1)
# The Thursday before Easter, in the afternoon.
THURSDAY = datetime(2026, 4, 2, 15, tzinfo=LONDON).astimezone(UTC)


def case(authority: str = "warwickshire", rag: Rag | None = Rag.AMBER) -> Case:
    return Case(
        referral_id=new_id(),
        authority=authority,
        reference="WAR-000123-K",
        received_at=THURSDAY,
        pack_version="2018.1",
        source_agency="school",
        locality=None,
        school_cluster=None,
        agreement=AgreementStatus.GIVEN,
        age_bands=(AgeBand.UNDER_1, AgeBand.AGE_1_TO_4),
        children=(new_id(), new_id()),
        rag=rag,
    )


def told(held: Case, *happened: tuple[EventData, datetime], policy: PackSet = POLICY) -> Case:
    for data, at in happened:
        held = hear(held, data, at, policy, new_id).state
    return held


def clocks(held: Case, name: str) -> list[Clock]:
    return [clock for clock in held.clocks if clock.name == name]


def states(held: Case, name: str) -> dict[UUID | None, State]:
    return {clock.subject_id: clock.state for clock in clocks(held, name)}


def local(at: datetime) -> str:
    return at.astimezone(LONDON).strftime("%a %d %b %H:%M")


def version(
    authority: str,
    valid_from: date,
    *,
    rules: dict[str, dict[str, Any]] | None = None,
    hours: dict[str, Any] | None = None,
) -> PackSet:
    """The shipped packs, and a newer version of one."""
    pack = POLICY.packs[authority][-1]
    old = {name: rule.model_dump() for name, rule in pack.clocks.rules.items()}
    changed = {name: {**old[name], **change} for name, change in (rules or {}).items()}
    section = ClocksSection.model_validate({"rules": {**old, **changed}})
    newer: Pack = pack.model_copy(
        update={
            "version": "2026.1",
            "valid_from": valid_from,
            "clocks": section,
            "hours": pack.hours.model_copy(update=hours or {}),
        }
    )
    newer.__dict__.pop("calendar", None)
    return PackSet({**POLICY.packs, authority: (pack, newer)})


# --- whose clock -------------------------------------------------------------------------------


def test_each_request_has_a_clock_of_its_own() -> None:
    first, second = new_id(), new_id()
    held = told(
        case(),
        (InformationRequested(request_id=first, of="agency"), THURSDAY),
        (InformationRequested(request_id=second, of="agency"), THURSDAY),
        (InformationReceived(request_id=first, of="agency"), THURSDAY + MINUTE),
    )
    assert states(held, "information_reply") == {first: State.MET, second: State.RUNNING}


def test_what_names_no_request_is_about_all_of_them() -> None:
    first, second = new_id(), new_id()
    held = told(
        case(),
        (InformationRequested(request_id=first, of="agency"), THURSDAY),
        (InformationRequested(request_id=second, of="agency"), THURSDAY),
    )
    held = happen(held, "triage.withdrawn", THURSDAY + MINUTE, POLICY, new_id).state
    assert set(states(held, "information_reply").values()) == {State.CANCELLED}


def test_each_child_has_a_clock_of_its_own_and_a_milestone_of_the_case_is_about_all() -> None:
    held = case()
    held = told(
        held, (CaseMilestoneRecorded(milestone="strategy_discussion", on=THURSDAY.date()), THURSDAY)
    )
    assert set(states(held, "conference_15_days")) == set(held.children)
    held = told(held, (CaseMilestoneRecorded(milestone="conference", on=THURSDAY.date()), THURSDAY))
    assert set(states(held, "conference_15_days").values()) == {State.MET}


def test_a_panel_item_is_listed_and_concluded() -> None:
    item = new_id()
    listed = PanelListed(panel_id="north", meeting_on=date(2026, 4, 20), item_id=item)
    concluded = PanelConcluded(
        panel_id="north", meeting_on=date(2026, 4, 20), outcome="support", item_id=item
    )
    held = told(case(), (listed, THURSDAY))
    assert states(held, "panel_item") == {item: State.RUNNING}
    assert states(told(held, (concluded, THURSDAY)), "panel_item") == {item: State.MET}


def test_a_milestone_that_was_recorded_later_counts_on_its_day() -> None:
    held = case()
    held = happen(held, "case.milestone_recorded:assessment", THURSDAY, POLICY, new_id).state
    due_at = clocks(held, "plan")[0].times.due_at
    on = due_at.astimezone(LONDON).date() - timedelta(days=1)
    late = CaseMilestoneRecorded(milestone="plan", on=on)
    held = told(held, (late, due_at + timedelta(days=3)))
    assert states(held, "plan") == {None: State.MET}


def test_every_event_that_a_pack_names_is_listened_to() -> None:
    known = handlers_for(POLICY)
    assert {InformationRequested, InformationReceived, TriageClaimed} <= set(known)
    assert CaseMilestoneRecorded not in known


# --- warnings and ladders ----------------------------------------------------------------------


def test_a_clock_warns_as_often_as_its_pack_says() -> None:
    listed = PanelListed(panel_id="north", meeting_on=date(2026, 4, 20), item_id=new_id())
    held = told(case(), (listed, THURSDAY))
    warned = []
    while isinstance(clock := clocks(held, "panel_item")[0], Clock) and clock.fires_at is not None:
        change = fire(held, POLICY, new_id, clock.fires_at)
        assert change is not None
        held = change.state
        warned += [type(event) for event in change.events]
    assert warned == [ClockWarned, ClockWarned, ClockBreached, ClockEscalated]


def red() -> Case:
    return happen(case(rag=Rag.RED), "triage.rated", THURSDAY, POLICY, new_id).state


def test_the_duty_ladder_is_climbed_until_a_person_accepts() -> None:
    duty = POLICY.packs["warwickshire"][-1].allocation.duty
    held, steps = red(), []
    now = clocks(held, "accepted_by_person")[0].times.due_at
    for _ in range(90):
        change = fire(held, POLICY, new_id, now)
        if change:
            held = change.state
            steps += [event for event in change.events if isinstance(event, ClockEscalated)]
        now += MINUTE
    said = [(step.tell[0], step.by) for step in steps]
    assert said[: len(duty.ladder)] == [(rung.tell, rung.by) for rung in duty.ladder]
    assert set(said[len(duty.ladder) :]) == {(duty.ladder[-1].tell, duty.ladder[-1].by)}
    assert [step.step for step in steps] == list(range(1, len(steps) + 1))
    held = told(held, (TriageClaimed(staff_id=new_id(), role="duty"), now))
    clock = clocks(held, "accepted_by_person")[0]
    assert (clock.state, clock.fires_at) == (State.BREACHED, None)


def test_after_an_outage_every_rung_is_told_once_and_missed_repeats_are_one() -> None:
    held = red()
    change = fire(held, POLICY, new_id, THURSDAY + timedelta(days=2))
    assert change is not None
    ladder = POLICY.packs["warwickshire"][-1].allocation.duty.out_of_hours_ladder
    steps = [event for event in change.events if isinstance(event, ClockEscalated)]
    assert [step.tell[0] for step in steps] == [rung.tell for rung in ladder]


def test_a_stop_that_is_read_late_ends_the_ladder_and_corrects_the_breach() -> None:
    change = fire(red(), POLICY, new_id, THURSDAY + timedelta(hours=2))
    assert change is not None
    claimed = TriageClaimed(staff_id=new_id(), role="duty")
    held = told(change.state, (claimed, THURSDAY + MINUTE))
    clock = clocks(held, "accepted_by_person")[0]
    assert (clock.state, clock.fires_at) == (State.MET, None)


# --- pauses ------------------------------------------------------------------------------------


def asked(rag: Rag) -> Case:
    held = happen(case(BATH, rag), "triage.rated", THURSDAY, POLICY, new_id).state
    question = InformationRequested(request_id=new_id(), of="referrer")
    return told(held, (question, THURSDAY + timedelta(minutes=30)))


def test_a_question_pauses_green_and_never_red() -> None:
    assert states(asked(Rag.GREEN), "hub_enquiry") == {None: State.PAUSED}
    assert states(asked(Rag.RED), "hub_enquiry") == {None: State.RUNNING}


def test_a_paused_clock_that_becomes_red_runs_again_at_once() -> None:
    at = THURSDAY + timedelta(hours=1)
    change = recalculate(Change(asked(Rag.GREEN)), Rag.RED, at, POLICY)
    clock = clocks(change.state, "hub_enquiry")[0]
    assert (clock.state, clock.times.due_at) == (State.RUNNING, at + timedelta(hours=4))
    said = [type(event) for event in change.events if getattr(event, "name", "") == clock.name]
    assert said == [ClockResumed, ClockRecalculated]


# --- recalculation -----------------------------------------------------------------------------


def test_a_bank_holiday_announced_late_moves_open_clocks_and_says_so() -> None:
    held = happen(case(), "referral.submitted", THURSDAY, POLICY, new_id).state
    announced = version(
        "warwickshire", date(2026, 4, 1), hours={"bank_holidays": {date(2026, 4, 7): "Thanks"}}
    )
    now = THURSDAY + timedelta(hours=1)
    change = bring_up_to_date(held, announced, new_id, now)
    assert change is not None
    for event in change.events:
        assert isinstance(event, ClockRecalculated)
        assert (event.reason, local(event.due_at)) == ("calendar", "Wed 08 Apr 15:00")
        assert event.explanation == (
            "due Wed 8 Apr 15:00: 1 working day from Thu 2 Apr 15:00,"
            " Good Friday, Easter Monday and Thanks not counted"
        )
    assert len(change.events) == 2
    assert bring_up_to_date(change.state, announced, new_id, now) is None


@pytest.mark.parametrize(
    ("period", "due", "because"),
    [("2 hours", "Thu 02 Apr 17:00", ["pack"]), ("9 working days", "Tue 07 Apr 15:00", [])],
)
def test_another_pack_may_shorten_an_open_clock_and_never_lengthens_it(
    period: str, due: str, because: list[str]
) -> None:
    held = happen(case(), "triage.rated", THURSDAY, POLICY, new_id).state
    periods = dict.fromkeys(("red", "amber", "green"), period)
    newer = version("warwickshire", date(2026, 4, 1), rules={"hub_enquiry": {"period": periods}})
    change = bring_up_to_date(held, newer, new_id, THURSDAY + MINUTE)
    assert change is not None
    clock = clocks(change.state, "hub_enquiry")[0]
    assert local(clock.times.due_at) == due
    assert [event.reason for event in change.events if isinstance(event, ClockRecalculated)] == (
        because
    )
    assert clock.compared_with == "2026.1"
    assert bring_up_to_date(change.state, newer, new_id, THURSDAY + MINUTE) is None


def test_what_is_past_due_stays_a_breach() -> None:
    held = happen(case(), "triage.rated", THURSDAY, POLICY, new_id).state
    late = clocks(held, "hub_enquiry")[0].times.due_at + MINUTE
    announced = version(
        "warwickshire", date(2026, 4, 1), hours={"bank_holidays": {date(2026, 4, 7): "Thanks"}}
    )
    assert bring_up_to_date(held, announced, new_id, late) is None


def test_a_clock_that_another_event_starts_under_a_newer_pack_knows_its_holidays() -> None:
    announced = version(
        "warwickshire", date(2026, 4, 1), hours={"bank_holidays": {date(2026, 4, 7): "Thanks"}}
    )
    held = happen(case(), "referral.submitted", THURSDAY, announced, new_id).state
    assert {local(clock.times.due_at) for clock in held.clocks} == {"Wed 08 Apr 15:00"}
    assert bring_up_to_date(held, announced, new_id, THURSDAY) is None


def test_a_restart_goes_by_the_last_event_and_is_said() -> None:
    held = case()
    first = CaseMilestoneRecorded(milestone="strategy_discussion", on=THURSDAY.date())
    held = told(held, (first, THURSDAY))
    change = hear(held, first, THURSDAY + timedelta(days=5), POLICY, new_id)
    assert {event.reason for event in change.events if isinstance(event, ClockRecalculated)} == {
        "restarted"
    }
    assert len(change.state.clocks) == len(held.clocks)
    assert replace(change.state, clocks=()) == replace(held, clocks=())
