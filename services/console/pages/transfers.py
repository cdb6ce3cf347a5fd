"""One transfer from or to another authority: what goes along, and the receiver's answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from services.console import moving, words
from services.console import people as people_of
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import let_in, pages, sent_to
from services.console.reads import Opened, Part
from services.console.recording.leading import WHY
from services.console.rows import Titles
from services.console.times import moment

ROOM = "/duty"
TEXTS = {
    "narrative": "What happened",
    "history": "Earlier, and told later",
    "child_voice": "What the child says",
    "going_well": "What goes well",
    "work_already_tried": "What was tried before",
    "what_should_happen": "What should happen",
}
SORRY = "That could not be recorded: the receiving authority answers, and once."


def router(desk: Desk) -> APIRouter:
    """The page, and the answer."""
    routes = pages(desk)

    @routes.get("/duty/transfers/{step_id}")
    async def shown(
        request: Request, step_id: UUID, sorry: Annotated[str, Query(max_length=10)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        part = await desk.reads.part(session.token, f"/v1/transfers/{step_id}")
        if part.missing:
            raise _nowhere()
        found = desk.there(part).data
        now = desk.clock()
        return desk.show(
            request,
            "transfer.html",
            {
                "found": found,
                "mine_to_answer": found["to"] in session.authorities and found["state"] == "asked",
                "titles": Titles(desk.policy, session, now),
                "why": words.said(dict(WHY), found["reason"]),
                "asked_at": moment(datetime.fromisoformat(found["asked_at"]), now),
                "agreement": words.agreement(found["agreement"]),
                "family": _family(found),
                "texts": [
                    (title, found["form"][name])
                    for name, title in TEXTS.items()
                    if found["form"] and found["form"].get(name)
                ],
                "later": [one for one in found["later"] if one["kind"] == "information"],
                "reasons": moving.GIVEN_BACK,
                "sorry": SORRY if sorry else "",
            },
            session=session,
        )

    @routes.post("/duty/transfers/{step_id}")
    async def answer(request: Request, step_id: UUID) -> Response:
        """Say whether the other authority has taken a case."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        accepted = typed.one("accepted") == "yes"
        body: dict[str, Any] = {"accepted": accepted}
        if typed.one("reason") and not accepted:
            body["reason"] = typed.one("reason")
        if typed.one("note").strip():
            body["note"] = typed.one("note").strip()
        told = await desk.reads.told(session.token, f"/v1/transfers/{step_id}/answer", body)
        if not isinstance(told, Part):
            if told.status == 404:
                raise _nowhere()
            return RedirectResponse("/duty?sorry=answer", 303)
        taken = accepted and told.data.get("became")
        return RedirectResponse(f"/duty?done={'taken' if taken else 'answered'}", 303)

    return routes


def _family(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not found["form"]:
        return None
    form = Opened(Part({"form": found["form"]}), Part(), Part(), Part(), Part())
    return {
        "children": people_of.children(form),
        "household": people_of.household(form),
        "visiting": people_of.visiting(form),
    }


def _nowhere() -> NotFound:
    return NotFound("transfer_not_found", "There is no such transfer.")
