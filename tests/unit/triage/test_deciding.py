"""What a decision must say, and what is kept of what its maker saw."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from chassis.errors import DomainError, Forbidden, InvalidInput, NotFound
from contracts.codes import DismissedBecause, LoweredBecause, WithoutAgreement
from contracts.events import (
    AgreementStatus,
    Duty,
    NarrativeSignal,
    Outcome,
    Rag,
    TextReading,
    TriageDecided,
    TriageRerated,
)
from policy.loading import PackSet
from policy.ruleset import RAG_ORDER
from services.triage.domain import (
    Case,
    ChildToDecide,
    DutyDone,
    Rerate,
    Seen,
    decide,
    rerate,
)
from services.triage.domain.dismissing import Dismiss, dismiss
from services.triage.domain.replaying import replay
from tests.unit.triage.cases import (
    AMBER,
    AUTHORITY,
    CHILDREN,
    GREEN,
    OPEN,
    RED,
    Ids,
    person,
    submitted,
)
from tests.unit.triage.decisions import IDS, decided, decision

WORKER, MANAGER = person(1), person(9, "manager")
REFUSED = AgreementStatus.REFUSED


def only(events: tuple[Any, ...]) -> TriageDecided:
    (event,) = events
    assert isinstance(event, TriageDecided)
    return event


@given(
    concern=st.sampled_from([RED, AMBER, GREEN]),
    rag=st.sampled_from(list(Rag)),
    because=st.sampled_from([None, LoweredBecause.MISREAD]),
)
def test_below_the_suggestion_a_reason_is_needed(
    packs: PackSet, concern: Any, rag: Rag, because: LoweredBecause | None
) -> None:
    case = submitted(packs, concern)
    lower = RAG_ORDER[rag] < RAG_ORDER[case.suggested]
    if lower and because is None:
        with pytest.raises(InvalidInput) as refused:
            decided(case, WORKER, rag, packs, lowered_because=because)
        assert refused.value.errors[0].pointer == "/lowered_because"
    else:
        _, events = decided(case, WORKER, rag, packs, lowered_because=because)
        assert only(events).lowered_because == because


def test_a_lowering_says_why_in_its_event(packs: PackSet) -> None:
    case = submitted(packs, AMBER)
    said = Rerate(
        WORKER, None, None, Rag.GREEN, "It is less than it seemed.", None, (),
        LoweredBecause.CHECKED_AND_EXPLAINED,
    )  # fmt: skip
    change, _ = rerate(case, said, packs, IDS, OPEN)
    (event,) = change.events
    assert isinstance(event, TriageRerated)
    assert event.lowered_because == "checked_and_explained"


def test_amber_that_was_refused_is_a_manager_s(packs: PackSet) -> None:
    case = submitted(packs, AMBER, agreement=REFUSED)
    why = {"without_agreement": WithoutAgreement.RISK_OUTWEIGHS}
    with pytest.raises(Forbidden) as refused:
        decided(case, WORKER, Rag.AMBER, packs, **why)
    assert refused.value.code == "manager_needed"
    with pytest.raises(InvalidInput) as unsaid:
        decided(case, MANAGER, Rag.AMBER, packs)
    assert unsaid.value.errors[0].pointer == "/without_agreement"
    with pytest.raises(InvalidInput):
        decided(case, MANAGER, Rag.AMBER, packs, without_agreement=WithoutAgreement.OTHER)
    _, events = decided(case, MANAGER, Rag.AMBER, packs, **why)
    assert only(events).without_agreement == "risk_outweighs"


def test_green_that_was_refused_is_a_practitioner_s_with_a_reason(packs: PackSet) -> None:
    case = submitted(packs, GREEN, agreement=REFUSED)
    with pytest.raises(InvalidInput):
        decided(case, WORKER, Rag.GREEN, packs)
    said = {"without_agreement": WithoutAgreement.AGREED_SINCE}
    _, events = decided(case, WORKER, Rag.GREEN, packs, **said)
    assert only(events).rag is Rag.GREEN


@pytest.mark.parametrize("agreement", [one for one in AgreementStatus if one is not REFUSED])
def test_nobody_waits_for_agreement(packs: PackSet, agreement: AgreementStatus) -> None:
    for concern, rag in ((RED, Rag.RED), (AMBER, Rag.AMBER), (GREEN, Rag.GREEN)):
        decided(submitted(packs, concern, agreement=agreement), WORKER, rag, packs)
    decided(submitted(packs, RED, agreement=REFUSED), WORKER, Rag.RED, packs)


def test_a_version_that_was_replaced(packs: PackSet) -> None:
    case = submitted(packs, AMBER)
    with pytest.raises(DomainError) as refused:
        decided(case, WORKER, Rag.AMBER, packs, pack_version="2017.1")
    assert refused.value.code == "superseded_version"
    assert "2018.1" in refused.value.detail
    decided(case, WORKER, Rag.AMBER, packs, pack_version="2018.1")


def test_duties_keep_their_time_and_reference_out_of_the_event(packs: PackSet) -> None:
    duties = (DutyDone(Duty.POLICE, OPEN, "CRIME/123"), DutyDone(Duty.POLICE), DutyDone(Duty.SEND))
    children = tuple(
        ChildToDecide(one, Rag.AMBER, Outcome.CHILD_AND_FAMILY_ASSESSMENT, duties)
        for one in CHILDREN
    )
    case, events = decided(submitted(packs, AMBER), WORKER, Rag.AMBER, packs, children=children)
    assert only(events).children[0].duties == (Duty.POLICE, Duty.SEND)
    assert "CRIME/123" not in only(events).model_dump_json()
    assert case.children[0].duties == (Duty.POLICE, Duty.SEND)


def read_by_the_reader(packs: PackSet) -> Case:
    signal = NarrativeSignal(indicator="neglect", text="narrative", start=3, end=9)
    known = packs.current(AUTHORITY, OPEN.date()).indicators
    signal = signal.model_copy(update={"indicator": next(iter(known))})
    return submitted(packs, signals=(signal,), texts=(TextReading(text="narrative", read=True),))


def test_dismissed_it_stands_beside_and_changes_no_suggestion(packs: PackSet) -> None:
    case = read_by_the_reader(packs)
    found = next(reason for reason in case.reasons if reason.text == "narrative")
    assert found.start is not None
    assert found.end is not None
    command = Dismiss(
        WORKER, case.version, found.indicator, "narrative", found.start, found.end,
        DismissedBecause.QUOTED,
    )  # fmt: skip
    change, _ = dismiss(case, command, packs, Ids(), OPEN)
    after = change.state
    assert (after.suggested, after.reasons, after.rag) == (case.suggested, case.reasons, case.rag)
    assert change.events == ()
    with pytest.raises(DomainError):
        dismiss(after, replace(command, expected_version=None), packs, Ids(), OPEN)
    with pytest.raises(NotFound):
        dismiss(case, replace(command, start=found.start + 1), packs, Ids(), OPEN)
    with pytest.raises(Forbidden):
        dismiss(case, replace(command, person=person(2, qualified=False)), packs, Ids(), OPEN)
    seen = seen_by(after, packs)
    assert [one.because for one in seen.dismissed] == [DismissedBecause.QUOTED]
    assert replay(AUTHORITY, seen, packs).same


def seen_by(case: Case, packs: PackSet) -> Seen:
    """What is kept of it, as it is written and read."""
    change, _ = decide(case, decision(case, WORKER, Rag.RED), packs, IDS, OPEN)
    (made,) = change.state.added
    assert made.seen is not None
    kept = TypeAdapter(Seen)
    return kept.validate_json(kept.dump_json(made.seen))


@given(st.lists(st.sampled_from([RED, AMBER, GREEN]), max_size=4))
def test_what_was_seen_gives_the_same_suggestion_again(packs: PackSet, concerns: list[Any]) -> None:
    case = submitted(packs, *concerns)
    seen = seen_by(case, packs)
    assert replay(AUTHORITY, seen, packs).same
    other = replace(seen, facts=seen.facts.model_copy(update={"concerns": (*concerns, RED, RED)}))
    if case.suggested is not Rag.RED:
        assert not replay(AUTHORITY, other, packs).same


def test_a_child_of_another_referral_and_a_child_left_out(packs: PackSet) -> None:
    case = submitted(packs, AMBER)
    stranger = ChildToDecide(UUID(int=77), Rag.AMBER, Outcome.CHILD_AND_FAMILY_ASSESSMENT)
    with pytest.raises(InvalidInput) as refused:
        decided(case, WORKER, Rag.AMBER, packs, children=(stranger,))
    pointers = [error.pointer for error in refused.value.errors]
    assert pointers == ["/children/0/child_id", "/children"]
    assert "2 without" in refused.value.errors[1].detail
