"""What panels hear, agree and ask for; and that their calendar names nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from icalendar import Calendar

from chassis.errors import DomainError, InvalidInput
from contracts.events import AgreementStatus, AssigneeKind, Outcome
from services.allocation.actions.domain import Said, answer
from services.allocation.clocks.domain import State
from services.allocation.domain.assigning import assign_work, end_work
from services.allocation.domain.case import AllocationState
from services.allocation.domain.tabling import ActionState, ItemState, PanelOutcome
from services.allocation.offers import domain as offers
from services.allocation.panels import domain
from services.allocation.panels.calendar import feed
from services.allocation.panels.domain import Asked, Conclude
from tests.shipped import SHIPPED
from tests.unit.allocation.story import COORDINATOR, NOW, Story

PACK = SHIPPED.packs["warwickshire"][-1]
PANEL = PACK.allocation.panels["panel_rugby"]
TODAY = date(2026, 4, 2)
FIRST, SECOND, *_ = domain.dates(PANEL, TODAY, PACK.calendar, 3)


class Tabled(Story):
    """A case that goes to the panel of Rugby, and was put on the agenda of its next meeting."""

    def __init__(self, agreement: AgreementStatus = AgreementStatus.GIVEN) -> None:
        super().__init__(outcome="locality_panel")
        if agreement is not AgreementStatus.GIVEN:
            self.case = replace(self.case, agreement=agreement)
        (one,) = domain.to_list(self.case, self.now)
        self.take(domain.put_on_agenda(self.case, one, FIRST, self.packs, self.ids, self.now))
        self.now = datetime.combine(FIRST, NOW.time(), UTC)

    @property
    def item(self):
        return self.case.items[-1]

    def conclude(self, outcome: str = "support_agreed", *, quorate: bool = True, **said):
        command = Conclude(
            self.item.item_id,
            PanelOutcome(outcome),
            COORDINATOR,
            said.pop("today", FIRST),
            quorate,
            next_on=SECOND,
            **said,
        )
        return self.take(domain.conclude(command, self.case, self.packs, self.ids, self.now))


def test_work_never_waits_for_a_panel() -> None:
    case = Story(outcome="locality_panel")
    assert [one.kind for one in case.case.allocations] == [AssigneeKind.PANEL, AssigneeKind.TEAM]
    assert [one.assignee for one in offers.waiting(case.case, NOW)] == [
        "panel_rugby", "early_help_rugby",
    ]  # fmt: skip


def test_without_a_panel_rule_nothing_is_tabled() -> None:
    case = Story()
    assert domain.to_list(case.case, NOW) == ()
    plain = assign_work(case.case, Outcome.EARLY_HELP_ASSESSMENT, NOW, SHIPPED, case.ids, NOW).state
    assert len(plain.allocations) == 2


def test_a_panel_meets_every_four_weeks_and_a_full_meeting_sends_on() -> None:
    assert (SECOND - FIRST).days == 28
    assert domain.room(PANEL, TODAY, PACK.calendar, {FIRST: PANEL.capacity - 1}) == FIRST
    assert domain.room(PANEL, TODAY, PACK.calendar, {FIRST: PANEL.capacity}) == SECOND
    everything = dict.fromkeys(domain.dates(PANEL, TODAY, PACK.calendar, 50), PANEL.capacity)
    assert domain.room(PANEL, TODAY, PACK.calendar, everything) is None


def test_what_was_agreed_is_kept_with_its_actions() -> None:
    case = Tabled()
    told = case.conclude(
        note="The school will be the first to see him.",
        actions=(
            Asked(
                "school", "school_support", FIRST + timedelta(days=7), "A place at breakfast club"
            ),
        ),
    )
    assert (case.item.state, case.item.outcome) == (ItemState.CONCLUDED, "support_agreed")
    assert [note.kind for note in case.case.notes] == ["panel", "action"]
    panel = case.case.allocations[0]
    assert panel.state is AllocationState.ENDED
    assert case.clocks["help_accepted"] == "running"
    said = Said(told["actions"][0]["id"], ActionState.DONE, COORDINATOR)
    case.take(answer(said, case.case, SHIPPED, case.ids, case.now))
    assert case.item.actions[0].state is ActionState.DONE
    with pytest.raises(DomainError, match="action_answered"):
        answer(said, case.case, SHIPPED, case.ids, case.now)
    with pytest.raises(DomainError, match="item_concluded"):
        case.conclude()


def test_before_the_meeting_or_without_quorum_nothing_is_concluded() -> None:
    case = Tabled()
    with pytest.raises(DomainError, match="meeting_to_come"):
        case.conclude(today=FIRST - timedelta(days=1))
    with pytest.raises(DomainError, match="not_quorate"):
        case.conclude(quorate=False)
    case.conclude("deferred", quorate=False)
    assert [(one.meeting_on, one.state) for one in case.case.items] == [
        (FIRST, ItemState.DEFERRED),
        (SECOND, ItemState.LISTED),
    ]
    assert domain.quorate(PANEL, ("school", "police", "housing"))
    assert not domain.quorate(PANEL, ("school", "police", "gp", "courts"))


def test_an_item_has_a_clock_until_the_panel_concludes_and_deferring_wins_no_time() -> None:
    case = Tabled()
    (first,) = [one for one in case.case.clocks if one.name == "panel_item"]
    assert (first.subject_id, first.state) == (case.item.item_id, State.RUNNING)
    case.conclude("deferred")
    case.now = datetime.combine(SECOND, NOW.time(), UTC)
    assert [one for one in case.case.clocks if one.name == "panel_item"] == [first]
    case.conclude(today=SECOND)
    (clock,) = [one for one in case.case.clocks if one.name == "panel_item"]
    assert (clock.state, clock.stopped_at) == (State.BREACHED, case.now), "30 days were over"


def test_an_item_whose_work_ends_otherwise_has_no_clock_left() -> None:
    case = Tabled()
    panel = case.case.allocations[0].allocation_id
    case.take(end_work(case.case, {panel}, "decided_again", NOW, case.packs, case.ids))
    assert case.clocks["panel_item"] == "cancelled"


@pytest.mark.parametrize("status", [AgreementStatus.REFUSED, AgreementStatus.UNKNOWN])
def test_without_agreement_a_panel_hears_the_theme_alone(status: AgreementStatus) -> None:
    case = Tabled(status)
    assert case.item.thematic
    with pytest.raises(DomainError, match="agreement_needed"):
        case.conclude()
    case.conclude("theme_noted")


def test_actions_are_agencies_own_and_to_come() -> None:
    case = Tabled()
    with pytest.raises(InvalidInput) as refused:
        case.conclude(
            actions=(
                Asked("wizards", "team_meeting", FIRST, "Magic"),
                Asked("school", "school_support", TODAY, "Too late"),
                Asked("school", "health_contact", FIRST, "Not theirs"),
                Asked("police", "section_47_enquiry", FIRST, "A social worker's"),
            )
        )
    assert [one.pointer for one in refused.value.errors] == [
        "/actions/0/owner", "/actions/1/by", "/actions/2/kind", "/actions/3/kind",
    ]  # fmt: skip


def test_an_item_moves_to_a_meeting_with_room_that_is_to_come() -> None:
    case = Tabled()

    def move(to: date, taken: dict[date, int] | None = None) -> None:
        days = (FIRST, SECOND)
        case.take(
            domain.move(
                case.item.item_id, to, days, taken or {}, 8, case.case, SHIPPED, case.ids, NOW
            )
        )

    for day in (SECOND + timedelta(days=1), FIRST - timedelta(days=28)):
        with pytest.raises(InvalidInput):
            move(day)
    with pytest.raises(DomainError, match="meeting_full"):
        move(SECOND, {SECOND: 8})
    move(SECOND)
    assert [one.meeting_on for one in case.case.items] == [SECOND]


def test_the_calendar_says_when_and_how_many_and_nothing_of_anybody() -> None:
    body = feed("warwickshire", "panel_rugby", PANEL, (FIRST, SECOND), {FIRST: 3}, NOW)
    events = Calendar.from_ical(body).walk("VEVENT")
    assert [one.decoded("dtstart") for one in events] == [FIRST, SECOND]
    assert str(events[0]["description"]) == f"3 of {PANEL.capacity} items"
    assert {str(one["summary"]) for one in events} == {PANEL.name}
    assert len({str(one["uid"]) for one in events}) == 2
    assert UUID(int=1).hex not in body.decode()
