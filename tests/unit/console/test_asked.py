"""What was asked of agencies and who disagrees, as the page of a referral says it."""

from datetime import UTC, datetime
from typing import Any

from services.console.asked import checks, disagreements
from services.console.reads import Opened, Part

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def opened(**parts: Any) -> Opened:
    return Opened(Part(), Part(), Part(), Part(), Part(), **parts)


def test_what_still_waits_comes_first_and_a_source_s_mark_goes_with_its_answer() -> None:
    rows = [
        {"of": "gp", "state": "answered", "due_at": "2026-03-03T10:00:00Z", "need": "Injuries?",
         "information": "None seen.", "handling": "hub_only", "answered_by": "Dr Sample"},
        {"of": "referrer", "state": "open", "due_at": "2026-03-03T10:00:00Z", "need": "Who?"},
    ]  # fmt: skip
    waiting, came = checks(opened(checks=Part({"items": rows})), NOON)
    assert (waiting.of, waiting.state) == ("The referrer", "Waiting for an answer")
    assert waiting.due is not None
    assert waiting.due.words == "Overdue 2h 0m"
    assert (came.information, came.handling, came.due) == (
        "None seen.", "For the hub alone", None,
    )  # fmt: skip


def test_a_disagreement_tells_both_sides_in_order() -> None:
    row = {
        "state": "open", "stage": 2, "stage_title": "Manager", "due_at": "2026-03-04T12:00:00Z",
        "immediate_risk": True, "raised_at": "2026-03-02T09:00:00Z", "raised_by": "Dawn Sampleton",
        "because": "It is worse.", "answers": [{"stage": 1, "outcome": "upheld", "words": "No."}],
        "taken_further": [{"stage": 2, "because": "Still."}],
    }  # fmt: skip
    [one] = disagreements(opened(disagreements=Part({"items": [row]})), NOON)
    assert (one.title, one.urgent) == ("Stage 2: Manager", True)
    assert [text for _, text in one.said] == ["It is worse.", "Still.", "No."]


def test_nothing_is_said_where_nothing_can_be_had() -> None:
    away = opened(checks=Part(away=True), disagreements=Part(away=True))
    assert checks(away, NOON) == disagreements(away, NOON) == ()
