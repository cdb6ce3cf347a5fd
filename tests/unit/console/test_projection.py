"""The queue's rows, folded from events."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError
from contracts.envelope import Event, EventData, sequence_text
from contracts.events import (
    AgeBand,
    AgreementStatus,
    AllocationAccepted,
    AllocationAssigned,
    AllocationDeclined,
    AssigneeKind,
    ChildDecision,
    ChildFacts,
    ClockBreached,
    ClockCancelled,
    ClockMet,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ConcernFact,
    ContinuedBecause,
    InformationReceived,
    InformationRequested,
    MessageSent,
    Outcome,
    Rag,
    ReferralAgreementRecorded,
    ReferralErased,
    ReferralSubmitted,
    ReferralWithdrawn,
    TriageClaimed,
    TriageDecided,
    TriageRated,
    TriageReleased,
    TriageRerated,
    TriageWithdrawn,
    Urgency,
    WithdrawalContinued,
)
from contracts.registry import type_of
from policy.loading import PackSet
from services.console.domain import ClockState, Row, Stage
from services.console.handlers import HANDLERS

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
REFERRAL = UUID("01920000-0000-7000-8000-000000000001")
CHILD = UUID("01920000-0000-7000-8000-0000000000c1")
STAFF = UUID("01920000-0000-7000-8000-0000000000d1")
CLOCK = UUID("01920000-0000-7000-8000-0000000000e1")
WORK = UUID("01920000-0000-7000-8000-0000000000f1")
NO_PACKS = PackSet({})

SUBMITTED = ReferralSubmitted(
    reference="WAR-000001-K",
    received_at=NOON,
    pack_version="2018.1",
    children=(ChildFacts(child_id=CHILD, age_band=AgeBand.UNDER_1),),
    concerns=(
        ConcernFact(code="neglect"),
        ConcernFact(code="neglect"),
        ConcernFact(code="housing"),
    ),
    source_agency="school",
    census_source="2B",
    organisation_id=STAFF,
    basis="public_task",
)


def rated(
    rag: Rag, urgency: Urgency = Urgency.STANDARD, raised_from: Rag | None = None
) -> TriageRated:
    return TriageRated(
        reference="WAR-000001-K",
        received_at=NOON,
        rag=rag,
        level=3,
        urgency=urgency,
        children=(),
        pack_version="2018.1",
        raised_from=raised_from,
    )


def decided(rag: Rag = Rag.AMBER) -> TriageDecided:
    return TriageDecided(
        decision_id=STAFF,
        decided_at=NOON,
        staff_id=STAFF,
        role="practitioner",
        rag=rag,
        children=(
            ChildDecision(child_id=CHILD, rag=rag, outcome=Outcome.CHILD_AND_FAMILY_ASSESSMENT),
        ),
        suggested=Rag.RED,
        rationale_id=STAFF,
        pack_version="2018.1",
    )


def clock(kind: type[Any], due_in: float = 4, clock_id: UUID = CLOCK, **more: Any) -> Any:
    return kind(
        clock_id=clock_id,
        name="hub_enquiry",
        due_at=NOON + timedelta(hours=due_in),
        started_at=NOON,
        calendar_version="1",
        explanation="",
        **more,
    )


MADE = AllocationAssigned(
    allocation_id=WORK, kind=AssigneeKind.DUTY, assignee="duty", rule="red_to_duty", rag=Rag.RED
)
CLAIMED = TriageClaimed(staff_id=STAFF, role="practitioner")
WITHDRAWAL = ReferralWithdrawn(reason="asked_by_referrer", requested_at=NOON)
LATER: tuple[EventData, ...] = (
    rated(Rag.RED),
    rated(Rag.GREEN),
    CLAIMED,
    TriageReleased(lapsed=True),
    decided(),
    TriageRerated(
        rating_id=STAFF,
        rated_at=NOON,
        staff_id=STAFF,
        role="manager",
        previous=Rag.AMBER,
        rag=Rag.RED,
        rationale_id=STAFF,
        pack_version="2018.1",
    ),
    WITHDRAWAL,
    clock(ClockStarted),
    clock(ClockPaused, reason="triage.information_requested"),
    clock(ClockResumed),
    clock(ClockBreached, breached_at=NOON),
    clock(ClockMet, met_at=NOON),
    MADE,
    AllocationAccepted(allocation_id=WORK, staff_id=STAFF, accepted_at=NOON),
    AllocationDeclined(allocation_id=WORK, staff_id=STAFF, reason="capacity"),
    MessageSent(
        message_id=WORK, kind="decision", channel="email", audience="referrer", sent_at=NOON
    ),
)


def fold(*said: EventData, start: Row | None = None, policy: PackSet = NO_PACKS) -> Row:
    row = start
    for number, data in enumerate(said, start=1):
        event: Event[Any] = Event(
            id=UUID(int=number),
            source="test",
            type=type_of(type(data)).type,
            subject=REFERRAL,
            time=NOON,
            partitionkey=str(REFERRAL),
            sequence=sequence_text(number),
            authority="warwickshire",
            correlationid=UUID(int=number),
            data=data,
        )
        change = HANDLERS[type(data)](row, event, policy, uuid4, NOON)
        row = change.state if change else row
    assert row is not None
    return row


def test_a_referral_waits_as_red_until_it_is_rated() -> None:
    row = fold(SUBMITTED)
    assert row.stage is Stage.TO_DECIDE
    assert row.rag is None
    assert row.place == 1
    assert row.concerns == ("neglect", "housing")


@pytest.mark.parametrize(
    ("rag", "urgency", "place"),
    [
        (Rag.RED, Urgency.STANDARD, 1),
        (Rag.AMBER, Urgency.IMMEDIATE, 1),
        (Rag.AMBER, Urgency.SAME_DAY, 2),
        (Rag.GREEN, Urgency.STANDARD, 2),
    ],
)
def test_red_and_immediate_are_looked_at_first(rag: Rag, urgency: Urgency, place: int) -> None:
    assert fold(SUBMITTED, rated(rag, urgency)).place == place


def test_a_decision_takes_it_off_the_list_and_ends_the_claim() -> None:
    row = fold(SUBMITTED, rated(Rag.RED), CLAIMED, decided(Rag.AMBER))
    assert row.stage is Stage.DECIDED
    assert row.rag is Rag.AMBER
    assert row.suggested is Rag.RED
    assert row.outcomes == ("child_and_family_assessment",)
    assert row.claimed_by is None


def test_what_people_decided_stands_against_a_later_suggestion_and_is_flagged() -> None:
    row = fold(
        SUBMITTED, rated(Rag.AMBER), decided(Rag.AMBER), rated(Rag.RED, raised_from=Rag.AMBER)
    )
    assert row.rag is Rag.AMBER
    assert row.raised
    assert row.stage is Stage.DECIDED


def test_asking_to_withdraw_changes_nothing_but_is_shown() -> None:
    row = fold(SUBMITTED, rated(Rag.GREEN), WITHDRAWAL)
    assert row.stage is Stage.TO_DECIDE
    assert row.withdrawal_asked


def test_a_practitioner_s_conclusion_withdraws_it() -> None:
    concluded = TriageWithdrawn(
        decision_id=STAFF, concluded_at=NOON, staff_id=STAFF, role="manager", rationale_id=STAFF
    )
    assert fold(SUBMITTED, rated(Rag.GREEN), WITHDRAWAL, concluded).stage is Stage.WITHDRAWN


def test_a_referral_that_goes_on_is_no_longer_asked_to_be_withdrawn() -> None:
    concluded = WithdrawalContinued(
        decision_id=STAFF,
        concluded_at=NOON,
        requested_at=NOON,
        staff_id=STAFF,
        role="practitioner",
        rationale_id=STAFF,
        reason=ContinuedBecause.TO_BE_DECIDED,
    )
    row = fold(SUBMITTED, rated(Rag.GREEN), WITHDRAWAL, concluded)
    assert row.stage is Stage.TO_DECIDE
    assert not row.withdrawal_asked
    assert row.added[-1].codes == {"role": "practitioner", "reason": "to_be_decided"}


def test_the_soonest_clock_that_counts_is_the_one_shown() -> None:
    later = UUID(int=CLOCK.int + 1)
    row = fold(SUBMITTED, clock(ClockStarted, 4), clock(ClockStarted, 2, later))
    assert row.next_clock
    assert row.next_clock.clock_id == later
    row = fold(
        SUBMITTED,
        clock(ClockStarted, 4),
        clock(ClockStarted, 2, later),
        clock(ClockPaused, 2, later, reason="x"),
    )
    assert row.next_clock
    assert row.next_clock.clock_id == CLOCK


def test_a_clock_that_ran_out_stays_until_it_is_stopped() -> None:
    row = fold(SUBMITTED, clock(ClockStarted), clock(ClockBreached, breached_at=NOON))
    assert [one.state for one in row.clocks] == [ClockState.BREACHED]
    assert (
        fold(
            SUBMITTED,
            clock(ClockStarted),
            clock(ClockBreached, breached_at=NOON),
            clock(ClockMet, met_at=NOON),
        ).clocks
        == ()
    )
    assert fold(SUBMITTED, clock(ClockStarted), clock(ClockCancelled, reason="closed")).clocks == ()


def test_work_that_was_accepted_says_so_and_declined_work_is_gone() -> None:
    accepted = AllocationAccepted(allocation_id=WORK, staff_id=STAFF, accepted_at=NOON)
    row = fold(SUBMITTED, MADE, accepted)
    assert [held.accepted for held in row.assignments] == [True]
    declined = AllocationDeclined(allocation_id=WORK, staff_id=STAFF, reason="capacity")
    assert fold(SUBMITTED, MADE, declined).assignments == ()


def test_what_is_erased_is_shown_to_nobody() -> None:
    row = fold(SUBMITTED, clock(ClockStarted), ReferralErased(erased_at=NOON, reason="retention"))
    assert row.stage is Stage.ERASED
    assert row.next_clock is None


def test_an_effect_before_its_cause_is_parked() -> None:
    with pytest.raises(DomainError, match="unknown_referral"):
        fold(rated(Rag.RED))


def test_a_message_s_line_says_what_and_whom_and_no_more() -> None:
    line = fold(SUBMITTED, LATER[-1]).added[-1]
    assert line.kind == "message.sent"
    assert line.codes == {
        "kind": "decision",
        "channel": "email",
        "audience": "referrer",
        "attempt": 0,
    }


@given(st.lists(st.sampled_from(LATER), max_size=25))
def test_every_event_is_one_line_and_folding_twice_gives_the_same(
    said: Sequence[EventData],
) -> None:
    row = fold(SUBMITTED, *said)
    assert row == fold(SUBMITTED, *said)
    assert row.number == len(said) + 1
    assert [line.number for line in row.added] == list(range(1, row.number + 1))
    assert len({one.clock_id for one in row.clocks}) == len(row.clocks)
    assert len({held.allocation_id for held in row.assignments}) == len(row.assignments)
    assert row.stage is not Stage.DECIDED or row.rag is not None


@given(st.lists(st.sampled_from(LATER), max_size=12), st.integers(0, 12))
def test_it_does_not_matter_where_a_batch_ends(said: Sequence[EventData], cut: int) -> None:
    whole = fold(SUBMITTED, *said)
    first = fold(SUBMITTED, *said[:cut])
    rest = fold(*said[cut:], start=first) if said[cut:] else first
    assert [line.kind for line in rest.added] == [line.kind for line in whole.added]
    assert (rest.stage, rest.rag, rest.clocks, rest.assignments, rest.claimed_by) == (
        whole.stage,
        whole.rag,
        whole.clocks,
        whole.assignments,
        whole.claimed_by,
    )


def test_what_the_hub_asked_for_waits_until_each_answer_came() -> None:
    first, second = UUID(int=1), UUID(int=2)
    row = fold(
        SUBMITTED,
        InformationRequested(request_id=first, of="school"),
        InformationRequested(request_id=first, of="school"),
        InformationRequested(request_id=second, of="gp"),
        InformationReceived(request_id=first, of="school"),
        InformationReceived(request_id=first, of="school"),
    )
    assert row.asked == (second,)


def test_what_was_decided_is_to_allocate_until_its_clock_stops() -> None:
    started = clock(ClockStarted).model_copy(update={"name": "lead_professional_allocated"})
    met = clock(ClockMet, met_at=NOON).model_copy(update={"name": "lead_professional_allocated"})
    assert not fold(SUBMITTED, started).to_allocate
    assert fold(SUBMITTED, started, decided()).to_allocate
    assert not fold(SUBMITTED, started, decided(), met).to_allocate


def test_help_waits_for_the_family_s_answer_until_somebody_has_it() -> None:
    amber = fold(SUBMITTED, rated(Rag.AMBER))
    assert amber.to_agree
    assert not fold(SUBMITTED, rated(Rag.RED)).to_agree
    assert not fold(SUBMITTED, rated(Rag.AMBER), decided()).to_agree
    given = SUBMITTED.model_copy(update={"agreement": AgreementStatus.GIVEN})
    assert not fold(given, rated(Rag.GREEN)).to_agree
    said = ReferralAgreementRecorded(
        version=2, recorded_at=NOON, agreement=AgreementStatus.REFUSED, who="mother",
        given_on=NOON.date(),
    )  # fmt: skip
    answered = fold(SUBMITTED, rated(Rag.AMBER), said)
    assert not answered.to_agree
    assert answered.added[-1].codes["agreement"] == "refused"


def test_an_offer_is_one_until_it_is_answered_and_names_who_is_asked() -> None:
    asked = clock(ClockStarted).model_copy(update={"name": "lead_professional_accepts"})
    answered = clock(ClockMet, met_at=NOON).model_copy(update={"name": asked.name})
    work = MADE.model_copy(update={"allocation_id": CLOCK, "assignee": str(STAFF)})
    row = fold(SUBMITTED, decided(), MADE, work, asked)
    assert row.offered
    assert row.holders == ("duty", str(STAFF))
    assert not fold(SUBMITTED, decided(), MADE, asked, answered).offered


def test_what_comes_while_the_hub_is_closed_is_marked(packs: PackSet) -> None:
    sunday = NOON - timedelta(days=2)
    for at, closed in ((NOON, False), (sunday, True)):
        version = packs.current("warwickshire", NOON.date()).version
        came = SUBMITTED.model_copy(update={"received_at": at, "pack_version": version})
        assert fold(came, policy=packs).out_of_hours is closed
