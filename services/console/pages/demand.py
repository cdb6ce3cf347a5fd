"""Demand by need, on the scorecard."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from chassis.restriction import seer_of
from services.console import demand, scorecard
from services.console.desk import Desk
from services.console.pages.page import let_in, pages
from services.console.pages.scorecard import Filters, Said, asked_of, saved_as
from services.console.rows import Titles
from services.console.sessions import Session
from services.console.store import demand as store
from services.console.times import LONDON

YEAR = timedelta(days=365)


def router(desk: Desk) -> APIRouter:
    """The page, and its figures as a file for a spreadsheet."""
    routes = pages(desk)

    @routes.get("/scorecard/need")
    async def shown(request: Request, said: Said) -> Response:
        session = await let_in(desk, request, "/scorecard")
        titles = Titles(desk.policy, session, desk.clock())
        days = days_of(said, desk.clock())
        rows = await _rows(desk, session, days)
        published = bool(said.published)
        context: dict[str, Any] = {
            "measures": demand.measures(rows, said.by, titles, published=published),
            "small_numbers": demand.SMALL_NUMBERS,
            "choices": scorecard.BY,
            "by": said.by,
            "start": days[0].isoformat(),
            "end": days[1].isoformat(),
            "published": published,
            "query": "&".join(f"{name}={value}" for name, value in asked_of(said).items()),
        }
        return desk.show(request, "scorecard-need.html", context, session=session)

    @routes.get("/scorecard/need.csv")
    async def saved(request: Request, said: Said) -> Response:
        session = await let_in(desk, request, "/scorecard")
        rows = await _rows(desk, session, days_of(said, desk.clock()))
        return saved_as("need", demand.as_csv(rows, said.by, published=bool(said.published)))

    return routes


def days_of(said: Filters, now: datetime) -> tuple[date, date]:
    """The period that is asked for, in days of England, the last not included; the last year where
    none is."""
    asked = asked_of(said)
    end = date.fromisoformat(asked["end"]) if "end" in asked else _tomorrow(now)
    start = date.fromisoformat(asked["start"]) if "start" in asked else end - YEAR
    return start, end


def moments_of(days: tuple[date, date]) -> tuple[datetime, datetime]:
    """When days of England begin, in UTC."""
    start, end = (datetime.combine(day, time(0), LONDON).astimezone(UTC) for day in days)
    return start, end


def _tomorrow(now: datetime) -> date:
    return now.astimezone(LONDON).date() + timedelta(days=1)


async def _rows(desk: Desk, session: Session, days: tuple[date, date]) -> list[store.Demand]:
    seer = seer_of(session.caller, desk.clock())
    async with desk.database.connection() as connection:
        return await store.demand(connection, session.authorities, moments_of(days), seer)
