"""The scorecard: for managers and analysts."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from services.console import flowing, scorecard
from services.console.desk import Desk
from services.console.pages.page import let_in, pages
from services.console.rows import Titles

By = Literal["authority", "locality", "agency"]


def router(desk: Desk) -> APIRouter:
    """The measures and the flow picture, each with its figures as a file for a spreadsheet."""
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
                "query": _query(asked),
            },
            session=session,
        )

    @routes.get("/scorecard/flow")
    async def flow(
        request: Request,
        by: By = "authority",
        start: Annotated[str, Query(max_length=10)] = "",
        end: Annotated[str, Query(max_length=10)] = "",
        published: str = "",
    ) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked = _asked(by, start, end, published)
        told = await desk.reads.part(session.token, "/v1/scorecard/flows", asked)
        titles = Titles(desk.policy, session, desk.clock())
        return desk.show(
            request,
            "scorecard-flow.html",
            {
                "away": told.away,
                "flows": flowing.flows(told.items, titles),
                "by": by,
                "choices": scorecard.BY,
                "start": told.data.get("start", start),
                "end": told.data.get("end", end),
                "published": bool(published),
                "small_numbers": told.data.get("small_numbers", ""),
                "definition": told.data.get("definition", ""),
                "query": _query(asked),
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
        return _file("scorecard", await desk.reads.text(session.token, "/v1/scorecard", asked))

    @routes.get("/scorecard/flow.csv")
    async def flow_saved(
        request: Request,
        by: By = "authority",
        start: Annotated[str, Query(max_length=10)] = "",
        end: Annotated[str, Query(max_length=10)] = "",
        published: str = "",
    ) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked = {**_asked(by, start, end, published), "format": "csv"}
        return _file("flow", await desk.reads.text(session.token, "/v1/scorecard/flows", asked))

    return routes


def _file(name: str, text: str) -> Response:
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _query(asked: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in asked.items())


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
