"""The audit sample as its pages show it."""

from datetime import date
from typing import Any

import pytest

from services.console.forms import Typed
from services.console.sampling import agreement, as_csv, quarters, rating, rows


def said(
    *pairs: tuple[str, str, int], drawn: int = 20, kappa: float | None = 0.5
) -> dict[str, Any]:
    items = [{"first": one, "second": two, "referrals": n} for one, two, n in pairs]
    rated = sum(n for _, _, n in pairs)
    return {"drawn": drawn, "rated": rated, "kappa": kappa, "items": items, "definition": "So."}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (said(drawn=0), "Nothing was drawn for this quarter"),
        (said(drawn=1), "1 referral was drawn. None has its second rating yet."),
        (said(("red", "red", 3), kappa=None), "kappa says nothing."),
        (said(("red", "amber", 1), kappa=-0.2), "no better than chance (Cohen's kappa -0.20)"),
        (
            said(("red", "red", 12), ("amber", "red", 2), ("amber", "green", 6), kappa=0.61),
            "Both ratings gave the same colour for 12 of 20 (60%). Beyond chance that is good "
            "(Cohen's kappa 0.61). Where they differ, the second was graver for 2 and less grave "
            "for 6.",
        ),
        (said(("green", "green", 19)), "With so few, one referral more or less changes it"),
        (said(("green", "green", 19)), "1 waits for a second rating."),
    ],
)
def test_a_finding_says_what_the_figures_mean(told: dict[str, Any], expected: str) -> None:
    assert expected in " ".join(agreement(told).finding)


def test_the_table_has_every_colour_that_was_given_and_no_other() -> None:
    shown = agreement(said(("amber", "green", 6), ("red", "red", 12)))
    assert shown.colours == ("Red", "Amber", "Green")
    assert dict(shown.table)["Amber"] == (0, 0, 6)


def test_a_spreadsheet_has_how_often_which_colours_met() -> None:
    assert as_csv(said(("amber", "green", 6))).splitlines() == [
        "first,second,referrals", "amber,green,6",
    ]  # fmt: skip


def test_the_quarters_that_are_over() -> None:
    assert quarters(date(2026, 1, 1))[0] == ("2025Q4", "Oct to Dec 2025")
    assert [code for code, _ in quarters(date(2026, 11, 22))[:4]] == [
        "2026Q3", "2026Q2", "2026Q1", "2025Q4",
    ]  # fmt: skip


def test_what_waits_for_this_person_stands_first() -> None:
    items = [
        {"sample_id": "a", "rated": True, "by_you": False},
        {"sample_id": "b", "rated": False, "by_you": True},
        {"sample_id": "c", "rated": False, "by_you": False},
    ]
    assert [(one["sample_id"], one["number"]) for one in rows(items)] == [
        ("c", 3), ("b", 2), ("a", 1),
    ]  # fmt: skip


def test_a_rating_has_a_colour_a_level_and_reasons() -> None:
    _, errors = rating(Typed({"rag": ["blue"], "level": ["5"], "reasons": ["  "]}))
    assert set(errors) == {"rag", "level", "reasons"}
    body, errors = rating(Typed({"rag": ["red"], "level": ["4"], "reasons": [" It is. "]}))
    assert (body, errors) == ({"rag": "red", "level": 4, "reasons": "It is."}, {})
