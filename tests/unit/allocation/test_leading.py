"""The lead professional's part, from acceptance to closing, and the clocks that wait for it."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from chassis.errors import DomainError, Forbidden, InvalidInput
from contracts.events import CaseClosed
from services.allocation.domain.answering import Answerer
from services.allocation.domain.helping import EndedBecause, PaperKind, Score
from services.allocation.leading import domain
from services.allocation.leading.domain import Close, Record, Write
from tests.unit.allocation.story import ADA, BO, COORDINATOR, NOW, Story, worker

ME = Answerer(UUID(int=8), frozenset(), frozenset({ADA}))
TODAY = date(2026, 4, 2)


class Led(Story):
    """A case that Ada leads."""

    def __init__(self) -> None:
        super().__init__()
        self.offer(ADA)
        self.accept(ADA)
        self.mine = self.of(ADA).allocation_id

    def record(self, milestone: str, on: date = TODAY, **said):
        command = Record(self.mine, milestone, on, said.pop("who", ME), **said)
        return self.take(domain.record(command, self.case, self.packs, self.ids, self.now))

    def write(self, kind: PaperKind, on: date = TODAY, **said):
        command = Write(self.mine, kind, on, ME, **said)
        return self.take(domain.write(command, self.case, self.packs, self.ids, self.now))

    def sign(self, paper: UUID, who: Answerer = COORDINATOR):
        return self.take(
            domain.sign(paper, self.mine, who, self.case, self.packs, self.ids, self.now)
        )

    def close(self, reason: EndedBecause = EndedBecause.NEEDS_MET, **said):
        command = Close(self.mine, reason, TODAY, ME, **said)
        return self.take(domain.close(command, self.case, self.packs, self.ids, self.now))


def test_contact_assessment_plan_and_review_stop_their_clocks() -> None:
    case = Led()
    assert case.clocks["first_contact"] == "running"
    case.record("first_contact")
    assert case.clocks["first_contact"] == "met"
    case.write(PaperKind.ASSESSMENT, text="What life is like.")
    assert case.clocks["early_help_assessment"] == "met"
    case.write(PaperKind.PLAN, kept_as="EHM-1")
    assert case.clocks["plan"] == "met"
    assert case.clocks["review"] == "running"
    meeting = {"agencies": ("school", "health_visitor"), "kept_as": "EHM-7"}
    case.record("review", next_on=date(2026, 5, 14), **meeting)
    assert case.case.milestones[-1].kept_as == "EHM-7"
    assert [one.milestone for one in case.case.milestones] == [
        "first_contact", "assessment", "plan", "review",
    ]  # fmt: skip


def test_a_live_paper_is_shown_before_another_is_started() -> None:
    case = Led()
    first = case.write(PaperKind.PLAN, text="One.")["id"]
    with pytest.raises(DomainError, match="live_paper"):
        case.write(PaperKind.PLAN, text="Two.")
    second = case.write(PaperKind.PLAN, text="Two.", replaces=first)
    assert second["version"] == 2
    with pytest.raises(DomainError, match="paper_replaced"):
        case.write(PaperKind.PLAN, text="Three.", replaces=first)
    with pytest.raises(InvalidInput):
        case.write(PaperKind.ASSESSMENT, text="Other.", replaces=second["id"])
    case.write(PaperKind.PLAN, text="For the other home.", anew=True)
    assert [one.milestone for one in case.case.milestones] == ["plan", "plan"]


def test_another_signs_what_was_written_and_once() -> None:
    case = Led()
    paper = case.write(PaperKind.ASSESSMENT, text="What life is like.")["id"]
    with pytest.raises(Forbidden):
        case.sign(paper, ME)
    case.sign(paper)
    with pytest.raises(DomainError, match="paper_signed"):
        case.sign(paper)


def test_nothing_is_recorded_by_others_nor_before_acceptance_nor_on_wrong_days() -> None:
    case = Led()
    with pytest.raises(Forbidden):
        case.record("first_contact", who=Answerer(UUID(int=7), frozenset({"practitioner"})))
    for on in (TODAY + timedelta(days=1), TODAY - timedelta(days=1)):
        with pytest.raises(InvalidInput):
            case.record("first_contact", on)
    with pytest.raises(InvalidInput):
        case.record("review", next_on=TODAY)
    waiting = Story()
    waiting.offer(ADA)
    one = waiting.of(ADA).allocation_id
    with pytest.raises(DomainError, match="not_accepted"):
        domain.record(
            Record(one, "first_contact", TODAY, ME), waiting.case, waiting.packs, waiting.ids, NOW
        )


def test_what_is_recorded_late_counts_on_its_day() -> None:
    case = Led()
    case.now = NOW + timedelta(days=20)
    case.record("first_contact", TODAY)
    assert case.clocks["first_contact"] == "met"


def test_closing_ends_all_and_says_how_far_they_came() -> None:
    case = Led()
    case.by_hand(case.of(ADA), worker(BO), joint=True)
    case.record("first_contact", scores=(Score("home", 3), Score("school", 5)))
    told = case.close(scores=(Score("home", 7),))
    assert told["closed"]
    assert case.said.count(CaseClosed.__name__) == 1
    assert not any(one.open for one in case.case.allocations)
    assert "running" not in {
        state for name, state in case.clocks.items() if name in {"review", "plan", "first_contact"}
    }
    assert domain.distance(case.case.milestones) == {"home": (3, 7)}
    with pytest.raises(DomainError, match="allocation_ended"):
        case.close()
