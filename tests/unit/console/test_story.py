"""What the page of a referral says of others, and the start that one's decision is for another."""

from typing import Any

import pytest

from services.console.people import Child
from services.console.reads import Opened, Part
from services.console.story import related, start

OTHER = "0192-other"


def opened(incident: str | None = "linked", *, decided: bool = True, **said: Any) -> Opened:
    outcome = {"child_id": "theirs", "rag": "amber", "outcome": "child_and_family_assessment"}
    other = {
        "referral_id": OTHER, "reference": "WAR-000002-K", "received_at": "2026-03-05T09:00:00Z",
        "source_agency": "police", "through": ["child"], "state": "linked", "repeat": False,
        "recently_closed": False,
        "incident": {"state": incident} if incident else None,
        "decision": {"rag": "amber", "outcomes": [outcome]} if decided else None,
        **said,
    }  # fmt: skip
    match = {"referral_id": OTHER, "child_id": "theirs", "state": "linked"}
    children = [{"child_id": "mine", "matches": [match]}, {"child_id": "baby", "matches": []}]
    part = Part()
    return Opened(
        form=part, case=part, clocks=part, allocations=part, messages=part,
        story=Part({"children": children, "earlier": [other]}),
    )  # fmt: skip


def child(child_id: str) -> Child:
    return Child(child_id, 1, "", False, (), (), "amber", "", "")


def test_a_decision_of_the_same_incident_is_a_start_for_the_children_of_both() -> None:
    people = [child("baby"), child("mine")]
    (other,) = related(opened())
    assert (other.offered, other.decided) == (True, "Amber")
    assert start(opened(), people, OTHER) == {
        "rag-1": ("amber",),
        "outcome-1": ("child_and_family_assessment",),
    }


@pytest.mark.parametrize(
    ("incident", "decided"),
    [("candidate", True), ("not_same", True), (None, True), ("linked", False)],
)
def test_nothing_is_offered_of_what_is_not_one_or_not_decided(
    incident: str | None, decided: bool
) -> None:
    (other,) = related(opened(incident, decided=decided))
    assert not other.offered
    assert start(opened(incident, decided=decided), [child("mine")], OTHER) == {}
    assert start(opened(), [child("mine")], "another") == {}


def test_a_siblings_referral_says_so() -> None:
    (other,) = related(opened(None, through=["adult"]))
    assert any("sibling" in note for note in other.notes)
    (other,) = related(opened())
    assert not any("sibling" in note for note in other.notes)
