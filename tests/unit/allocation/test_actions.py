"""What an agency is asked to do: within its role, accepted by whoever was asked, followed to its end."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from chassis.errors import DomainError, Forbidden, InvalidInput
from contracts import codes
from contracts.events import AgreementStatus, Rag
from services.allocation.actions import domain
from services.allocation.actions.domain import Ask, Said
from services.allocation.domain.answering import Answerer
from services.allocation.domain.tabling import ActionState
from tests.unit.allocation.story import ADA, BO, COORDINATOR, NOW, Story

TODAY = NOW.date()
HUB = Answerer(UUID(int=7), frozenset({"practitioner"}))
ME = Answerer(UUID(int=8), frozenset({"referrer"}), frozenset({ADA}))


class Asking(Story):
    """Ada, a health visitor, is asked to do things."""

    def ask(
        self, kind: str = "health_contact", agency: str = "health_visitor", by: date = TODAY
    ) -> UUID:
        command = Ask(kind, ADA, agency, by, "Weigh the baby.", HUB)
        told = self.take(domain.ask(command, self.case, self.packs, self.ids, self.now))
        return told["id"]

    def say(self, action: UUID, state: str, who: Answerer = ME, note: str | None = None):
        command = Said(action, ActionState(state), who, note)
        return self.take(domain.answer(command, self.case, self.packs, self.ids, self.now))


def test_whoever_was_asked_accepts_and_nobody_else_for_them_but_a_coordinator() -> None:
    case = Asking()
    first, second = case.ask(), case.ask()
    for stranger in (HUB, Answerer(UUID(int=9), frozenset({"referrer"}), frozenset({BO}))):
        with pytest.raises(Forbidden):
            case.say(first, "accepted", stranger)
    case.say(first, "accepted", note="On Tuesday.")
    case.say(first, "done")
    case.say(second, "declined", COORDINATOR)
    assert [one.state for one in case.case.actions] == ["done", "declined"]
    for over in (first, second):
        with pytest.raises(DomainError, match="action_answered"):
            case.say(over, "accepted")
    assert [note.kind for note in case.case.notes] == ["action", "action", "action_answer"]
    assert case.said.count("CaseMilestoneRecorded") == 5


@pytest.mark.parametrize(
    ("kind", "agency", "at"),
    [
        ("health_contact", "school", "/kind"),
        ("safety_contact", "housing", "/kind"),
        ("school_support", "police", "/kind"),
        ("stay_alert", "neighbour_or_friend", "/kind"),
        ("section_47_enquiry", "police", "/kind"),
    ],
)
def test_nobody_is_asked_for_what_is_not_within_their_role(kind: str, agency: str, at: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Asking().ask(kind, agency)
    assert [one.pointer for one in refused.value.errors] == [at]


def test_no_statutory_task_can_be_asked_for() -> None:
    assert not {"assessment", "enquiry", "conference", "strategy"} & {
        word for code in codes.HELP for word in code.split("_")
    }


@pytest.mark.parametrize("by", [TODAY - timedelta(days=1), TODAY + timedelta(days=400)])
def test_a_day_that_cannot_be_is_refused(by: date) -> None:
    with pytest.raises(InvalidInput):
        Asking().ask(by=by)


def test_a_family_that_refuses_help_is_asked_first_unless_it_is_red() -> None:
    case = Asking()
    case.case = replace(case.case, agreement=AgreementStatus.REFUSED)
    with pytest.raises(DomainError, match="agreement_needed"):
        case.ask()
    case.case = replace(case.case, rag=Rag.RED)
    case.ask()


def test_each_action_has_a_clock_until_it_is_answered() -> None:
    case = Asking()
    first, second = case.ask(), case.ask()
    case.say(first, "accepted")
    clocks = {one.subject_id: one.state for one in case.case.clocks if one.name == "help_accepted"}
    assert clocks == {first: "met", second: "running"}
