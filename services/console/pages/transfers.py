"""Transfers from and to other authorities: what waits, what goes along, and the receiver's answer."""

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
from services.console.pages.page import let_in, pages, references_of, sent_to
from services.console.reads import Opened, Part
from services.console.recording.leading import WHY
from services.console.rows import Titles
from services.console.sessions import Session
from services.console.times import moment

ROOM = "/duty/transfers"
TRANSFERS = (("transfers", "/v1/transfers"), ("unasked", "/v1/transfers/unasked"))
TRANSFERRED = {
    "answered": "What was said of the transfer is recorded.",
    "taken": "You have accepted it. It is a referral of yours now, on top of the queue once it is rated.",
}
REFUSED = "That could not be recorded: the receiving authority answers, and once."
TEXTS = {
    "narrative": "What happened",
    "history": "Earlier, and told later",
    "child_voice": "What the child says",
    "going_well": "What goes well",
    "work_already_tried": "What was tried before",
    "what_should_happen": "What should happen",
}


def router(desk: Desk) -> APIRouter:
    """The list, one of them, and the answer."""
    routes = pages(desk)

    @routes.get("/duty/transfers")
    async def listed(
        request: Request,
        done: Annotated[str, Query(max_length=10)] = "",
        sorry: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        now = desk.clock()
        found = {name: await desk.reads.part(session.token, path) for name, path in TRANSFERS}
        ids = {
            one["referral_id"]
            for part in found.values()
            for one in part.items
            if "referral_id" in one
        }
        return desk.show(
            request,
            "transfers.html",
            {
                "found": found,
                "references": await references_of(desk, session, ids),
                "titles": Titles(desk.policy, session, now),
                "moment": lambda at: moment(datetime.fromisoformat(at), now),
                "installed": set(desk.policy.authorities),
                "done": TRANSFERRED.get(done, ""),
                "sorry": REFUSED if sorry else "",
            },
            session=session,
        )

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
                "back": (_home(session), "Duty" if _home(session) == "/duty" else "Transfers"),
                "sorry": REFUSED if sorry else "",
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
            return RedirectResponse(f"{_home(session)}?sorry=answer", 303)
        taken = accepted and told.data.get("became")
        return RedirectResponse(f"{_home(session)}?done={'taken' if taken else 'answered'}", 303)

    return routes


def _home(session: Session) -> str:
    """Where somebody finds the list."""
    return "/duty" if "/duty" in {room.path for room in session.rooms} else ROOM


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
