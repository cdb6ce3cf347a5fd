"""What a record of a discussion must say, and which notifications are one incident."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Forbidden, InvalidInput
from contracts.codes import HEALTH, SOCIAL_CARE
from contracts.codes.discussing import DOMESTIC_ABUSE_ADVISER
from contracts.events import (
    ConcernFact,
    DiscussionKind,
    DiscussionRecorded,
    Enquiry,
    IncidentLinked,
    IncidentUnlinked,
    Rag,
)
from policy.loading import PackSet
from services.triage.domain import Attender, Case, ChildAgreed
from services.triage.domain.discussing import RecordDiscussion, record_discussion
from services.triage.domain.incidents import Notification, by_incident
from services.triage.handlers import HANDLERS
from tests.unit.triage.cases import (
    AMBER,
    AUTHORITY,
    CHILDREN,
    OPEN,
    RED,
    Ids,
    event_of,
    person,
    submitted,
)

AGREED = "Seen today by a social worker."
STRATEGY = tuple(Attender(one) for one in (SOCIAL_CARE, "police", "health_visitor"))
LATER = OPEN + timedelta(hours=2)


def record(case: Case, packs: PackSet, **said: Any) -> tuple[Case, DiscussionRecorded]:
    command = RecordDiscussion(
        **{
            "person": person(),
            "kind": DiscussionKind.STRATEGY,
            "held_at": OPEN + timedelta(hours=1),
            "attended": STRATEGY,
            "shared": "Each agency said what it knows.",
            "children": tuple(ChildAgreed(one, AGREED, Enquiry.JOINT) for one in CHILDREN),
            "safety_plan": "They stay with their grandmother.",
            **said,
        }
    )
    change, _ = record_discussion(case, command, packs, Ids(), LATER)
    (event,) = change.events
    assert isinstance(event, DiscussionRecorded)
    return change.state, event


def pointers(case: Case, packs: PackSet, **said: Any) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        record(case, packs, **said)
    return [error.pointer for error in refused.value.errors]


@given(st.sets(st.sampled_from([SOCIAL_CARE, "police", "school", *sorted(HEALTH)])))
def test_a_strategy_discussion_needs_social_care_police_and_health(
    packs: PackSet, there: set[str]
) -> None:
    case = submitted(packs, RED)
    attended = tuple(Attender(one) for one in sorted(there))
    if {SOCIAL_CARE, "police"} <= there and there & HEALTH:
        _, event = record(case, packs, attended=attended)
        assert set(event.agencies) == there
    else:
        assert pointers(case, packs, attended=attended) == ["/attended"]


def test_what_is_said_outside_holds_no_words(packs: PackSet) -> None:
    attended = (*STRATEGY, Attender("school", "Jo Example", "Head of year"))
    case, event = record(submitted(packs, RED), packs, attended=attended)
    assert [child.enquiry for child in event.children] == [Enquiry.JOINT, Enquiry.JOINT]
    said = event.model_dump_json()
    assert not [words for words in ("Jo Example", AGREED, "grandmother") if words in said]
    assert case.last_discussed_at == OPEN + timedelta(hours=1)
    assert len(case.discussed) == 1


@pytest.mark.parametrize(
    "said, pointer",
    [
        ({"children": (ChildAgreed(CHILDREN[0], AGREED),)}, "/children"),
        ({"children": tuple(ChildAgreed(one, "Yes") for one in CHILDREN)}, "/children/0/agreed"),
        (
            {"children": tuple(ChildAgreed(one, AGREED) for one in (*CHILDREN, UUID(int=9)))},
            "/children/2/child_id",
        ),
        ({"shared": "Things"}, "/shared"),
        ({"safety_plan": None}, "/safety_plan"),
        ({"held_at": LATER + timedelta(hours=1)}, "/held_at"),
        ({"held_at": OPEN - timedelta(days=1)}, "/held_at"),
        ({"next_on": date(2026, 3, 4)}, "/next_on"),
        ({"attended": (*STRATEGY, Attender("coven"))}, "/attended/3/agency"),
        ({"kind": DiscussionKind.HUB}, "/children/0/enquiry"),
        ({"kind": DiscussionKind.DOMESTIC_ABUSE_TRIAGE}, "/safe_contact"),
    ],
)
def test_what_is_missing_is_pointed_at(packs: PackSet, said: dict[str, Any], pointer: str) -> None:
    assert pointer in pointers(submitted(packs, RED), packs, **said)


def test_who_belongs_to_a_triage_of_domestic_abuse_is_said_by_the_pack(packs: PackSet) -> None:
    here = submitted(packs, RED)
    there = replace(here, authority="stockton-on-tees")
    triage: dict[str, Any] = {
        "kind": DiscussionKind.DOMESTIC_ABUSE_TRIAGE,
        "attended": (Attender(SOCIAL_CARE), Attender("police")),
        "children": tuple(ChildAgreed(one, AGREED) for one in CHILDREN),
        "safe_contact": "By text on weekdays before noon.",
        "marac": False,
    }
    _, event = record(here, packs, **triage)
    assert set(event.agencies) == {SOCIAL_CARE, "police"}
    with pytest.raises(InvalidInput) as refused:
        record(there, packs, **triage)
    (error,) = refused.value.errors
    assert error.detail == "Without domestic abuse adviser it is no such discussion."
    triage["attended"] += (Attender(DOMESTIC_ABUSE_ADVISER),)
    record(there, packs, **triage)


def test_somebody_without_the_qualification_records_none(packs: PackSet) -> None:
    with pytest.raises(Forbidden):
        record(submitted(packs, RED), packs, person=person(qualified=False))


def test_a_case_knows_that_it_tells_of_domestic_abuse(packs: PackSet) -> None:
    assert submitted(packs, ConcernFact(code="domestic_abuse")).domestic_abuse
    assert not submitted(packs, AMBER).domestic_abuse


def notification(number: int, hours: float, *links: int, rag: Rag = Rag.AMBER) -> Notification:
    return Notification(
        referral_id=UUID(int=number),
        authority=AUTHORITY,
        reference=f"WAR-{number}",
        received_at=OPEN + timedelta(hours=hours),
        source_agency="police",
        status="to_decide",
        rag=rag,
        children=1,
        links=tuple(UUID(int=one) for one in links),
    )


WITHIN = {AUTHORITY: timedelta(days=3)}


def test_two_that_tell_of_one_night_are_one_incident() -> None:
    told = [
        notification(1, 0),
        notification(2, 5, 1),
        notification(3, 6, 2, rag=Rag.RED),
        notification(4, 7),
        notification(5, 200, 1),
        notification(6, 8, 99),
        notification(7, 9, 99),
    ]
    groups = [[one.referral_id.int for one in group] for group in by_incident(told, WITHIN)]
    assert groups == [[1, 2, 3], [4], [6, 7], [5]]


def test_what_somebody_said_of_an_incident_goes_before_the_time() -> None:
    one, two, three = notification(1, 0), notification(2, 5, 1), notification(3, 200)
    late = replace(three, incidents=(two.referral_id,))
    apart = replace(two, apart=(one.referral_id,))
    groups = [[one.referral_id.int for one in group] for group in
              by_incident([one, apart, late], WITHIN)]  # fmt: skip
    assert groups == [[1], [2, 3]]


def test_a_case_remembers_what_was_said_last_of_an_incident(packs: PackSet) -> None:
    other = UUID(int=9)
    case = submitted(packs, AMBER)
    for said, kept in (
        (IncidentLinked(other_referral_id=other, how="matched"), ((other,), ())),
        (IncidentUnlinked(other_referral_id=other), ((), (other,))),
        (IncidentLinked(other_referral_id=other, how="person"), ((other,), ())),
    ):
        change = HANDLERS[type(said)](case, event_of(said), packs, Ids(), LATER)
        assert change is not None
        assert change.events == ()
        # Whoever is deciding now has seen all that counts.
        assert change.state.version == case.version
        case = change.state
        assert (case.incidents, case.apart) == kept


@given(st.lists(st.tuples(st.floats(0, 100), st.sets(st.integers(1, 8), max_size=2)), max_size=6))
def test_each_stands_in_one_group_whatever_their_order(told: list[tuple[float, set[int]]]) -> None:
    all_of_them = [
        notification(number, hours, *(links - {number}))
        for number, (hours, links) in enumerate(told, 1)
    ]
    groups = by_incident(all_of_them, WITHIN)
    assert sorted(one.referral_id for group in groups for one in group) == sorted(
        one.referral_id for one in all_of_them
    )
    for order in list(permutations(all_of_them))[:20]:
        assert by_incident(order, WITHIN) == groups
