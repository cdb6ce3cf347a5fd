"""The school, and the family, are told: which clocks start, and what is recorded."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.errors import InvalidInput
from contracts.codes import Told
from contracts.envelope import Event
from contracts.events import (
    AgeBand,
    CaseMilestoneRecorded,
    ClockMet,
    Rag,
    TriageRated,
    Urgency,
)
from contracts.registry import type_of
from services.allocation.domain import Answerer, Case
from services.allocation.domain.following import on_rated
from services.allocation.telling.domain import Tell, tell, tellings
from services.triage.domain.suggesting import school_to_tell
from tests.shipped import SHIPPED
from tests.unit.allocation.story import NOW
from tests.unit.allocation.test_clocks import case as new_case
from tests.unit.allocation.test_clocks import local, states
from tests.unit.triage.cases import AMBER, submitted

HOUR = timedelta(hours=1)
WHO = Answerer(UUID(int=9), frozenset({"practitioner"}))
NUMBERS = iter(range(5000, 1_000_000))


def ids() -> UUID:
    return UUID(int=next(NUMBERS))


def rated(held: Case, at: datetime, rag: Rag = Rag.AMBER, *, tells: bool = True) -> Any:
    kind = type_of(TriageRated)
    data = TriageRated(
        reference=held.reference, received_at=held.received_at, rag=rag, level=3,
        urgency=Urgency.STANDARD, children=(), pack_version="2018.1",
        domestic_abuse=tells, school_to_tell=tells,
    )  # fmt: skip
    event: Event[Any] = kind.envelope(
        id=ids(), source="/frontdoor/triage/1", type=kind.type, subject=held.referral_id, time=at,
        partitionkey=str(held.referral_id), sequence="0000000001", authority=held.authority,
        correlationid=ids(), data=data,
    )  # fmt: skip
    return on_rated(held, event, SHIPPED, ids, at)


def told(held: Case, **said: Any) -> tuple[Any, Any]:
    now = said.pop("now", NOW + HOUR)
    given = {"at": now, "to": "Ms Example, head of year", "how": "telephone", **said}
    return tell(Tell(given.pop("whom", Told.SCHOOL), who=WHO, **given), held, SHIPPED, ids, now)


def test_the_clock_starts_with_the_first_rating_that_tells_of_it_and_once() -> None:
    quiet = rated(new_case(rag=None), NOW, tells=False).state
    assert states(quiet, "school_told") == {}
    enquiries = states(quiet, "hub_enquiry")
    # It came out later, at the same colour: nothing else begins again.
    heard = rated(quiet, NOW + HOUR).state
    (clock,) = [one for one in heard.clocks if one.name == "school_told"]
    assert local(clock.times.due_at) == "Tue 07 Apr 08:30"
    assert states(heard, "hub_enquiry") == enquiries
    # Met, and told of once more, also with a graver colour: it was told.
    met = told(heard, now=NOW + 2 * HOUR)[0].state
    again = rated(met, NOW + 3 * HOUR, Rag.RED).state
    assert list(states(again, "school_told").values()) == ["met"]


def test_who_was_told_is_kept_and_no_event_says_it() -> None:
    heard = rated(new_case(rag=None), NOW).state
    change, answer = told(heard, at=NOW - timedelta(days=1), words="They keep an eye on him.")
    assert answer["whom"] is Told.SCHOOL
    said, met = change.events
    assert isinstance(said, CaseMilestoneRecorded)
    assert (said.milestone, said.not_because) == ("school_told", None)
    # The police had rung the school before they referred: told from the first moment.
    assert isinstance(met, ClockMet)
    assert met.met_at == heard.received_at
    assert "Example" not in str(change.events)
    assert {one.kind: one.text for one in change.state.notes} == {
        "told_to": "Ms Example, head of year", "told_words": "They keep an eye on him.",
    }  # fmt: skip
    ((whom, one),) = tellings(change.state)
    assert (whom, one.how, one.not_because) == (Told.SCHOOL, "telephone", None)


def test_not_told_for_a_reason_settles_it() -> None:
    heard = rated(new_case(rag=None), NOW).state
    change, _ = told(heard, to=None, how=None, not_because="police_investigation")
    assert change.events[0].not_because == "police_investigation"
    assert list(states(change.state, "school_told").values()) == ["met"]


@pytest.mark.parametrize(
    ("said", "pointers"),
    [
        ({"to": None, "how": None}, {"/how", "/to"}),
        ({"to": " "}, {"/to"}),
        ({"how": "pigeon"}, {"/how"}),
        ({"not_because": "other"}, {"/how", "/words"}),
        ({"to": None, "how": None, "not_because": "not_reached"}, {"/not_because"}),
        ({"whom": Told.FAMILY, "how": None, "not_because": "no_school"}, {"/not_because"}),
        ({"whom": Told.FAMILY, "how": "letter"}, {"/safe_contact"}),
        ({"whom": Told.FAMILY, "how": "email"}, {"/safe_contact"}),
        ({"at": NOW + 2 * HOUR}, {"/at"}),
        ({"at": NOW - timedelta(days=8)}, {"/at"}),
    ],
)
def test_what_is_wrong_is_pointed_to(said: dict[str, Any], pointers: set[str]) -> None:
    heard = rated(new_case(rag=None), NOW).state
    with pytest.raises(InvalidInput) as raised:
        told(heard, **said)
    assert {one.pointer for one in raised.value.errors} == pointers


def test_without_domestic_abuse_a_letter_needs_no_safe_contact() -> None:
    quiet = rated(new_case(rag=None), NOW, tells=False).state
    assert told(quiet, whom=Told.FAMILY, how="letter")[1]["how"] == "letter"
    abused = rated(new_case(rag=None), NOW).state
    kept = told(abused, whom=Told.FAMILY, how="letter", safe_contact=True)[0].state
    assert kept.milestones[-1].safe_contact is True


@pytest.mark.parametrize(
    ("agency", "bands", "expected"),
    [
        ("police", ["5_to_10"], True),
        ("police", ["unknown", "under_1"], True),
        ("police", ["under_1", "unborn", "1_to_4"], False),
        ("school", ["11_to_15"], False),
        ("school", ["11_to_15", "1_to_4"], False),
        ("school", ["11_to_15", "5_to_10"], True),
    ],
)
def test_a_school_that_refers_its_only_child_knows(
    agency: str, bands: list[str], expected: bool
) -> None:
    facts = submitted(SHIPPED, AMBER, source_agency=agency).facts
    (one, *_) = facts.children
    children = tuple(one.model_copy(update={"age_band": AgeBand(band)}) for band in bands)
    assert school_to_tell(facts.model_copy(update={"children": children})) is expected
