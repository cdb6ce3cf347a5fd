"""Whether each service is there and keeps up."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.console import health
from services.console.desk import Desk
from services.console.pages.page import let_in, pages

ROOM = "/health"


def router(desk: Desk) -> APIRouter:
    """The page."""
    routes = pages(desk)

    @routes.get("/health")
    async def shown(request: Request) -> Response:
        session = await let_in(desk, request, ROOM)
        told = await asyncio.gather(
            *(desk.reads.house(f"/internal/v1/{name}/health") for name in health.SERVICES)
        )
        states = [
            health.state(name, None if part.away else part.data)
            for name, part in zip(health.SERVICES, told, strict=True)
        ]
        return desk.show(
            request,
            "health.html",
            {"states": states, "finding": health.finding(states)},
            session=session,
        )

    return routes
