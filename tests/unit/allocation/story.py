"""One decided Green, and what people do with it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.events import AgeBand, AgreementStatus, Outcome, Rag
from policy.allocation import Candidate, Choice
from policy.loading import PackSet
from services.allocation.domain import Accept, Answerer, Case, Decline, accept, decline, fire
from services.allocation.domain.answering import Because
from services.allocation.domain.assigning import assign_work
from services.allocation.domain.case import Allocation, AllocationState
from services.allocation.offers import domain
from services.allocation.offers.domain import Before, ByHand, OfferByHand
from tests.shipped import SHIPPED

NOW = datetime(2026, 4, 2, 15, 0, tzinfo=UTC)
TEAM = "early_help_rugby"
ADA, BO, CY = (UUID(int=n) for n in (101, 102, 103))
COORDINATOR = Answerer(UUID(int=9), frozenset({"coordinator"}))


def worker(who: UUID, **said: Any) -> Candidate:
    told = {
        "team": TEAM,
        "skills": frozenset({"early_help"}),
        "localities": frozenset({"rugby"}),
        "school_clusters": frozenset(),
        "capacity": 30.0,
        "leads_up_to": 3,
    }
    return Candidate(worker_id=who, **{**told, **said})


class Story:
    """One decided Green of Rugby, and what becomes of it."""

    def __init__(self, *, restricted: bool = False, outcome: str = "early_help_assessment") -> None:
        self.packs: PackSet = SHIPPED
        numbers: Iterator[UUID] = (UUID(int=1000 + n) for n in range(10_000))
        self.ids = lambda: next(numbers)
        self.now = NOW
        self.said: list[str] = []
        self.case = Case(
            referral_id=UUID(int=1),
            authority="warwickshire",
            reference="WAR-000123-K",
            received_at=NOW,
            pack_version="2018.1",
            source_agency="police",
            locality="rugby",
            school_cluster=None,
            agreement=AgreementStatus.GIVEN,
            age_bands=(AgeBand.AGE_5_TO_10,),
            children=(UUID(int=5),),
            rag=Rag.GREEN,
            level=2,
            decided=True,
            restricted=restricted,
        )
        self.take(assign_work(self.case, Outcome(outcome), NOW, self.packs, self.ids, NOW))

    def take(self, change: Any) -> Any:
        change, told = change if isinstance(change, tuple) else (change, {})
        self.case = change.state
        self.said += [type(event).__name__ for event in change.events]
        return told

    def of(self, who: UUID | None) -> Allocation:
        return [one for one in self.case.allocations if one.worker_id == who][-1]

    def offer(self, who: UUID | None, what: Allocation | None = None) -> None:
        choice = Choice(who, "fair_share" if who else "full", "Because")
        (one,) = [what] if what else domain.waiting(self.case, self.now)
        self.take(domain.offer(self.case, one, choice, self.packs, self.ids, self.now))

    def accept(self, who: UUID | None, **said: Any) -> Any:
        me = Answerer(UUID(int=8), frozenset({"practitioner"}), frozenset({who} if who else ()))
        command = Accept(self.of(who).allocation_id, said.pop("by", me), **said)
        return self.take(accept(self.case, command, self.packs, self.ids, self.now))

    def decline(self, who: UUID, because: Because = Because.NO_ROOM, **said: Any) -> Any:
        me = Answerer(UUID(int=8), frozenset(), frozenset({who}))
        command = Decline(self.of(who).allocation_id, me, because, **said)
        return self.take(decline(self.case, command, self.packs, self.ids, self.now))

    def fire(self) -> None:
        change = fire(self.case, self.packs, self.ids, self.now)
        if change:
            self.take(change)

    def by_hand(self, one: Allocation, who: Candidate, **said: Any) -> Any:
        command = OfferByHand(one.allocation_id, who, COORDINATOR, ByHand.OTHER, **said)
        return self.take(
            domain.offer_by_hand(self.case, command, Before(), self.packs, self.ids, self.now)
        )

    def put_back(self, who: UUID) -> None:
        one = self.of(who).allocation_id
        self.take(domain.put_back(self.case, one, TEAM, "left", self.packs, self.ids, self.now))

    @property
    def holders(self) -> list[Allocation]:
        return [
            one
            for one in self.case.allocations
            if one.state in {AllocationState.ASSIGNED, AllocationState.ACCEPTED}
        ]

    @property
    def clocks(self) -> dict[str, str]:
        return {one.name: one.state.value for one in self.case.clocks}
