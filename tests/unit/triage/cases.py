"""Cases of triage for tests, made as they are made: from what intake says."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Event, EventData
from contracts.events import (
    AgeBand,
    AgreementStatus,
    ChildFacts,
    ConcernFact,
    Impact,
    ReferralSubmitted,
)
from contracts.registry import type_of
from policy.loading import PackSet
from services.triage.domain import Case, Person, on_submitted

# A Thursday in term time, 10 in the morning: the hub is open until 17:00.
OPEN = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
REFERRAL = UUID(int=1)
CHILDREN = (UUID(int=5), UUID(int=6))
AUTHORITY = "warwickshire"
# What each suggests for a child of school age.
RED = ConcernFact(code="neglect", impact=Impact.SERIOUS)
AMBER = ConcernFact(code="neglect", impact=Impact.SOME)
GREEN = ConcernFact(code="poor_attendance", impact=Impact.SOME)


class Ids:
    """New ids, in order."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = iter(range(1000, 1_000_000))

    def __call__(self) -> UUID:
        return UUID(int=next(self._numbers))


def event_of(said: EventData, now: datetime = OPEN) -> Event[Any]:
    """What is said, as triage hears it."""
    event: Event[Any] = type_of(type(said)).envelope(
        id=UUID(int=2),
        source="/frontdoor/intake/1",
        type=type_of(type(said)).type,
        subject=REFERRAL,
        time=now,
        partitionkey=str(REFERRAL),
        sequence="0000000001",
        authority=AUTHORITY,
        correlationid=UUID(int=3),
        data=said,
    )
    return event


def submitted(
    packs: PackSet,
    *concerns: ConcernFact,
    now: datetime = OPEN,
    children: tuple[UUID, ...] = CHILDREN,
    **facts: Any,
) -> Case:
    """A case as the rules rated it."""
    said = ReferralSubmitted(
        **{
            "reference": "WAR-000123-K",
            "received_at": now,
            "pack_version": "2018.1",
            "children": tuple(
                ChildFacts(child_id=one, age_band=AgeBand.AGE_5_TO_10) for one in children
            ),
            "concerns": concerns,
            "source_agency": "school",
            "census_source": "2A",
            "organisation_id": UUID(int=7),
            "basis": "public_task",
            "agreement": AgreementStatus.GIVEN,
            **facts,
        }
    )
    change = on_submitted(None, event_of(said, now), packs, Ids(), now)
    assert change is not None
    return change.state


def person(number: int = 1, *roles: str, qualified: bool = True) -> Person:
    """Somebody of the hub: a practitioner unless it is said what else."""
    return Person(
        UUID(int=100 + number),
        f"person-{number}",
        frozenset(roles or {"practitioner"}),
        frozenset({"social_worker"} if qualified else ()),
    )
