"""Up, down and away: somebody holds it until the receiver accepts, and loops are seen."""

from dataclasses import replace

import pytest

from chassis.errors import DomainError, Forbidden
from contracts.events import AgreementStatus, AssigneeKind, Outcome
from services.allocation.domain.answering import Answerer
from services.allocation.domain.helping import Direction, EndedBecause, PaperKind
from services.allocation.stepping import domain
from services.allocation.stepping.domain import Away, GivenBack, Move, Why
from tests.unit.allocation.story import ADA, COORDINATOR
from tests.unit.allocation.test_leading import Led

MANAGER = Answerer(COORDINATOR.person_id, frozenset({"manager", "duty"}))


class Moving(Led):
    """A case that Ada leads, and that moves."""

    @property
    def at(self):
        return self.case, self.packs, self.ids, self.now

    def ask(self, direction: Direction, *, planned: bool = True, **said):
        one = self.holders[0].allocation_id
        command = Move(one, direction, planned, Why.NEED_ROSE, MANAGER, **said)
        return self.take(domain.ask(command, self.case, self.packs, self.ids, self.now))

    def take_on(self):
        receiver = self.case.steps[-1].to_id
        from services.allocation.domain import Accept, accept

        command = Accept(receiver, MANAGER)
        return self.take(accept(self.case, command, self.packs, self.ids, self.now))

    def give_back(self, who: Answerer = MANAGER):
        receiver = self.case.steps[-1].to_id
        return self.take(
            domain.give_back(
                receiver, GivenBack.THRESHOLD_NOT_MET, "No.", who, self.case, self.packs,
                self.ids, self.now,
            )
        )  # fmt: skip


def test_whoever_has_it_holds_it_until_the_receiver_accepts() -> None:
    case = Moving()
    case.write(PaperKind.PLAN, text="The plan.")
    case.ask(Direction.UP, note="He came with a bruise.")
    assert {one.assignee for one in case.holders} == {str(ADA), "assessment"}
    assert case.of(None).needs == ("social_work",)
    assert "CaseSteppedUp" not in case.said
    case.take_on()
    assert {one.assignee for one in case.holders} == {"assessment"}
    assert case.said.count("CaseSteppedUp") == 1
    assert [one.kind for one in case.case.papers] == [PaperKind.PLAN], "the story goes along"
    assert case.clocks["review"] != "running"


def test_a_receiver_gives_it_back_and_whoever_had_it_has_it_still() -> None:
    case = Moving()
    case.ask(Direction.UP)
    with pytest.raises(DomainError, match="step_asked"):
        case.take(
            domain.ask(
                Move(case.mine, Direction.UP, True, Why.OTHER, MANAGER),
                case.case, case.packs, case.ids, case.now,
            )
        )  # fmt: skip
    with pytest.raises(Forbidden):
        case.give_back(Answerer(MANAGER.person_id, frozenset({"analyst"})))
    case.give_back()
    assert {one.assignee for one in case.holders} == {str(ADA)}
    with pytest.raises(DomainError, match="no_step"):
        case.give_back()
    case.ask(Direction.UP)


def test_an_unplanned_step_up_is_dutys_at_once() -> None:
    case = Moving()
    case.ask(Direction.UP, planned=False)
    duty = case.case.allocations[-1]
    assert (duty.kind, duty.assignee, duty.urgent) == (AssigneeKind.DUTY, "duty", True)
    with pytest.raises(DomainError, match="duty_decides"):
        case.give_back()
    case.take_on()
    assert {one.assignee for one in case.holders} == {"duty"}


def test_a_step_down_needs_agreement() -> None:
    case = Moving()
    case.case = replace(case.case, agreement=AgreementStatus.REFUSED)
    with pytest.raises(DomainError, match="agreement_needed"):
        case.ask(Direction.DOWN)


def test_up_and_down_three_times_is_seen() -> None:
    case = Moving()
    told = []
    for direction in (Direction.UP, Direction.DOWN, Direction.UP):
        told.append(case.ask(direction)["loops"])
        case.take_on()
    assert told == [False, False, False]
    assert domain.turns(case.case.steps) == 3
    assert case.ask(Direction.DOWN)["loops"]


def test_another_authority_has_it_only_once_it_said_so() -> None:
    case = Moving()
    step = case.ask(Direction.AWAY, to="walsall")["id"]
    assert {one.assignee for one in case.holders} == {str(ADA)}
    case.take(domain.kept_here(step, MANAGER, GivenBack.NEED_TOO_HIGH, "No.", *case.at))
    assert {one.assignee for one in case.holders} == {str(ADA)}
    with pytest.raises(DomainError, match="step_answered"):
        domain.taken_away(step, MANAGER, None, None, *case.at)
    step = case.ask(Direction.AWAY, to="elsewhere-shire")["id"]
    case.take(domain.taken_away(step, MANAGER, None, None, *case.at))
    assert case.case.ended is not None
    assert case.case.ended.reason is EndedBecause.TRANSFERRED
    assert case.holders == []


def test_what_is_anothers_goes_as_a_whole_once_it_is_accepted() -> None:
    case = Moving()
    command = Away("walsall", Why.MOVED_HOME, MANAGER)
    with pytest.raises(DomainError, match="not_elsewhere"):
        domain.ask_away(command, *case.at)
    case.case = replace(case.case, outcomes=(Outcome.ANOTHER_AUTHORITY,))
    step = case.take(domain.ask_away(command, *case.at))["id"]
    with pytest.raises(DomainError, match="step_asked"):
        domain.ask_away(command, *case.at)
    assert case.holders, "it is kept safe until then"
    case.take(domain.taken_away(step, MANAGER, None, None, *case.at))
    assert case.holders == []
    assert case.case.ended.reason is EndedBecause.TRANSFERRED
