"""When a line of a digest goes, to whom, and what an open ladder does."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import (
    AllocationAssigned,
    AssigneeKind,
    ClockBreached,
    ClockEscalated,
    ClockMet,
    ClockWarned,
    Rag,
)
from policy.working_time import Calendar, is_open, opens_next
from services.notifications.domain import Kind, State
from services.notifications.domain.nudging import QUARTER, goes_at
from tests.unit.notifications.letters import fixed
from tests.unit.notifications.test_domain import NOW, Story

CLOCK = UUID(int=55)
# A Friday evening: the hub opens again on Monday at half past eight.
EVENING = datetime(2026, 3, 6, 18, 7, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
SAID = {
    "clock_id": CLOCK,
    "name": "hub_enquiry",
    "started_at": NOW,
    "calendar_version": "1",
    "explanation": "",
}


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return fixed().packs["warwickshire"][0].calendar


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    left=st.timedeltas(timedelta(days=-5), timedelta(days=20)),
    rag=st.sampled_from([*Rag, None]),
    duty=st.booleans(),
)
def test_a_line_never_goes_early_nor_when_nobody_reads_it_nor_too_late(
    now: datetime, left: timedelta, rag: Rag | None, duty: bool
) -> None:
    calendar = fixed().packs["warwickshire"][0].calendar
    due_at = now + left
    goes = goes_at(now, due_at, rag, calendar, duty=duty)
    assert goes >= now
    if rag is Rag.RED:
        assert goes == now
    elif goes != now:
        assert duty or is_open(calendar, goes) or due_at <= opens_next(calendar, goes)
    # A nudge that would only come when it is due is one too late.
    assert left <= timedelta(0) or goes <= due_at


def test_what_can_wait_waits_until_the_hub_opens(calendar: Calendar) -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert goes_at(EVENING, tuesday, Rag.AMBER, calendar, duty=False) == MONDAY
    assert goes_at(EVENING, tuesday, Rag.AMBER, calendar, duty=True) == EVENING.replace(minute=15)
    saturday = EVENING + timedelta(days=1)
    assert goes_at(EVENING, saturday, Rag.GREEN, calendar, duty=False) < saturday
    assert goes_at(MONDAY, tuesday, Rag.GREEN, calendar, duty=False) == MONDAY + QUARTER
    soon = MONDAY + QUARTER
    assert goes_at(MONDAY + timedelta(minutes=2), soon, None, calendar, duty=False) < soon


def lines(story: Story) -> list[tuple[str, str]]:
    assert story.case is not None
    return [(one.recipient, one.about) for one in story.case.nudges]


def warned(*tell: str) -> ClockWarned:
    return ClockWarned(**SAID, due_at=NOW + timedelta(hours=1), tell=tell)


def test_a_warning_is_a_line_for_each_recipient_and_no_email_of_its_own() -> None:
    story = Story(packs=fixed())
    story.tell(warned("practitioner", "manager", "coordinator", "operator"))
    assert lines(story) == [("team:hub", "warned"), ("manager", "warned")]
    assert story.told == [("acknowledgement", "referrer")]


def test_the_team_that_has_the_referral_is_nudged() -> None:
    story = Story(packs=fixed())
    story.tell(
        AllocationAssigned(
            allocation_id=UUID(int=4),
            kind=AssigneeKind.TEAM,
            assignee="assessment",
            rule="social_work_assessment",
            rag=Rag.AMBER,
        )
    )
    assert lines(story.tell(warned("practitioner"))) == [("team:assessment", "warned")]


def test_a_breach_takes_the_place_of_its_warning_and_being_met_ends_both() -> None:
    story = Story(packs=fixed()).tell(warned("practitioner"))
    story.tell(ClockBreached(**SAID, due_at=NOW, breached_at=NOW, tell=("practitioner", "manager")))
    assert lines(story) == [("team:hub", "breached")]
    assert story.told[1:] == [("breach_alert", "manager")]
    story.tell(ClockMet(**SAID, due_at=NOW, met_at=NOW))
    assert lines(story) == []
    assert story.case is not None
    assert story.case.settled


def climbed(step: int, person: str) -> ClockEscalated:
    said = {**SAID, "name": "accepted_by_person"}
    return ClockEscalated(
        **said, due_at=NOW, breached_at=NOW, step=step, tell=(person,), by="text_message"
    )


def test_the_ladder_goes_on_until_a_person_accepts() -> None:
    story = Story(packs=fixed())
    for step, person in enumerate(("duty manager", "head of service", "head of service"), 1):
        story.tell(climbed(step, person))
    assert story.case is not None
    steps = [one for one in story.case.messages if one.kind is Kind.ESCALATION]
    # A repeat to the same person stands in for the one that could not go yet.
    assert [(dict(one.details or {})["step"], one.state) for one in steps] == [
        ("1", State.QUEUED),
        ("2", State.CANCELLED),
        ("3", State.QUEUED),
    ]
    story.tell(ClockMet(**SAID, due_at=NOW, met_at=NOW))
    assert {one.state for one in story.case.messages if one.kind is Kind.ESCALATION} == {
        State.CANCELLED
    }


def test_a_ladder_of_roles_alerts_the_manager_and_gives_teams_a_line() -> None:
    story = Story(packs=fixed())
    story.tell(
        ClockEscalated(**SAID, due_at=NOW, breached_at=NOW, step=1, tell=("manager", "panel_chair"))
    )
    assert story.told[1:] == [("escalation", "manager")]
    assert lines(story) == [("team:hub", "escalated")]


def test_what_is_restricted_is_the_managers_alone() -> None:
    story = Story(packs=fixed(), restricted=True)
    assert lines(story.tell(warned("practitioner", "coordinator"))) == [("manager", "warned")]
