"""The scorecard: for managers and analysts."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from services.console import scorecard
from services.console.desk import Desk
from services.console.pages.page import let_in, pages
from services.console.rows import Titles

By = Literal["authority", "locality", "agency"]


def router(desk: Desk) -> APIRouter:
    """The page, and its figures as a file for a spreadsheet."""
    routes = pages(desk)

    @routes.get("/scorecard")
    async def shown(
        request: Request,
        by: By = "authority",
        start: Annotated[str, Query(max_length=10)] = "",
        end: Annotated[str, Query(max_length=10)] = "",
        published: str = "",
    ) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked = _asked(by, start, end, published)
        figures = await desk.reads.part(session.token, "/v1/scorecard", asked)
        definitions = await desk.reads.part(session.token, "/v1/scorecard/definitions")
        titles = Titles(desk.policy, session, desk.clock())
        return desk.show(
            request,
            "scorecard.html",
            {
                "figures": figures,
                "away": figures.away or definitions.away,
                "measures": scorecard.measures(figures.items, definitions.items, titles),
                "by": by,
                "choices": scorecard.BY,
                "start": figures.data.get("start", start),
                "end": figures.data.get("end", end),
                "published": bool(published),
                "small_numbers": definitions.data.get("small_numbers", ""),
                "query": "&".join(f"{name}={value}" for name, value in asked.items()),
            },
            session=session,
        )

    @routes.get("/scorecard.csv")
    async def saved(
        request: Request,
        by: By = "authority",
        start: Annotated[str, Query(max_length=10)] = "",
        end: Annotated[str, Query(max_length=10)] = "",
        published: str = "",
    ) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked = {**_asked(by, start, end, published), "format": "csv"}
        text = await desk.reads.text(session.token, "/v1/scorecard", asked)
        return Response(
            text,
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": 'attachment; filename="scorecard.csv"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return routes


def _asked(by: str, start: str, end: str, published: str) -> dict[str, str]:
    """What is asked of allocation. Days that are none are left out, so that the last year is
    shown."""
    asked = {"by": by}
    for name, value in (("start", start), ("end", end)):
        try:
            asked[name] = date.fromisoformat(value).isoformat()
        except ValueError:
            continue
    if asked.get("start", "0") >= asked.get("end", "9"):
        del asked["start"], asked["end"]
    if published:
        asked["published"] = "true"
    return asked
