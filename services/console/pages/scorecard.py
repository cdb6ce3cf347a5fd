"""The scorecard: for managers and analysts."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.console import feedback, flowing, scorecard
from services.console.desk import Desk
from services.console.pages.page import let_in, pages
from services.console.reads import Part
from services.console.rows import Titles
from services.console.sessions import Session


@dataclass(frozen=True, slots=True)
class Filters:
    """What is chosen on the page, as it stands in its address."""

    by: Literal["authority", "locality", "agency"] = "authority"
    start: Annotated[str, Query(max_length=10)] = ""
    end: Annotated[str, Query(max_length=10)] = ""
    published: str = ""


Said = Annotated[Filters, Depends()]


def router(desk: Desk) -> APIRouter:
    """The measures and the flow picture, each with its figures as a file for a spreadsheet."""
    routes = pages(desk)

    @routes.get("/scorecard")
    async def shown(request: Request, said: Said) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked = asked_of(said)
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
                "small_numbers": definitions.data.get("small_numbers", ""),
                **chosen_of(said, asked, figures),
            },
            session=session,
        )

    @routes.get("/scorecard/told")
    async def told(request: Request, said: Said) -> Response:
        """How soon referrers heard, whether it was of use, and whether help that was named happened."""
        session = await let_in(desk, request, "/scorecard")
        soon, rated, helped, advice = await _told(desk, session, said)
        titles = Titles(desk.policy, session, desk.clock())
        figures = feedback.rows(soon.items, rated.items, helped.items, advice.items)
        definitions = soon.data.get("definitions", {})
        chosen = chosen_of(said, asked_of(said), soon)
        return desk.show(
            request,
            "scorecard-told.html",
            {
                "away": soon.away or rated.away or helped.away or advice.away,
                "measures": feedback.told_measures(figures, definitions, titles),
                **chosen,
                "choices": {code: scorecard.BY[code] for code in ("authority", "agency")},
            },
            session=session,
        )

    @routes.get("/scorecard/told.csv")
    async def told_saved(request: Request, said: Said) -> Response:
        session = await let_in(desk, request, "/scorecard")
        parts = await _told(desk, session, said)
        figures = feedback.rows(*(desk.there(part).items for part in parts))
        return saved_as("told", feedback.as_csv(figures))

    @routes.get("/scorecard/flow")
    async def flow(request: Request, said: Said) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked = asked_of(said)
        told = await desk.reads.part(session.token, "/v1/scorecard/flows", asked)
        titles = Titles(desk.policy, session, desk.clock())
        return desk.show(
            request,
            "scorecard-flow.html",
            {
                "away": told.away,
                "flows": flowing.flows(told.items, titles),
                "small_numbers": told.data.get("small_numbers", ""),
                "definition": told.data.get("definition", ""),
                **chosen_of(said, asked, told),
            },
            session=session,
        )

    @routes.get("/scorecard.csv")
    async def saved(request: Request, said: Said) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked = {**asked_of(said), "format": "csv"}
        return saved_as("scorecard", await desk.reads.text(session.token, "/v1/scorecard", asked))

    @routes.get("/scorecard/flow.csv")
    async def flow_saved(request: Request, said: Said) -> Response:
        session = await let_in(desk, request, "/scorecard")
        asked = {**asked_of(said), "format": "csv"}
        return saved_as("flow", await desk.reads.text(session.token, "/v1/scorecard/flows", asked))

    return routes


async def _told(desk: Desk, session: Session, said: Filters) -> tuple[Part, Part, Part, Part]:
    """What notifications and intake count, by authority or agency: they know no places."""
    asked = asked_of(said)
    by = {"by": "agency" if said.by == "agency" else "authority"}
    period = {name: value for name, value in asked.items() if name != "by"}
    return await asyncio.gather(
        desk.reads.part(session.token, "/v1/messages/measures", period | by),
        desk.reads.part(session.token, "/v1/messages/ratings", period),
        desk.reads.part(session.token, "/v1/messages/helped", period),
        desk.reads.part(session.token, "/v1/intake/consultations-helped", period),
    )


def saved_as(name: str, text: str) -> Response:
    """Figures as a file for a spreadsheet."""
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def chosen_of(said: Filters, asked: dict[str, str], told: Part) -> dict[str, Any]:
    """What the filters show: what was chosen, and the period that was answered for."""
    return {
        "by": said.by,
        "choices": scorecard.BY,
        "start": told.data.get("start", said.start),
        "end": told.data.get("end", said.end),
        "published": bool(said.published),
        "query": "&".join(f"{name}={value}" for name, value in asked.items()),
    }


def asked_of(said: Filters) -> dict[str, str]:
    """What is asked of allocation, as of others. Days that are none are left out, so that the last year is
    shown."""
    asked: dict[str, str] = {"by": said.by}
    for name, value in (("start", said.start), ("end", said.end)):
        try:
            asked[name] = date.fromisoformat(value).isoformat()
        except ValueError:
            continue
    if asked.get("start", "0") >= asked.get("end", "9"):
        del asked["start"], asked["end"]
    if said.published:
        asked["published"] = "true"
    return asked
