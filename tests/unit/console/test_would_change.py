"""What would change a suggestion, said so that somebody who decides can weigh it."""

from typing import Any

from services.console.opened import would_change
from services.console.reads import Opened, Part


def opened(*facts: dict[str, Any]) -> Opened:
    case = Part({"suggestion": {"would_change": facts}})
    return Opened(Part(), case, Part(), Part(), Part())


def fact(added: bool, kind: str, code: str, rag: str, **more: Any) -> dict[str, Any]:
    return {"added": added, "kind": kind, "code": code, "rag": rag, "level": 4, **more}


def test_what_carries_the_colour_and_what_would_raise_it() -> None:
    carries, raises = would_change(
        opened(
            fact(False, "sign", "bruise", "green", title="A bruise"),
            fact(False, "referrer_level", "4", "green"),
            fact(True, "concern", "neglect", "red", impact="serious"),
            fact(True, "immediate_danger", "immediate_danger", "red"),
        )
    )
    assert carries == ("Without a bruise: Green", "Without the referrer's own level: Green")
    assert raises == ("Red, with any one of: neglect (serious), immediate danger",)


def test_nothing_is_said_of_a_suggestion_that_was_not_made() -> None:
    assert would_change(Opened(Part(), Part(away=True), Part(), Part(), Part())) == ((), ())
