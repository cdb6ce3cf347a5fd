"""The scorecard's page says a finding for each measure, and nothing of small numbers."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis.identity import Caller
from policy.loading import PackSet
from services.console.rows import Titles
from services.console.scorecard import LEFT_OUT, measures
from services.console.sessions import Session

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
DEFINED = [
    {"measure": "in_time", "title": "In time", "counted": "those met", "of": "clocks",
     "when": "it began in the period"},
]  # fmt: skip


def figure(count: int | None, total: int | None, **more: Any) -> dict[str, Any]:
    percent = None if count is None or not total else round(100 * count / total, 1)
    return {"measure": "in_time", "authority": "warwickshire", "locality": None, "agency": None,
            "category": None, "count": count, "total": total, "percent": percent, **more}  # fmt: skip


def titles(packs: PackSet) -> Titles:
    caller = Caller(
        kind="staff", id=UUID(int=1), name="m", organisation_id=None,
        authorities=frozenset({"warwickshire"}), roles=frozenset({"manager"}),
        qualifications=frozenset(), scopes=frozenset(),
    )  # fmt: skip
    return Titles(packs, Session("s", "t", caller, NOON), NOON)


def finding(packs: PackSet, *figures: dict[str, Any]) -> str:
    [measure] = measures(figures, DEFINED, titles(packs))
    return measure.finding


def test_one_figure_is_the_finding(packs: PackSet) -> None:
    assert finding(packs, figure(3, 4)) == "Warwickshire: 3 of 4 (75%)."


def test_of_several_the_most_and_the_least_are_said(packs: PackSet) -> None:
    said = finding(packs, figure(1, 2, locality="rugby"), figure(9, 9, locality="warwick"))
    assert said == "Most: Warwick, 9 of 9 (100%). Least: Rugby, 1 of 2 (50%)."


def test_what_is_left_out_is_said_and_not_guessed(packs: PackSet) -> None:
    [measure] = measures([figure(None, None)], DEFINED, titles(packs))
    assert measure.finding == "All figures are too small to be published."
    assert [(line.percent, line.said) for line in measure.lines] == [(None, LEFT_OUT)]
    assert finding(packs) == "Nothing to count in this period."


def test_what_tells_figures_apart_heads_their_column(packs: PackSet) -> None:
    def heading(*figures: dict[str, Any]) -> str:
        [measure] = measures(figures, DEFINED, titles(packs))
        return measure.heading

    assert heading(figure(3, 4)) == heading() == ""
    assert heading(figure(3, 4, category="school"), figure(1, 4, category="police")) == "Agency"
    assert heading(figure(3, 4, category="needs_met")) == "Which"
    assert heading(figure(3, 4, category="school", locality="rugby")) == ""


def test_time_is_said_in_minutes_where_it_is_short(packs: PackSet) -> None:
    for hours, said in ((0.1, "6 minutes"), (0.5, "30 minutes"), (26.3, "26.3 hours")):
        assert finding(packs, figure(3, 4, median_hours=hours)).endswith(f"within {said}.")
