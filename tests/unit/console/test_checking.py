"""The last look before something is recorded."""

from datetime import date
from typing import Any

from policy.loading import load_packs
from services.console.checking import (
    AFTER_MANAGER,
    AT_ONCE,
    second_thoughts,
    summary,
    unsaid,
    wants_service,
    when_told,
)
from services.console.people import Child
from services.console.reads import Opened, Part

ANNA = Child("a", 1, "Anna Example", False, (), (), "amber", "", "")
BEN = Child("b", 2, "", False, (), (), "red", "", "")
BODY: dict[str, Any] = {
    "children": [
        {"child_id": "a", "rag": "red", "outcome": "strategy_discussion", "duties": ["police"]},
        {"child_id": "b", "rag": "green", "outcome": "early_help_assessment", "duties": []},
    ],
    "rationale": "Because.",
    "clauses": ["9.9"],
    "actions": [{"action": "Ring", "owner": "Duty", "by": "2026-03-04"}],
}


def opened(**parts: Any) -> Opened:
    return Opened(parts.pop("form", Part()), Part(), Part(), Part(), Part(), **parts)


def test_green_and_advice_name_a_local_service() -> None:
    assert wants_service("decision", BODY)
    assert not wants_service("decision", {**BODY, "services": ["1"]})
    assert not wants_service("rating", BODY)
    red, green = BODY["children"]
    assert not wants_service("decision", {"children": [red]})
    advice = {**green, "rag": "none", "outcome": "information_and_advice"}
    assert wants_service("decision", {"children": [red, advice]})


def test_everything_that_was_typed_is_shown_again() -> None:
    rows = dict(summary("decision", BODY, (ANNA, BEN), {}))
    assert rows["Anna Example"] == ("Red", "Strategy discussion", "Police")
    assert rows["Child 2"] == ("Green", "Early help assessment")
    assert rows["Clauses"] == ("9.9",)
    assert rows["What happens next"] == ("Ring (Duty, by 4 March 2026)",)


def test_what_a_manager_has_to_countersign_is_told_after_that() -> None:
    pack = load_packs(authorities=["warwickshire"]).current("warwickshire", date(2026, 3, 5))
    assert when_told(BODY, pack, manager=False) == AFTER_MANAGER
    assert when_told(BODY, pack, manager=True) == AT_ONCE
    green = {**BODY, "children": BODY["children"][1:]}
    assert when_told(green, pack, manager=False) == AT_ONCE


def test_only_what_goes_below_the_suggestion_is_named() -> None:
    [thought] = second_thoughts("decision", BODY, (ANNA, BEN), opened())
    assert thought.startswith("Child 2: Green is less than")


def test_a_reason_for_going_below_is_wanted_before_the_last_look() -> None:
    assert list(unsaid("decision", BODY, (ANNA, BEN))) == ["lowered_because"]
    assert not unsaid("decision", {**BODY, "lowered_because": "other"}, (ANNA, BEN))
    assert not unsaid("decision", BODY, (ANNA,))
    assert not unsaid("withdrawal", {"close": True}, (BEN,))


def test_a_rating_of_every_child_is_held_against_each() -> None:
    body = {"rag": "amber", "rationale": "Because."}
    [thought] = second_thoughts("rating", body, (ANNA, BEN), opened())
    assert thought.startswith("Child 2: Amber is less than")
    assert dict(summary("rating", body, (ANNA, BEN), {}))["New rating"] == (
        "Amber, for Every child",
    )


def test_what_was_not_read_or_not_shown_is_said() -> None:
    files = Part({"items": [{"id": 1}]})
    found = second_thoughts("withdrawal", {}, (), opened(files=files, form=Part(away=True)))
    assert len(found) == 2


def test_what_tells_more_than_the_referrer_needs_is_pointed_out() -> None:
    lines = {"lines": ["4 Sample Court"], "postcode": "CV32 9ZA"}
    form = {
        "children": [{"given_name": "Rose", "family_name": "Testwood", "address": lines}],
        "household": [{"name": "Kerry Testwood"}],
    }
    rationale = (
        "Rose told us. Her mother was arrested at 4 sample court, CV32 9ZA, born 3.4.1990, and is "
        "on medication."
    )
    body = {"rationale": rationale, "actions": [{"action": "Ring Kerry on 01632 960101"}]}
    found = second_thoughts("decision", body, (), opened(form=Part({"form": form})))
    assert [one.partition(": ")[2] for one in found] == [
        "Rose, Kerry.", "4 sample court, CV32 9ZA.", "3.4.1990, 01632 960101.", "arrested.", "medication.",
    ]  # fmt: skip
    calm = {"rationale": "The rose in the garden, and police, health and school will talk."}
    assert second_thoughts("decision", calm, (), opened(form=Part({"form": form}))) == ()
