"""Which event makes which message, and what becomes of one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.change import Change
from chassis.errors import NotFound
from contracts.envelope import Event, EventData
from contracts.events import (
    AgeBand,
    AllocationAccepted,
    AllocationAssigned,
    AllocationOffered,
    AssigneeKind,
    CaseClosed,
    ChildFacts,
    ClockBreached,
    ClockMet,
    ClockWarned,
    ContinuedBecause,
    MessageQueued,
    PanelConcluded,
    Rag,
    ReferralErased,
    ReferralSubmitted,
    TriageDecided,
    TriageRated,
    TriageRerated,
    TriageWithdrawn,
    Urgency,
    WithdrawalContinued,
)
from contracts.registry import type_of
from policy.loading import PackSet
from services.notifications.domain import Audience, Case, Kind, Message, State
from services.notifications.domain.following import (
    MOST_CUTS,
    Accepted,
    HeldBack,
    NotBegun,
    Outcome,
    PutOff,
    Refused,
    Unknown,
    claim,
    record,
)
from services.notifications.handlers import HANDLERS

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
LEASE = timedelta(seconds=20)
REFERRAL, TOKEN, OTHER = UUID(int=1), UUID(int=7), UUID(int=8)
PACKS = PackSet({})


class Story:
    """One referral, told event by event."""

    def __init__(
        self, agency: str = "school", *, packs: PackSet = PACKS, restricted: bool = False
    ) -> None:
        self.packs = packs
        self.case: Case | None = None
        self.appended: list[EventData] = []
        self._numbers: Iterator[UUID] = (UUID(int=100 + n) for n in range(1000))
        self.tell(
            ReferralSubmitted(
                reference="WAR-000123-K",
                received_at=NOW,
                pack_version="2018.1",
                children=(ChildFacts(child_id=UUID(int=5), age_band=AgeBand.UNDER_1),),
                source_agency=agency,
                census_source="2A",
                organisation_id=UUID(int=6),
                basis="public_task",
                restricted=restricted,
            )
        )

    def tell(self, data: EventData, *, event_id: UUID | None = None) -> "Story":
        known = type_of(type(data))
        event: Event[Any] = known.envelope(
            id=event_id or next(self._numbers),
            source="elsewhere/1",
            type=known.type,
            subject=REFERRAL,
            time=NOW,
            partitionkey=str(REFERRAL),
            sequence="0000000001",
            authority="warwickshire",
            correlationid=UUID(int=1),
            data=data,
        )
        handler = HANDLERS[type(data)]
        change: Change[Case] | None = handler(
            self.case, event, self.packs, lambda: next(self._numbers), NOW
        )
        if change is not None:
            self.case = change.state
            self.appended.extend(change.events)
        return self

    @property
    def told(self) -> list[tuple[str, str]]:
        assert self.case is not None
        return [(str(each.kind), str(each.audience)) for each in self.case.messages]


def rated(rag: Rag, raised_from: Rag | None = None) -> TriageRated:
    return TriageRated(
        reference="WAR-000123-K",
        received_at=NOW,
        rag=rag,
        level=4,
        urgency=Urgency.SAME_DAY,
        children=(),
        pack_version="2018.1",
        raised_from=raised_from,
    )


def decided() -> TriageDecided:
    return TriageDecided(
        decision_id=UUID(int=20),
        decided_at=NOW,
        staff_id=UUID(int=21),
        role="practitioner",
        rag=Rag.AMBER,
        children=(),
        suggested=Rag.RED,
        rationale_id=UUID(int=20),
        pack_version="2018.1",
    )


def rerated(previous: Rag, rag: Rag, *, after_decision: bool = True) -> TriageRerated:
    return TriageRerated(
        rating_id=UUID(int=22),
        rated_at=NOW,
        staff_id=UUID(int=21),
        role="practitioner",
        previous=previous,
        rag=rag,
        rationale_id=UUID(int=22),
        pack_version="2018.1",
        decided=after_decision,
    )


def breach(**said: Any) -> dict[str, Any]:
    return {
        "clock_id": UUID(int=30),
        "name": "hub_enquiry",
        "due_at": NOW,
        "started_at": NOW,
        "calendar_version": "1",
        "explanation": "4 hours",
        **said,
    }


ACKNOWLEDGED = ("acknowledgement", "referrer")
ALERTED = ("urgent_alert", "duty")


def test_a_referral_is_acknowledged() -> None:
    story = Story()
    assert story.told == [ACKNOWLEDGED]
    assert [type(event) for event in story.appended] == [MessageQueued]


def test_only_a_suggested_red_alerts_duty_and_only_once() -> None:
    assert Story().tell(rated(Rag.AMBER)).told == [ACKNOWLEDGED]
    story = Story().tell(rated(Rag.RED)).tell(rated(Rag.RED))
    assert story.told == [ACKNOWLEDGED, ALERTED]


def test_later_information_that_raises_to_red_alerts_duty_again() -> None:
    story = Story().tell(rated(Rag.RED)).tell(rated(Rag.RED, raised_from=Rag.AMBER))
    assert story.told == [ACKNOWLEDGED, ALERTED, ALERTED]


def test_a_decision_is_told_and_points_to_its_words() -> None:
    story = Story().tell(decided())
    assert story.told == [ACKNOWLEDGED, ("decision", "referrer")]
    assert story.case is not None
    assert story.case.messages[1].about == UUID(int=20)


def test_a_replayed_event_makes_no_second_message() -> None:
    again = UUID(int=50)
    story = Story().tell(decided(), event_id=again).tell(decided(), event_id=again)
    assert len(story.told) == 2
    assert len(story.appended) == 2


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (rerated(Rag.AMBER, Rag.GREEN), [("rerating", "referrer")]),
        (rerated(Rag.AMBER, Rag.AMBER), [("rerating", "referrer")]),
        (rerated(Rag.AMBER, Rag.RED), [ALERTED, ("rerating", "referrer")]),
    ],
)
def test_after_the_decision_the_referrer_hears_of_every_second_look(
    event: TriageRerated, told: list[tuple[str, str]]
) -> None:
    assert Story().tell(decided()).tell(event).told[2:] == told


def test_before_the_decision_a_rating_is_nobodys_but_the_hubs() -> None:
    early = rerated(Rag.AMBER, Rag.GREEN, after_decision=False)
    assert Story().tell(early).told == [ACKNOWLEDGED]
    raised = rerated(Rag.AMBER, Rag.RED, after_decision=False)
    assert Story().tell(raised).told == [ACKNOWLEDGED, ALERTED]


def test_a_withdrawal_that_was_concluded_is_told() -> None:
    event = TriageWithdrawn(
        decision_id=UUID(int=20),
        concluded_at=NOW,
        staff_id=UUID(int=21),
        role="manager",
        rationale_id=UUID(int=20),
    )
    assert Story().tell(event).told[1:] == [("closure", "referrer")]


def test_a_withdrawal_that_was_not_taken_up_is_told_unless_a_decision_tells_it() -> None:
    event = WithdrawalContinued(
        decision_id=UUID(int=20),
        concluded_at=NOW,
        requested_at=NOW,
        staff_id=UUID(int=21),
        role="practitioner",
        rationale_id=UUID(int=20),
        reason=ContinuedBecause.TO_BE_DECIDED,
    )
    assert Story().tell(event).told[1:] == [("continuation", "referrer")]
    decision = decided()
    answered = event.model_copy(update={"decision_id": decision.decision_id})
    assert Story().tell(decision).tell(answered).told[1:] == [("decision", "referrer")]


@pytest.mark.parametrize("made", [AllocationOffered, AllocationAssigned])
def test_the_referrer_hears_who_has_taken_it_on_once_decided(
    made: type[AllocationOffered | AllocationAssigned],
) -> None:
    work = made(
        allocation_id=UUID(int=40),
        kind=AssigneeKind.LEAD_PROFESSIONAL,
        assignee="0199",
        rule="by_locality",
        rag=Rag.GREEN,
    )
    taken = AllocationAccepted(allocation_id=UUID(int=40), staff_id=UUID(int=41), accepted_at=NOW)
    assert Story().tell(decided()).tell(work).tell(taken).told[2:] == [("allocation", "referrer")]
    assert Story().tell(work).tell(taken).told == [ACKNOWLEDGED]
    duty = work.model_copy(update={"kind": AssigneeKind.DUTY})
    assert Story().tell(decided()).tell(duty).tell(taken).told[2:] == []


@pytest.mark.parametrize("agency", ["family_member", "member_of_public", "anonymous"])
def test_the_public_hear_that_it_was_received_and_read_and_no_more(agency: str) -> None:
    story = Story(agency).tell(decided()).tell(rerated(Rag.AMBER, Rag.GREEN))
    assert story.told == [ACKNOWLEDGED, ("decision", "referrer")]


def test_a_breach_goes_to_those_its_rule_names_who_have_an_address() -> None:
    said = ClockBreached(**breach(), breached_at=NOW, tell=("practitioner", "duty", "manager"))
    assert Story().tell(said).told[1:] == [
        ("breach_alert", "duty"),
        ("breach_alert", "manager"),
    ]
    nobody = ClockBreached(**breach(), breached_at=NOW, tell=("practitioner",))
    assert Story().tell(nobody).told == [ACKNOWLEDGED]


@pytest.mark.parametrize(
    ("agency", "told"),
    [("school", [("breach_alert", "manager"), ("delay", "referrer")]),
     ("member_of_public", [("breach_alert", "manager")])],
)  # fmt: skip
def test_a_referrer_whom_the_clock_names_hears_that_it_is_late(
    agency: str, told: list[tuple[str, str]]
) -> None:
    said = ClockBreached(**breach(), breached_at=NOW, tell=("manager", "referrer"))
    assert Story(agency).tell(said).told[1:] == told


def test_whoever_telephoned_is_reminded_to_write_unless_they_have() -> None:
    clock = {**breach(), "name": "written_confirmation"}
    story = Story().tell(ClockWarned(**clock, tell=("referrer",)))
    assert story.told[1:] == [("written_wanted", "referrer")]
    story.tell(ClockMet(**clock, met_at=NOW))
    assert story.case is not None
    assert story.case.messages[1].state is State.CANCELLED
    neighbour = Story("member_of_public").tell(ClockWarned(**clock, tell=("referrer",)))
    assert neighbour.told[1:] == []


def test_nobody_apologises_for_what_was_done_meanwhile() -> None:
    story = Story().tell(ClockBreached(**breach(), breached_at=NOW, tell=("referrer",)))
    story.tell(ClockMet(**breach(), met_at=NOW))
    assert story.case is not None
    assert story.case.messages[1].state is State.CANCELLED


def test_once_decided_the_referrer_hears_what_a_panel_agreed_and_that_help_ended() -> None:
    met = PanelConcluded(panel_id="panel_rugby", meeting_on=NOW.date(), outcome="lead_agreed")
    assert Story().tell(met).told == [ACKNOWLEDGED]
    assert Story().tell(decided()).tell(met).told[2:] == [("panel_outcome", "referrer")]
    assert Story("family_member").tell(decided()).tell(met).told[2:] == []
    ended = CaseClosed(reason="needs_met")
    assert Story().tell(decided()).tell(ended).told[2:] == [("help_ended", "referrer")]


def test_an_alert_of_a_breach_that_was_none_is_withdrawn_unless_it_went() -> None:
    said = ClockBreached(**breach(), breached_at=NOW, tell=("manager",))
    met = ClockMet(**breach(), met_at=NOW, corrected=True)
    story = Story().tell(said).tell(met)
    assert story.case is not None
    assert story.case.messages[1].state is State.CANCELLED

    late = Story().tell(said)
    assert late.case is not None
    first, alert = late.case.messages
    late.case = replace(late.case, messages=(first, replace(alert, state=State.SENT)))
    late.tell(met)
    assert late.case.messages[1].state is State.SENT


def test_an_erased_referral_gets_no_more_messages() -> None:
    story = Story().tell(ReferralErased(erased_at=NOW, reason="retention")).tell(decided())
    assert story.case is not None
    assert [each.state for each in story.case.messages] == [State.CANCELLED]


def test_an_event_about_an_unknown_referral_is_refused() -> None:
    story = Story()
    story.case = None
    with pytest.raises(NotFound):
        story.tell(decided())


# --- following -------------------------------------------------------------------------------


def waiting(**changed: Any) -> Case:
    message = Message(
        message_id=UUID(int=9),
        kind=Kind.DECISION,
        audience=Audience.REFERRER,
        cause=UUID(int=10),
        state=State.QUEUED,
        queued_at=NOW,
        due_at=NOW,
    )
    story = Story()
    assert story.case is not None
    return replace(story.case, messages=(replace(message, **changed),))


def claimed(**changed: Any) -> Case:
    change = claim(waiting(**changed), {UUID(int=9)}, TOKEN, LEASE, NOW)
    assert change is not None
    return change.state


def after(outcome: Outcome, *, token: UUID = TOKEN, **changed: Any) -> tuple[Message, list[str]]:
    change = record(claimed(**changed), UUID(int=9), token, outcome, NOW)
    return change.state.messages[0], [type(event).__name__ for event in change.events]


def test_a_claim_holds_until_its_lease_has_passed() -> None:
    case = claimed()
    message = case.messages[0]
    assert (message.state, message.attempt) == (State.SENDING, 1)
    assert claim(case, {UUID(int=9)}, OTHER, LEASE, NOW + LEASE - timedelta(seconds=1)) is None

    lost = claim(case, {UUID(int=9)}, OTHER, LEASE, NOW + LEASE)
    assert lost is not None
    assert lost.state.messages[0].state is State.UNCERTAIN
    assert [type(event).__name__ for event in lost.events] == ["MessageUncertain"]


def test_a_sender_that_is_lost_over_and_over_has_its_message_wait_longer() -> None:
    waits = []
    for cuts in range(4):
        lost = claim(claimed(cuts=cuts), {UUID(int=9)}, OTHER, LEASE, NOW + LEASE)
        assert lost is not None
        waits.append((lost.state.messages[0].due_at - NOW - LEASE).total_seconds())
    assert waits == [0, 5, 10, 20]


def test_a_message_that_is_not_due_or_not_wanted_is_left() -> None:
    assert claim(waiting(due_at=NOW + LEASE), {UUID(int=9)}, TOKEN, LEASE, NOW) is None
    assert claim(waiting(), {UUID(int=4)}, TOKEN, LEASE, NOW) is None


def test_what_was_accepted_is_sent() -> None:
    message, events = after(Accepted("words"))
    assert (message.state, message.sent_at, message.rendered) == (State.SENT, NOW, "words")
    assert events == ["MessageSent"]


def test_what_was_put_off_waits_and_is_given_up_after_three_days() -> None:
    message, events = after(PutOff("rcpt_450", timedelta(seconds=4)))
    assert (message.state, message.due_at) == (State.QUEUED, NOW + timedelta(seconds=4))
    assert events == []

    message, events = after(PutOff("rcpt_450", LEASE), queued_at=NOW - timedelta(days=3))
    assert (message.state, message.reason) == (State.FAILED, "rcpt_450")
    assert events == ["MessageFailed"]


def test_what_was_refused_has_failed_and_what_is_incomplete_is_held() -> None:
    assert after(Refused("rcpt_550"))[0].state is State.FAILED
    message, events = after(HeldBack("no_clause"))
    assert (message.state, message.reason) == (State.HELD, "no_clause")
    assert events == ["MessageFailed"]


def test_what_nobody_knows_is_uncertain_and_has_an_end() -> None:
    message, events = after(Unknown("data_cut", timedelta(0), "words"))
    assert (message.state, message.cuts) == (State.UNCERTAIN, 1)
    assert events == ["MessageUncertain"]

    last = {"state": State.UNCERTAIN, "cuts": MOST_CUTS - 1}
    message, events = after(Unknown("data_cut", timedelta(0), "words"), **last)
    assert (message.state, message.reason) == (State.FAILED, "outcome_unknown")
    assert events == ["MessageUncertain", "MessageFailed"]


def test_a_claim_given_back_leaves_no_trace() -> None:
    message, events = after(NotBegun())
    assert (message.state, message.attempt, message.claim) == (State.QUEUED, 0, None)
    assert events == []
    assert after(NotBegun(), state=State.UNCERTAIN, cuts=1)[0].state is State.UNCERTAIN


def test_a_sender_that_was_given_up_may_still_say_that_it_was_sent() -> None:
    lost = claim(claimed(), {UUID(int=9)}, OTHER, LEASE, NOW + LEASE)
    assert lost is not None
    late = record(lost.state, UUID(int=9), TOKEN, Accepted("words"), NOW + LEASE)
    assert late.state.messages[0].state is State.SENT


def test_once_another_sender_has_it_the_first_ones_word_changes_nothing() -> None:
    lost = claim(claimed(), {UUID(int=9)}, OTHER, LEASE, NOW + LEASE)
    assert lost is not None
    taken = claim(lost.state, {UUID(int=9)}, OTHER, LEASE, NOW + LEASE)
    assert taken is not None
    late = record(taken.state, UUID(int=9), TOKEN, Refused("rcpt_550"), NOW + LEASE)
    assert late.state is taken.state
