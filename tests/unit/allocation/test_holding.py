"""Who holds a referral, from the moment a rule or a person gave it to somebody."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import EventData
from contracts.events import (
    AgeBand,
    AllocationAssigned,
    AllocationEnded,
    ChildDecision,
    ChildFacts,
    ChildRating,
    Outcome,
    Rag,
    ReferralSubmitted,
    TriageDecided,
    TriageRated,
    TriageWithdrawn,
    Urgency,
)
from contracts.registry import type_of
from policy.loading import PackSet
from services.allocation.domain import AllocationState, Case
from services.allocation.handlers import HANDLERS

# A Saturday night: the emergency duty team's.
CLOSED = datetime(2026, 3, 7, 23, 0, tzinfo=UTC)
OPEN = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
REFERRAL = UUID(int=1)
CHILDREN = (UUID(int=5), UUID(int=6))
DECISION = UUID(int=9)
NO_WORK = (Outcome.NO_FURTHER_ACTION, Outcome.INFORMATION_AND_ADVICE)
ELSEWHERE = (Outcome.ALREADY_OPEN, Outcome.ANOTHER_AUTHORITY)


class Story:
    """One referral, told event by event, and who held it after each event that came of it."""

    def __init__(self, packs: PackSet, now: datetime) -> None:
        self.packs, self.now = packs, now
        self.case: Case | None = None
        self.ended: list[str] = []
        self.holders: list[frozenset[UUID]] = []
        self._numbers: Iterator[UUID] = (UUID(int=100 + n) for n in range(10_000))
        facts = tuple(ChildFacts(child_id=one, age_band=AgeBand.UNDER_1) for one in CHILDREN)
        self.tell(
            ReferralSubmitted(
                reference="WAR-000123-K",
                received_at=now,
                pack_version="2018.1",
                children=facts,
                source_agency="school",
                census_source="1A",
                organisation_id=UUID(int=7),
                basis="public_task",
            )
        )

    def tell(self, data: EventData) -> None:
        known = type_of(type(data))
        event: Any = known.envelope(
            id=next(self._numbers),
            source="elsewhere/1",
            type=known.type,
            subject=REFERRAL,
            time=self.now,
            partitionkey=str(REFERRAL),
            sequence="0000000001",
            authority="warwickshire",
            correlationid=UUID(int=1),
            data=data,
        )
        answer = HANDLERS[type(data)]
        change = answer(self.case, event, self.packs, lambda: next(self._numbers), self.now)
        if change is None:
            return
        self.case = change.state
        for said in change.events:
            held = self.holders[-1] if self.holders else frozenset()
            if isinstance(said, AllocationAssigned):
                self.holders.append(held | {said.allocation_id})
            elif isinstance(said, AllocationEnded):
                self.ended.append(said.reason)
                self.holders.append(held - {said.allocation_id})

    def rated(self, rag: Rag) -> None:
        children = tuple(
            ChildRating(child_id=one, rag=rag, level=4, urgency=Urgency.IMMEDIATE)
            for one in CHILDREN
        )
        self.tell(
            TriageRated(
                reference="WAR-000123-K",
                received_at=self.now,
                rag=rag,
                level=4,
                urgency=Urgency.IMMEDIATE,
                children=children,
                pack_version="2018.1",
            )
        )

    def decided(self, rag: Rag, outcomes: Sequence[Outcome]) -> None:
        self.tell(
            TriageDecided(
                decision_id=DECISION,
                decided_at=self.now,
                staff_id=DECISION,
                role="manager",
                rag=rag,
                children=tuple(
                    ChildDecision(child_id=child, rag=rag, outcome=outcome)
                    for child, outcome in zip(CHILDREN, outcomes, strict=True)
                ),
                suggested=Rag.RED,
                rationale_id=DECISION,
                pack_version="2018.1",
            )
        )

    @property
    def open(self) -> list[Any]:
        assert self.case is not None
        return [one for one in self.case.allocations if one.state is not AllocationState.ENDED]


def test_red_suggested_and_decided_at_night_is_with_the_emergency_team_once(
    packs: PackSet,
) -> None:
    story = Story(packs, CLOSED)
    story.rated(Rag.RED)
    story.decided(Rag.RED, [Outcome.STRATEGY_DISCUSSION] * 2)
    (held,) = story.open
    assert held.assignee == "edt"
    assert not held.urgent
    assert story.ended == ["decided"]
    assert all(story.holders)


def test_what_goes_to_nobody_leaves_duty_with_nothing(packs: PackSet) -> None:
    story = Story(packs, OPEN)
    story.rated(Rag.RED)
    story.decided(Rag.NONE, [Outcome.NO_FURTHER_ACTION] * 2)
    assert story.open == []
    assert story.ended == ["decided"]


@pytest.mark.parametrize("outcome", ELSEWHERE)
def test_duty_keeps_what_somebody_outside_has_yet_to_take(packs: PackSet, outcome: Outcome) -> None:
    story = Story(packs, OPEN)
    story.rated(Rag.RED)
    story.decided(Rag.RED, [outcome, Outcome.STRATEGY_DISCUSSION])
    assert [one.urgent for one in story.open] == [True, False]
    assert story.ended == []


def test_a_withdrawn_referral_is_with_nobody(packs: PackSet) -> None:
    story = Story(packs, OPEN)
    story.rated(Rag.RED)
    story.tell(
        TriageWithdrawn(
            decision_id=DECISION,
            concluded_at=OPEN,
            staff_id=DECISION,
            role="manager",
            rationale_id=DECISION,
        )
    )
    assert story.open == []
    assert story.ended == ["withdrawn"]


STEPS = st.one_of(
    st.tuples(st.just("rated"), st.sampled_from([Rag.RED, Rag.AMBER])),
    st.tuples(st.just("decided"), st.tuples(st.sampled_from(Outcome), st.sampled_from(Outcome))),
)


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(0, 40), STEPS), min_size=1, max_size=6),
    night=st.booleans(),
)
def test_nothing_that_somebody_held_is_ever_with_nobody(
    packs: PackSet, steps: list[tuple[int, Any]], night: bool
) -> None:
    story = Story(packs, CLOSED if night else OPEN)
    for hours, (what, said) in steps:
        story.now += timedelta(hours=hours)
        if what == "rated":
            story.rated(said)
            continue
        before = len(story.holders)
        had = bool(story.open)
        story.decided(Rag.AMBER, said)
        if set(said) <= set(NO_WORK):
            assert story.open == []
        elif had:
            assert all(story.holders[before:])
        if set(said).isdisjoint(ELSEWHERE):
            assert not any(one.urgent for one in story.open)
