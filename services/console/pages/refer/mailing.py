"""The link to come back by: shown, and mailed where somebody asks for it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.console import times
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, typed_in
from services.console.pages.refer.held import TASKS, Held, address, held, link_to
from services.console.reads import Refusal

FORM_LINKS = "/internal/v1/notifications/form-links"
NO_ADDRESS = "Write an email address, like name@example.com"
NOT_MAILED = {
    429: "No more links can be sent today. Copy the link instead",
    503: "The link can't be sent at the moment. Copy it instead, or try again in a minute",
}


def router(desk: Desk) -> APIRouter:
    """Asking for it by email."""
    routes = pages(desk)

    @routes.post("/refer/link")
    async def mail(request: Request) -> Response:
        sent = await typed_in(request)
        draft = await held(desk, request, sent)
        email = Typed(sent).one("email").strip()
        if not email:
            return show_link(desk, request, draft, Typed(sent, {"email": NO_ADDRESS}))
        await desk.doors.enter(address(request))
        body = {
            "token": draft.token,
            "email": email,
            "authority": draft.authority,
            "until": draft.expires_at.isoformat(),
        }
        told = await desk.reads.ask_house(FORM_LINKS, body)
        if isinstance(told, Refusal):
            wrong = {"email": NOT_MAILED.get(told.status, NO_ADDRESS)}
            return show_link(desk, request, draft, Typed(sent, wrong))
        return RedirectResponse("/refer/link?mailed=yes", 303)

    return routes


def show_link(
    desk: Desk, request: Request, draft: Held, typed: Typed, *, mailed: bool = False
) -> Response:
    """The page with the link. `mailed`: it was just asked for by email."""
    context = {
        "link": link_to(desk, request, f"/refer/return/{draft.token}"),
        "until": times.stamp(draft.expires_at),
        "typed": typed,
        "mailed": mailed,
        "back": TASKS,
    }
    status = 422 if typed.errors else 200
    return desk.show(request, "refer-link.html", context, status=status)
