"""Invented referrals as events, for a queue that looks like a Tuesday morning."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.envelope import Event, EventData, sequence_text
from contracts.events import (
    AgeBand,
    AgreedAction,
    AllocationAssigned,
    AssigneeKind,
    ChildDecision,
    ChildFacts,
    ChildRating,
    ClockStarted,
    ConcernFact,
    MessageSent,
    Outcome,
    Rag,
    Reason,
    ReasonSource,
    ReferralSubmitted,
    TriageDecided,
    TriageRated,
    Urgency,
)
from contracts.registry import type_of

STAFF_ID = UUID("019200aa-0000-7000-8000-000000000001")
NARRATIVE = (
    "Maya came in on Monday with a bruise on her cheek and did not want to say how she got it. "
    "On Tuesday she told her teaching assistant that dad hits mum when he has been drinking, and "
    "that she hides in the wardrobe with Theo. Mum was tearful at the gate. She said that she has "
    "stopped taking her tablets and cannot sleep.\n\nWe are not worried about money. Grandmother "
    "helps at weekends, and both children love being with her."
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One referral to show. `age` is how long ago it came, `left` how long until it is due."""

    number: int
    rag: Rag | None
    agency: str
    concerns: tuple[str, ...]
    ages: tuple[AgeBand, ...]
    locality: str
    age: timedelta
    left: timedelta
    urgency: Urgency = Urgency.STANDARD
    danger: bool = False
    decided: Outcome | None = None

    @property
    def referral_id(self) -> UUID:
        """The same id on every run."""
        return UUID(int=0x01920000_0000_7000_8000_000000000000 + self.number)

    @property
    def reference(self) -> str:
        """A reference with a check character that nobody checks here."""
        return f"WAR-{self.number:06d}-{'ACDEFGHJKLMNPQRTUVWXYZ'[self.number % 22]}"

    @property
    def children(self) -> tuple[UUID, ...]:
        """The ids of its children."""
        return tuple(UUID(int=self.referral_id.int + 256 * (n + 1)) for n in range(len(self.ages)))


def hours(number: float) -> timedelta:
    """A length in hours."""
    return timedelta(hours=number)


SAMPLES = (
    Sample(
        1, Rag.RED, "school", ("domestic_abuse", "physical_abuse", "parental_mental_ill_health"),
        (AgeBand.AGE_5_TO_10, AgeBand.AGE_1_TO_4), "warwick", hours(5), hours(-0.87),
        Urgency.IMMEDIATE,
    ),
    Sample(
        2, Rag.RED, "hospital", ("injury_to_non_mobile_child",), (AgeBand.UNDER_1,), "rugby",
        hours(0.4), hours(0.1), Urgency.IMMEDIATE, danger=True,
    ),
    Sample(
        3, Rag.RED, "police", ("domestic_abuse",), (AgeBand.UNBORN, AgeBand.AGE_1_TO_4),
        "nuneaton_and_bedworth", hours(2), hours(1.43), Urgency.SAME_DAY,
    ),
    Sample(
        4, Rag.AMBER, "health_visitor", ("neglect", "parental_mental_ill_health"),
        (AgeBand.UNDER_1, AgeBand.AGE_5_TO_10, AgeBand.AGE_11_TO_15), "warwick", hours(20),
        hours(-2.5), Urgency.SAME_DAY,
    ),
    Sample(
        5, Rag.AMBER, "school", ("criminal_exploitation", "missing"), (AgeBand.AGE_11_TO_15,),
        "stratford", hours(3), hours(5), Urgency.SAME_DAY,
    ),
    Sample(
        6, Rag.AMBER, "gp", ("self_harm", "child_mental_ill_health"), (AgeBand.AGE_16_TO_17,),
        "north_warwickshire", hours(4), hours(20),
    ),
    Sample(
        7, Rag.GREEN, "school", ("poor_attendance",), (AgeBand.AGE_5_TO_10,), "rugby", hours(23),
        hours(0.6),
    ),
    Sample(
        8, Rag.GREEN, "housing", ("housing", "financial_hardship"),
        (AgeBand.AGE_1_TO_4, AgeBand.AGE_1_TO_4), "nuneaton_and_bedworth", hours(6), hours(22),
    ),
    Sample(9, Rag.GREEN, "charity", (), (AgeBand.AGE_11_TO_15,), "north_warwickshire", hours(7), hours(52)),
    Sample(10, None, "police", ("missing",), (AgeBand.AGE_16_TO_17,), "rugby", hours(0.01), hours(23)),
    Sample(
        11, Rag.AMBER, "midwife", ("unborn_child", "parental_substance_misuse"),
        (AgeBand.UNBORN,), "nuneaton_and_bedworth", hours(30), hours(90),
        decided=Outcome.CHILD_AND_FAMILY_ASSESSMENT,
    ),
    Sample(
        12, Rag.GREEN, "early_years", ("parenting_support",), (AgeBand.AGE_1_TO_4,), "stratford",
        hours(48), hours(70), decided=Outcome.EARLY_HELP_ASSESSMENT,
    ),
)  # fmt: skip


