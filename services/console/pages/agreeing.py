"""How far decisions agree with what was suggested, on the scorecard."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.console import agreeing
from services.console.desk import Desk
from services.console.pages.demand import days_of, moments_of
from services.console.pages.page import let_in, pages
from services.console.pages.scorecard import Filters, saved_as
from services.console.rows import Titles

FIGURES = "/v1/triage/consistency"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen on the page, as it stands in its address."""

    by: Literal["suggested", "agency", "drift", "clause", "equality"] = "suggested"
    start: Annotated[str, Query(max_length=10)] = ""
    end: Annotated[str, Query(max_length=10)] = ""
    published: str = ""


Said = Annotated[Chosen, Depends()]


def router(desk: Desk) -> APIRouter:
    """The page, and its figures as a file for a spreadsheet."""
    routes = pages(desk)

    @routes.get("/scorecard/consistency")
    async def shown(request: Request, said: Said) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked, days = _asked(desk, said)
        told = await desk.reads.part(session.token, FIGURES, asked)
        titles = Titles(desk.policy, session, desk.clock())
        context: dict[str, Any] = {
            "away": told.away,
            "measures": agreeing.measures(said.by, told.data, titles),
            "choices": agreeing.BY,
            "by": said.by,
            "start": days[0],
            "end": days[1],
            "published": bool(said.published),
            "query": f"by={said.by}&start={days[0]}&end={days[1]}"
            + ("&published=true" if said.published else ""),
        }
        return desk.show(request, "scorecard-consistency.html", context, session=session)

    @routes.get("/scorecard/consistency.csv")
    async def saved(request: Request, said: Said) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked, _ = _asked(desk, said)
        text = await desk.reads.text(session.token, FIGURES, {**asked, "csv": "true"})
        return saved_as("consistency", text)

    return routes


def _asked(desk: Desk, said: Chosen) -> tuple[dict[str, str], tuple[str, str]]:
    """What is asked of triage, and the days that it is asked of."""
    period = Filters(start=said.start, end=said.end)
    days = days_of(period, desk.clock())
    since, until = moments_of(days)
    asked = {"measure": said.by, "since": since.isoformat(), "until": until.isoformat()}
    if said.published:
        asked["published"] = "true"
    return asked, (days[0].isoformat(), days[1].isoformat())
