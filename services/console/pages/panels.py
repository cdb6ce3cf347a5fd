"""The panels: next meetings, an agenda, who was there, what was agreed, and actions."""

import secrets
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from contracts import codes
from services.console import moving, words
from services.console.desk import Desk
from services.console.forms import Typed, pointed
from services.console.pages.page import let_in, on_register, pages, sent_to
from services.console.reads import Refusal
from services.console.rows import Titles
from services.console.sessions import Session
from services.console.times import LONDON, day

ROOM = "/panels"
OUTCOMES = {
    "support_agreed": "Support is agreed",
    "lead_agreed": "Somebody leads",
    "step_up": "More help is needed",
    "no_further_help": "No further help",
    "theme_noted": "The theme is noted",
    "deferred": "To another meeting",
}
ACTION = {
    "owner": "",
    "kind": "Choose what kind of help",
    "text": "Write what they are asked to do",
    "worker_id": "",
    "by": "Say by when",
}
"""What is typed of an action, and what is said of each that has to be."""
DONE = {
    "kept": "Recorded.",
    "moved": "The item goes to another meeting.",
    "ended": "The subscription has ended. Its address answers no more.",
}


def router(desk: Desk) -> APIRouter:
    """The list, one meeting, and the tracker of actions."""
    routes = pages(desk)

    @routes.get("/panels")
    async def listed(request: Request, done: Annotated[str, Query(max_length=10)] = "") -> Response:
        session = await let_in(desk, request, ROOM)
        found = await desk.reads.part(session.token, "/v1/panels")
        actions = await desk.reads.part(session.token, "/v1/actions")
        feeds = await desk.reads.part(session.token, "/v1/panels/feeds")
        titles = Titles(desk.policy, session, desk.clock())
        return desk.show(
            request,
            "panels.html",
            {
                "found": found,
                "actions": actions,
                "feeds": feeds,
                "names": {(one["authority"], one["panel"]): one["name"] for one in found.items},
                "titles": titles,
                "asked_of": moving.of,
                "help_of": moving.help_of,
                "done": DONE.get(done, ""),
            },
            session=session,
        )

    @routes.get("/panels/{authority}/{panel_code}/{held_on}")
    async def shown(
        request: Request,
        authority: str,
        panel_code: str,
        held_on: date,
        done: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _page(
            desk, request, session, (authority, panel_code, held_on), done=DONE.get(done, "")
        )

    @routes.post("/panels/{authority}/{panel_code}/{held_on}")
    async def attendance(
        request: Request, authority: str, panel_code: str, held_on: date
    ) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed, meeting = Typed(values), (authority, panel_code, held_on)
        if not typed.every("attended"):
            typed = Typed(values, {"attended": "Choose who was there."})
            return await _page(desk, request, session, meeting, typed)
        told = await desk.reads.order(
            session.token,
            f"/v1/panels/{authority}/{panel_code}/meetings/{held_on}/attendance",
            {"attended": list(typed.every("attended"))},
            method="PUT",
        )
        return await _answered(desk, request, session, meeting, told, typed, "attended")

    @routes.post("/panels/{authority}/{panel_code}/{held_on}/items/{item_id}")
    async def conclude(
        request: Request, authority: str, panel_code: str, held_on: date, item_id: UUID
    ) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed, meeting = Typed(values), (authority, panel_code, held_on)
        body: dict[str, object] = {"outcome": typed.one("outcome")}
        if typed.one("note").strip():
            body["note"] = typed.one("note").strip()
        asked = {name: typed.one(name).strip() for name in ACTION}
        if asked["kind"] or asked["text"]:
            body["actions"] = [{name: said for name, said in asked.items() if said}]
            if missing := [told for name, told in ACTION.items() if told and not asked[name]]:
                typed = Typed(values, {f"item-{item_id}": "; ".join(missing)})
                return await _page(desk, request, session, meeting, typed)
        path = f"/v1/panels/items/{item_id}/outcome"
        key = typed.one("key") or secrets.token_urlsafe(16)
        told = await desk.reads.order(session.token, path, body, key=key)
        return await _answered(desk, request, session, meeting, told, typed, f"item-{item_id}")

    @routes.post("/panels/{authority}/{panel_code}/{held_on}/items/{item_id}/move")
    async def move(
        request: Request, authority: str, panel_code: str, held_on: date, item_id: UUID
    ) -> Response:
        """Put an item on the agenda of another meeting."""
        session, values = await sent_to(desk, request, ROOM)
        typed, meeting = Typed(values), (authority, panel_code, held_on)
        path, body = f"/v1/panels/items/{item_id}/move", {"meeting_on": typed.one("meeting_on")}
        told = await desk.reads.order(session.token, path, body)
        return await _answered(
            desk, request, session, meeting, told, typed, f"item-{item_id}", "moved"
        )

    @routes.post("/panels/actions/{action_id}")
    async def answer(request: Request, action_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        state = Typed(values).one("state")
        path = f"/v1/actions/{action_id}/answer"
        told = await desk.reads.order(session.token, path, {"state": state})
        if told is not None and told.status in (403, 404, 422):
            raise NotFound("action_not_found", "There is no such action.")
        return RedirectResponse("/panels?done=kept" if told is None else "/panels", 303)

    return routes


Meeting = tuple[str, str, date]


async def _answered(
    desk: Desk,
    request: Request,
    session: Session,
    meeting: Meeting,
    told: Refusal | None,
    typed: Typed,
    field: str,
    done: str = "kept",
) -> Response:
    if told is None:
        return RedirectResponse(f"/panels/{'/'.join(map(str, meeting))}?done={done}", 303)
    if told.status in (403, 404):
        raise NotFound("meeting_not_found", "There is no such meeting.")
    said = "; ".join(pointed(told.errors).values()) or told.detail
    return await _page(desk, request, session, meeting, Typed(typed.values, {field: said}))


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    meeting: Meeting,
    typed: Typed | None = None,
    *,
    done: str = "",
) -> Response:
    authority, panel_code, held_on = meeting
    path = f"/v1/panels/{authority}/{panel_code}/meetings/{held_on}"
    read = await desk.reads.part(session.token, path)
    pack = Titles(desk.policy, session, desk.clock()).pack(authority)
    if read.missing or pack is None or panel_code not in pack.allocation.panels:
        raise NotFound("meeting_not_found", "There is no such meeting.")
    found = desk.there(read).data
    panel = pack.allocation.panels[panel_code]
    every = await desk.reads.part(session.token, "/v1/panels")
    days = [
        each["held_on"]
        for one in every.items
        if (one["authority"], one["panel"]) == (authority, panel_code)
        for each in one["meetings"]
        if each["held_on"] != held_on.isoformat()
    ]
    return desk.show(
        request,
        "panel.html",
        {
            "found": found,
            "panel": panel,
            "address": f"/panels/{authority}/{panel_code}/{held_on}",
            "members": [{"value": code, "text": _agency(code)} for code in panel.members],
            "workers": [
                {"value": one["id"], "text": f"{one['name']}, {_agency(one['agency'])}"}
                for one in (await on_register(desk, session) if found["items"] else ())
                if one["authority"] == authority and one["agency"] in panel.members
            ],
            "other_days": [{"value": one, "text": day(one)} for one in days],
            "helps": [{"value": one.code, "text": one.title} for one in codes.HELP.values()],
            "nothing": Typed(),
            "outcomes": [{"value": code, "text": text} for code, text in OUTCOMES.items()],
            "outcome": lambda code: words.said(OUTCOMES, code),
            "concerns": lambda held: "; ".join(words.said(codes.CONCERNS, one) for one in held),
            "held": held_on <= desk.clock().astimezone(LONDON).date(),
            "typed": typed or Typed(),
            "key": secrets.token_urlsafe(12),
            "done": done,
        },
        session=session,
        status=422 if typed else 200,
    )


def _agency(code: str) -> str:
    return words.said(codes.AGENCIES, code)
