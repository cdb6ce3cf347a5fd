"""The page behind the link that asks, weeks later, whether the help that was named happened."""

from typing import Final

from fastapi import APIRouter, Request, Response

from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, typed_in
from services.console.pages.useful import ended
from services.console.reads import Part, Refusal

OPENED: Final = "/internal/v1/notifications/helped:opened"
SENT: Final = "/internal/v1/notifications/helped:sent"
ANSWERS: Final = {
    "it_happened": "Yes, they got it",
    "began_and_stopped": "It began, and stopped",
    "never_got_there": "The family never got there",
    "no_room": "The service had no room, or could not be reached",
    "not_known": "I do not know",
}


def router(desk: Desk) -> APIRouter:
    """Asking, and thanking."""
    routes = pages(desk)

    def show(
        request: Request, found: Part, typed: Typed, *, thanks: bool = False, status: int = 200
    ) -> Response:
        context = {
            "reference": found.data["reference"],
            "typed": typed,
            "thanks": thanks,
            "answers": ANSWERS,
        }
        return desk.show(request, "helped.html", context, status=status)

    @routes.get("/helped/{token}")
    async def ask(request: Request, token: str) -> Response:
        found = await desk.reads.ask_house(OPENED, {"token": token})
        if isinstance(found, Refusal):
            return ended(desk, request, found)
        return show(request, found, Typed({"answer": [found.data["answer"] or ""]}))

    @routes.post("/helped/{token}")
    async def send(request: Request, token: str) -> Response:
        values = await typed_in(request)
        answer = Typed(values).one("answer")
        if answer not in ANSWERS:
            found = await desk.reads.ask_house(OPENED, {"token": token})
            if isinstance(found, Refusal):
                return ended(desk, request, found)
            errors = {"answer": "Select what happened"}
            return show(request, found, Typed(values, errors), status=422)
        told = await desk.reads.ask_house(SENT, {"token": token, "answer": answer})
        if isinstance(told, Refusal):
            return ended(desk, request, told)
        return show(request, told, Typed(), thanks=True)

    return routes
