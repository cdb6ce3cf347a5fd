"""Subscribing to a panel's calendar, and ending a subscription."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound, Unavailable
from services.console.desk import Desk
from services.console.pages.page import pages, sent_to
from services.console.pages.panels import ROOM
from services.console.reads import Part, Refusal
from services.console.rows import Titles


def router(desk: Desk) -> APIRouter:
    """Where the forms of the panels' page go. They stand before those of a meeting, whose addresses
    look alike."""
    routes = pages(desk)

    @routes.post("/panels/{authority}/{panel_code}/feeds")
    async def subscribe(request: Request, authority: str, panel_code: str) -> Response:
        """Show the address, this once."""
        session, _ = await sent_to(desk, request, ROOM)
        pack = Titles(desk.policy, session, desk.clock()).pack(authority)
        if pack is None or panel_code not in pack.allocation.panels:
            raise NotFound("panel_not_found", "There is no such panel.")
        path = f"/v1/panels/{authority}/{panel_code}/feeds"
        made = _there(await desk.reads.told(session.token, path, {}))
        panel = pack.allocation.panels[panel_code]
        return desk.show(
            request, "panel-feed.html", {"made": made.data, "panel": panel}, session=session
        )

    @routes.post("/panels/feeds/{feed_id}/removal")
    async def end(request: Request, feed_id: UUID) -> Response:
        session, _ = await sent_to(desk, request, ROOM)
        path = f"/v1/panels/feeds/{feed_id}"
        _there(await desk.reads.told(session.token, path, None, method="DELETE"))
        return RedirectResponse("/panels?done=ended", 303)

    return routes


def _there(told: Part | Refusal) -> Part:
    """Raises NotFound, Unavailable."""
    if not isinstance(told, Refusal):
        return told
    if told.status >= 500:
        raise Unavailable("away", "The service cannot be reached.")
    raise NotFound("panel_not_found", "There is no such panel.")