def events(sample: Sample, now: datetime) -> Iterator[Event[Any]]:
    """What the house would have said about `sample` by `now`."""
    received = now - sample.age
    said: list[EventData] = [_submitted(sample, received)]
    if sample.rag:
        said.append(_rated(sample, received, sample.rag))
    said.append(
        ClockStarted(
            clock_id=UUID(int=sample.referral_id.int + 7),
            name="hub_enquiry",
            due_at=now + sample.left,
            started_at=received,
            calendar_version="2026.1",
            explanation="Within the time that the pack gives.",
        )
    )
    if sample.rag is Rag.RED:
        said.append(_to_duty(sample))
    if sample.decided and sample.rag:
        said += _decided(sample, sample.rag, received + hours(1))
    for number, data in enumerate(said, start=1):
        yield envelope(sample.referral_id, data, number, received)


def envelope(referral_id: UUID, data: EventData, number: int, at: datetime) -> Event[Any]:
    """`data` as it would stand in the log."""
    return Event(
        id=uuid4(),
        source="sample",
        type=type_of(type(data)).type,
        subject=referral_id,
        time=at.astimezone(UTC),
        partitionkey=str(referral_id),
        sequence=sequence_text(number),
        authority="warwickshire",
        correlationid=uuid4(),
        data=data,
    )


def _submitted(sample: Sample, received: datetime) -> ReferralSubmitted:
    return ReferralSubmitted(
        reference=sample.reference,
        received_at=received,
        pack_version="2018.1",
        children=tuple(
            ChildFacts(child_id=child_id, age_band=band)
            for child_id, band in zip(sample.children, sample.ages, strict=True)
        ),
        concerns=tuple(ConcernFact(code=code) for code in sample.concerns),
        immediate_danger=sample.danger,
        source_agency=sample.agency,
        census_source="2B",
        organisation_id=uuid4(),
        basis="public_task",
        locality=sample.locality,
    )


def _rated(sample: Sample, received: datetime, rag: Rag) -> TriageRated:
    return TriageRated(
        reference=sample.reference,
        received_at=received,
        rag=rag,
        level=4 if rag is Rag.RED else 3,
        urgency=sample.urgency,
        children=tuple(
            ChildRating(child_id=child_id, rag=rag, level=3, urgency=sample.urgency)
            for child_id in sample.children
        ),
        reasons=(
            Reason(indicator="sample", clause="sample", level=3, source=ReasonSource.CONCERN),
        ),
        pack_version="2018.1",
        locality=sample.locality,
        source_agency=sample.agency,
    )


def _to_duty(sample: Sample) -> AllocationAssigned:
    return AllocationAssigned(
        allocation_id=UUID(int=sample.referral_id.int + 8),
        kind=AssigneeKind.DUTY,
        assignee="duty",
        rule="red_to_duty",
        rag=Rag.RED,
        urgent=True,
    )


def _decided(sample: Sample, rag: Rag, at: datetime) -> list[EventData]:
    return [
        TriageDecided(
            decision_id=uuid4(),
            decided_at=at,
            staff_id=STAFF_ID,
            role="practitioner",
            rag=rag,
            children=tuple(
                ChildDecision(child_id=child_id, rag=rag, outcome=sample.decided)
                for child_id in sample.children
                if sample.decided
            ),
            suggested=rag,
            rationale_id=uuid4(),
            actions=(AgreedAction(action_id=uuid4()),),
            pack_version="2018.1",
        ),
        MessageSent(
            message_id=uuid4(), kind="decision", channel="email", audience="referrer", sent_at=at
        ),
    ]
