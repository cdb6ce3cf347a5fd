"""What was typed, and what triage gets."""

from services.console.forms import Typed, located, named, read

WHOLE = {
    "child_id": ["a", "b"],
    "rag-0": ["red"],
    "outcome-0": ["strategy_discussion"],
    "duties-0": ["police", "marac"],
    "rag-1": ["amber"],
    "outcome-1": ["child_and_family_assessment"],
    "rationale": [" There is harm at home. "],
    "analysis": [""],
    "clauses": ["4.1"],
    "action-0": [""],
    "action-1": ["Ring the school"],
    "owner-1": ["Duty"],
    "by-1": ["2026-03-04"],
}


def test_a_whole_decision() -> None:
    sent = read("decision", Typed(WHOLE))
    assert sent.errors == {}
    assert sent.body == {
        "children": [
            {
                "child_id": "a",
                "rag": "red",
                "outcome": "strategy_discussion",
                "duties": ["police", "marac"],
            },
            {
                "child_id": "b",
                "rag": "amber",
                "outcome": "child_and_family_assessment",
                "duties": [],
            },
        ],
        "rationale": "There is harm at home.",
        "clauses": ["4.1"],
        "actions": [{"action": "Ring the school", "owner": "Duty", "by": "2026-03-04"}],
        "services": [],
    }


def test_a_local_service_is_something_that_happens_next() -> None:
    service = "00000000-0000-0000-0000-000000000230"
    typed = {**WHOLE, "action-1": [], "owner-1": [], "by-1": []}
    assert "action-0" in read("decision", Typed(typed)).errors
    sent = read("decision", Typed({**typed, "services": [service, service, "none"]}))
    assert (sent.errors, sent.body["services"]) == ({}, [service])


def test_what_is_missing_in_the_order_of_the_page() -> None:
    sent = read("decision", Typed({"child_id": ["a"], "owner-2": ["Duty"]}))
    assert list(sent.errors) == [
        "rag-0", "outcome-0", "rationale", "clauses", "action-2", "by-2",
    ]  # fmt: skip


def test_no_clause_is_an_answer_when_it_says_why() -> None:
    typed = {**WHOLE, "clauses": [], "no_clause_because": ["Nothing about this."]}
    sent = read("decision", Typed(typed))
    assert sent.errors == {}
    assert sent.body["no_clause_because"] == "Nothing about this."


def test_pointers_lead_to_the_row_in_which_it_was_typed() -> None:
    sent = read("decision", Typed(WHOLE))
    found = located(
        "decision",
        sent,
        [
            ("/actions/0/owner", "who"),
            ("/actions", "any"),
            ("/children/1/outcome", "contradicts"),
            ("/children/0/child_id", "unknown"),
            ("/children", "missing"),
            ("/clauses/0", "no such clause"),
            ("", "whole"),
        ],
    )
    assert found == {
        "owner-1": "who",
        "action-0": "any",
        "outcome-1": "contradicts",
        "outcome-0": "unknown",
        "clauses": "no such clause",
        "rationale": "whole",
    }


def test_an_error_names_its_child_where_there_are_several() -> None:
    errors = {"rag-1": "Choose a rating", "rationale": "Write the rationale"}
    assert named(errors, ["Maya", "Theo"]) == {
        "rag-1": "Choose a rating for Theo",
        "rationale": "Write the rationale",
    }
    assert named({"rag-0": "Choose a rating"}, ["Maya"]) == {"rag-0": "Choose a rating"}


def test_a_rating_for_every_child_names_none() -> None:
    sent = read(
        "rating", Typed({"rag": ["amber"], "rationale": ["It is worse."], "child_id": [""]})
    )
    assert sent.body == {"rag": "amber", "rationale": "It is worse.", "clauses": []}


def test_concluding_a_withdrawal_is_said_aloud() -> None:
    assert list(read("withdrawal", Typed({})).errors) == ["close", "rationale"]
    sent = read("withdrawal", Typed({"close": ["no"], "rationale": ["We go on."]}))
    assert sent.body == {"close": False, "rationale": "We go on."}
