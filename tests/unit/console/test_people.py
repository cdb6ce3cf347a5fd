"""Who a referral is about, as its page says it: from the form, and from no more than is shown."""

from typing import Any

from services.console.chronology import chronology
from services.console.people import (
    agencies,
    children,
    household,
    referrer,
    said_to_harm,
    visiting,
    withheld,
)
from services.console.reads import Opened, Part

FORM: dict[str, Any] = {
    "children": [
        {"child_id": "a", "given_name": "Anna", "family_name": "Example",
         "date_of_birth": "2018-05-04"},
        {"child_id": "b", "expected_date_of_delivery": "2026-09-01"},
    ],
    "household": [
        {"name": "Kerry Example", "relationship": "mother", "parental_responsibility": True},
        {"name": "Dean Example", "relationship": "father", "parental_responsibility": True,
         "parental_responsibility_for": [0], "address": {"confidential": True}},
        {"name": "Sam Example", "parental_responsibility": False},
    ],
    "parents_informed": [
        {"person": 0, "child": 0, "informed": True},
        {"person": 1, "informed": False, "reason_not_informed": "increased_risk_of_significant_harm"},
    ],
    "alleged_perpetrators": [{"name": "Dean Example", "children": [0], "works_with_children": True}],
    "agencies_involved": [{"agency": "health_visitor", "role": "Health visitor", "leads": True}],
    "risks_to_workers": [{"code": "two_workers"}],
    "visiting_advice": "Ring first.",
}  # fmt: skip


def opened(form: dict[str, Any] = FORM, **parts: Any) -> Opened:
    told = {"form": form, "hidden": parts.pop("hidden", [])}
    return Opened(Part(told), parts.pop("case", Part()), Part(), Part(), Part(), **parts)


def test_each_child_has_those_who_are_responsible_for_it() -> None:
    anna, expected = children(opened())
    assert (anna.parents, anna.unborn) == (("Kerry Example", "Dean Example"), False)
    assert (expected.parents, expected.unborn) == (("Kerry Example",), True)


def test_a_confidential_address_that_is_withheld_says_so() -> None:
    people = dict(household(opened()))
    assert "Confidential: shown to those who decide" in people["Dean Example"]
    assert "No parental responsibility" in people["Sam Example"]
    assert withheld(opened(hidden=["/alleged_perpetrators", "/household/1/address"])) == (
        "Who is said to have done harm",
        "A confidential address",
    )


def test_who_was_told_is_said_by_person_and_child() -> None:
    told = dict(referrer(opened()))["Parents told"]
    assert told.startswith("Kerry Example about Anna Example: yes. Dean Example: no, ")


def test_harm_agencies_and_what_a_visitor_needs() -> None:
    [(name, notes)] = said_to_harm(opened())
    assert name == "Dean Example"
    assert notes == ("Harm to Anna Example", "Works or volunteers with children")
    [(who, notes)] = agencies(opened())
    assert (who, notes) == ("Health visitor", ("Health visitor", "Lead professional"))
    assert visiting(opened()) == ("Go in twos", "Ring first.")


def test_a_chronology_runs_from_birth_to_today_and_says_what_is_not_sure() -> None:
    earlier = {
        "referral_id": "r", "reference": "WAR-1", "received_at": "2024-01-02T09:00:00Z",
        "source_agency": "school", "through": ["child"], "state": "candidate", "open": False,
        "closed_at": "2024-01-03T09:00:00Z", "worker": None,
        "decision": {"decided_at": "2024-01-03T09:00:00Z", "rag": "green",
                     "outcomes": [{"outcome": "information_and_advice"}]},
    }  # fmt: skip
    made = {"kind": "decision", "decided_at": "2026-03-03T10:00:00Z", "rag": "red",
            "rationale": "Told of harm.", "children": []}  # fmt: skip
    told = chronology(
        opened(story=Part({"earlier": [earlier]}), case=Part({"decisions": [made]})), (), ()
    )
    assert [one.title for one in told] == [
        "Anna Example born",
        "Referral received",
        "Decided Green",
        "Decision: Red",
        "A child expected to be born",
    ]
    assert [one.sure for one in told] == [True, False, False, True, True]


def test_a_form_that_cannot_be_had_leaves_an_empty_page() -> None:
    nothing = Opened(Part(away=True), Part(away=True), Part(), Part(), Part())
    assert children(nothing) == household(nothing) == agencies(nothing) == ()
    assert chronology(nothing, (), ()) == ()
