"""Coming back to a form by its link, going on with what was typed, and leaving."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, typed_in
from services.console.pages.refer.answering import show_step, step_at
from services.console.pages.refer.beginning import WHERE, begin
from services.console.pages.refer.held import (
    TASKS,
    ask,
    cookie,
    held,
    hold,
    kept,
    let_go,
    of,
    token_of,
)
from services.console.pages.refer.mailing import show_link
from services.console.reads import Refusal

ELSEWHERE = "https://www.bbc.co.uk/weather"
"""Where somebody lands who leaves in a hurry: a page that anybody could have open."""

CARRIED = "carried."
BAD_LINK = {"link": "This link opens no form. Was it copied whole?"}
AWAY = {"link": "The form can't be opened at the moment. Try again in a minute."}


def router(desk: Desk) -> APIRouter:
    """Return and leave."""
    routes = pages(desk)

    def ask_for_link(request: Request, given: str, errors: Mapping[str, str]) -> Response:
        context = {"given": given, "typed": Typed({}, errors), "back": "/refer"}
        return desk.show(request, "refer-link.html", context, status=422 if errors else 200)

    @routes.get("/refer/link")
    async def link(request: Request, mailed: Annotated[str, Query(max_length=10)] = "") -> Response:
        if cookie(desk) not in request.cookies:
            return ask_for_link(request, "", {})
        return show_link(desk, request, await held(desk, request), Typed(), mailed=bool(mailed))

    # The address opens nothing by itself: scanners of emails follow links, and histories keep them.
    @routes.get("/refer/return/{token}")
    async def come_back(request: Request, token: str) -> Response:
        return ask_for_link(request, token, {})

    @routes.post("/refer/return")
    async def back(request: Request) -> Response:
        given = Typed(await typed_in(request)).one("link")
        found = await ask(desk, "drafts:opened", token=token_of(given))
        if isinstance(found, Refusal):
            return ask_for_link(request, given, AWAY if found.status >= 500 else BAD_LINK)
        return hold(desk, RedirectResponse(TASKS, 303), token_of(given))

    @routes.post("/refer/again")
    async def again(request: Request) -> Response:
        """Go on with what was typed: in the form of a link, or in a new one."""
        sent = await typed_in(request)
        typed = Typed(sent)
        carried = {
            name.removeprefix(CARRIED): values
            for name, values in sent.items()
            if name.startswith(CARRIED)
        }
        target, authority = typed.one("target"), typed.one("authority")
        given = typed.one("link").strip()
        if given:
            found = await ask(desk, "drafts:opened", token=token_of(given))
        elif authority in desk.policy.authorities:
            found = await begin(desk, request, authority)
        else:
            return kept(desk, request, carried, 422, target=target, errors=WHERE)
        if isinstance(found, Refusal) or "sent" in found.data:
            away = isinstance(found, Refusal) and found.status >= 500
            errors = AWAY if away else BAD_LINK
            return kept(desk, request, carried, 422, target=target, errors=errors)
        draft = of(found.data)
        step = step_at(target, draft.form)
        page: Response = RedirectResponse(TASKS, 303)
        if step and carried:
            page = show_step(desk, request, draft, step, Typed(carried), action=step.path)
        return hold(desk, page, draft.token)

    @routes.post("/refer/close")
    async def close(request: Request) -> Response:
        await typed_in(request)
        return let_go(desk, RedirectResponse("/refer", 303))

    @routes.get("/refer/leave")
    async def leave() -> Response:
        return let_go(desk, RedirectResponse(ELSEWHERE, 303, headers={"Cache-Control": "no-store"}))

    return routes
