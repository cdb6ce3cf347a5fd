"""Beginning a form."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Unauthorised
from contracts.form import FORM_VERSIONS
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, signed_in, typed_in
from services.console.pages.refer.held import address, ask, cookie, hold, kept, pack, places
from services.console.reads import Part, Refusal

FIRST = "/refer/page/danger"
WHERE = {"authority": "Choose where the child lives"}


def router(desk: Desk) -> APIRouter:
    """The start page."""
    routes = pages(desk)

    async def show(request: Request, errors: Mapping[str, str]) -> Response:
        hubs = [
            {
                "name": found.name,
                "phone": found.messages.phone,
                "emergency": found.messages.emergency_phone,
            }
            for found in (pack(desk, one) for one in desk.policy.authorities)
        ]
        context = {
            "places": places(desk),
            "hubs": sorted(hubs, key=lambda hub: hub["name"]),
            "begun": cookie(desk) in request.cookies,
            "known": "person" in await _as_whom(desk, request),
            "typed": Typed({}, errors),
        }
        return desk.show(request, "refer-start.html", context, status=422 if errors else 200)

    @routes.get("/refer")
    async def welcome(request: Request) -> Response:
        return await show(request, {})

    @routes.post("/refer")
    async def started(request: Request) -> Response:
        authority = Typed(await typed_in(request)).one("authority")
        if authority not in desk.policy.authorities:
            return await show(request, WHERE)
        begun = await begin(desk, request, authority)
        if isinstance(begun, Refusal):
            return kept(desk, request, {"authority": [authority]}, 503)
        return hold(desk, RedirectResponse(FIRST, 303), begun.data["token"])

    return routes


async def begin(desk: Desk, request: Request, authority: str) -> Part | Refusal:
    """Begin a form. Raises TooManyBegun."""
    await desk.doors.enter(address(request))
    form = {"authority": authority, "form_version": FORM_VERSIONS[-1]}
    return await ask(desk, "drafts:begun", form=form, **await _as_whom(desk, request))


async def _as_whom(desk: Desk, request: Request) -> Mapping[str, str]:
    """Somebody of a partner organisation who is signed in begins it for that; anybody else as a
    visitor."""
    try:
        session = await signed_in(desk, request, partners=True)
    except Unauthorised:
        return {}
    return {"person": session.token} if session.caller.is_referrer else {}
