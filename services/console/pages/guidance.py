"""The thresholds guidance of the person's authorities: read, and two versions side by side."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from chassis.errors import NotFound
from policy.pack import Pack
from policy.publishing import words as published
from policy.working_time import LONDON
from services.console import guidance
from services.console.desk import Desk
from services.console.pages.page import let_in, pages
from services.console.pages.trying import TRYING

ROOM = "/guidance"
Asked = Annotated[str, Query(max_length=80)]


def router(desk: Desk) -> APIRouter:
    """The list of versions, one version, and a comparison."""
    routes = pages(desk)

    @routes.get("/guidance")
    async def listed(request: Request) -> Response:
        session = await let_in(desk, request, ROOM)
        known = [one for one in session.authorities if one in desk.policy.authorities]
        packs = [pack for one in known for pack in guidance.versions(desk.policy, one)]
        in_force = {_current(desk, one) for one in known}
        return desk.show(
            request,
            "guidance-list.html",
            {
                "packs": packs,
                "in_force": in_force,
                "may_try": not session.caller.roles.isdisjoint(TRYING),
            },
            session=session,
        )

    @routes.get("/guidance/compare")
    async def compared(request: Request, a: Asked = "", b: Asked = "") -> Response:
        session = await let_in(desk, request, ROOM)
        before, after = (_named(desk, session.authorities, name) for name in (a, b))
        return desk.show(
            request,
            "guidance-compare.html",
            {"before": before, "after": after, "parts": guidance.changes(before, after)},
            session=session,
        )

    @routes.get("/guidance/{authority}")
    async def read(request: Request, authority: str, version: Asked = "") -> Response:
        session = await let_in(desk, request, ROOM)
        pack = _named(desk, session.authorities, f"{authority}@{version}")
        return desk.show(
            request,
            "guidance.html",
            {
                "pack": pack,
                "in_force": pack.version == _current(desk, authority)[1],
                "colours": published.COLOURS,
                "levels": guidance.levels(pack),
                "together": guidance.together(pack),
                "times": guidance.times(pack),
                "outcome": lambda code: published.outcome(pack, code),
                "role": published.role,
                "opening": published.opening(pack),
            },
            session=session,
        )

    return routes


def _named(desk: Desk, authorities: tuple[str, ...], name: str) -> Pack:
    """AUTHORITY@VERSION of one of the person's authorities. Raises NotFound."""
    authority, _, version = name.partition("@")
    on = desk.clock().astimezone(LONDON).date()
    if authority in authorities and authority in desk.policy.authorities:
        try:
            return guidance.chosen(desk.policy, authority, version, on)
        except KeyError:
            pass
    raise NotFound("guidance_not_found", "There is no such version.")


def _current(desk: Desk, authority: str) -> tuple[str, str]:
    """The authority and its version in force."""
    on = desk.clock().astimezone(LONDON).date()
    return authority, guidance.chosen(desk.policy, authority, "", on).version
