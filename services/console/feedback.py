"""How referrers were told, as the scorecard shows it: how soon they heard, whether it was of use to
them, and whether the help that was named happened. Notifications and intake count; nothing is counted
here.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from services.console.rows import Titles
from services.console.scorecard import Answer, Measure, measures

TITLES: Final = {
    "acknowledged_in_time": "Acknowledged within one working day",
    "decided_in_time": "Decided within one working day",
    "feedback_sent_in_time": "Told the decision within one working day of it",
    "feedback_arrived": "The decision reached who referred",
    "status_opened": "Who referred looked at where it stands",
    "useful": "The message was useful, they say",
    "not_useful_because": "Why it was not useful",
    "helped": "What became of the help that a decision named",
    "advice_helped": "What became of the help that advice named",
}
_SAID: Final = {
    "useful": "answers to the question in a message, those that say that it was useful",
    "not_useful_because": "answers that say that a message was not useful, those with the reason",
    "helped": "answers of whoever referred to the question that they get weeks later, those that say so",
    "advice_helped": "answers of whoever asked for advice, weeks later, those that say so",
}
COLUMNS: Final = ("measure", "authority", "agency", "category", "count", "total", "percent", "median_hours")  # fmt: skip


def rows(
    told: Sequence[Answer],
    rated: Sequence[Answer],
    helped: Sequence[Answer],
    advice_helped: Sequence[Answer],
) -> list[Answer]:
    """The figures of all, in one shape."""
    return [
        *told,
        *_rated(rated),
        *_helped("helped", helped),
        *_helped("advice_helped", advice_helped),
    ]


def told_measures(figures: Sequence[Answer], definitions: Answer, titles: Titles) -> list[Measure]:
    """Each measure with its finding and its figures. Each belongs to the period in which the
    referral was received, or the answer given."""
    counted = {**definitions, **_SAID}
    known = [
        {"measure": code, "title": title, "of": "", "counted": "", "when": ""}
        for code, title in TITLES.items()
    ]
    return [
        replace(
            one,
            counted=f"Counted: {counted.get(one.code, '')}. It belongs to the period in which "
            f"{'they said so' if one.code in _SAID else 'the referral was received'}.",
        )
        for one in measures(figures, known, titles)
    ]


def as_csv(figures: Sequence[Answer]) -> str:
    """The figures for a spreadsheet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(figures)
    return text.getvalue()


def _rated(rated: Sequence[Answer]) -> Iterator[Answer]:
    for one in rated:
        useful, not_useful = one["useful"], one["not_useful"]
        where = {"authority": one["authority"], "agency": None}
        both = None if useful is None or not_useful is None else useful + not_useful
        yield {"measure": "useful", **where, "category": _written(one), **_share(useful, both)}
        for because, count in one["because"].items():
            yield {
                "measure": "not_useful_because",
                **where,
                "category": because,
                **_share(count, not_useful),
            }


def _helped(measure: str, helped: Sequence[Answer]) -> Iterator[Answer]:
    for one in helped:
        where = {"measure": measure, "authority": one["authority"], "agency": None}
        for answer, count in one["answers"].items():
            yield {**where, "category": answer, **_share(count, one["total"])}


def _written(rated: Answer) -> str:
    """The kind of a message, and in whose words where they are an authority's own."""
    template = rated.get("template", "shipped")
    return rated["kind"] if template == "shipped" else f"{rated['kind']}, own words of {template}"


def _share(count: int | None, total: int | None) -> Answer:
    percent = round(100 * count / total, 1) if count is not None and total else None
    return {"count": count, "total": total, "percent": percent}
