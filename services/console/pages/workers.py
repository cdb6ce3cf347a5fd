"""The register of workers: who may be asked, when they are away, who is on duty."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from contracts import codes
from services.console import registering, words
from services.console.desk import Desk
from services.console.forms import Typed, pointed
from services.console.pages.page import let_in, on_register, once_more, pages, sent_to
from services.console.reads import Part, Refusal
from services.console.rows import Titles
from services.console.sessions import Session
from services.console.times import LONDON, moment

ROOM = "/workers"
NAMES = "/internal/v1/intake/staff:batch"
DONE = {
    "kept": "Kept.",
    "away": "The absence is noted. Nothing is offered on these days.",
    "back": "The absence is taken back.",
    "left": "They are off the register.",
    "moved": "All that they had is offered to others, or back with their team.",
    "turn": "The turn of duty stands on the rota.",
}


def router(desk: Desk) -> APIRouter:
    """The list, one worker, registering and changing."""
    routes = pages(desk)

    @routes.get("/workers")
    async def listed(
        request: Request,
        team: Annotated[str, Query(max_length=60)] = "",
        after: Annotated[str, Query(max_length=500)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        asked = {name: value for name, value in (("team", team), ("cursor", after)) if value}
        found = await desk.reads.part(session.token, "/v1/workers", asked)
        rota = await desk.reads.part(session.token, "/v1/rota")
        return desk.show(
            request,
            "workers.html",
            {
                "found": found,
                "rota": rota,
                "teams": _teams(desk, session),
                "team": team,
                "agency": lambda code: words.said(codes.AGENCIES, code),
                "moment": lambda at: moment(datetime.fromisoformat(at), desk.clock()),
                "titles": Titles(desk.policy, session, desk.clock()),
            },
            session=session,
        )

    @routes.get("/workers/new/{authority}")
    async def new(request: Request, authority: str) -> Response:
        session = await let_in(desk, request, ROOM)
        return _form(desk, request, session, authority, Typed({}))

    @routes.post("/workers/new/{authority}")
    async def register(request: Request, authority: str) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        if not registering.code(typed):
            typed = Typed(values, {"code": "Give the code by which you know them."})
            return _form(desk, request, session, authority, typed, status=422)
        staff_id, unknown = await _account(desk, typed)
        if unknown:
            typed = Typed(values, {"account": unknown})
            return _form(desk, request, session, authority, typed, status=422)
        # A code that somebody has already is changed on their own page, not here.
        told = await desk.reads.told(
            session.token,
            f"/v1/workers/{authority}/{registering.code(typed)}",
            {**registering.body(typed), "staff_id": staff_id},
            method="PUT",
            etag='"0"',
        )
        if isinstance(told, Refusal):
            known = told.status == 412
            sorry = "Somebody has that code already." if known else told.detail
            typed = Typed(values, {"code": sorry} if known else pointed(told.errors))
            return _form(desk, request, session, authority, typed, sorry, 422)
        return RedirectResponse(f"/workers/{told.data['id']}?done=kept", 303)

    @routes.get("/workers/{worker_id}")
    async def shown(
        request: Request, worker_id: UUID, done: Annotated[str, Query(max_length=10)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _page(desk, request, session, worker_id, done=DONE.get(done, ""))

    @routes.post("/workers/{worker_id}")
    async def change(request: Request, worker_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        one = (await _read(desk, session, worker_id)).data
        staff_id, unknown = await _account(desk, typed)
        if unknown:
            typed = Typed(values, {"account": unknown})
            return await _page(desk, request, session, worker_id, typed, status=422)
        if staff_id is None and not typed.one("account_was"):
            # It was not shown, or could not be: what is not seen is not taken away.
            staff_id = one["staff_id"]
        body = {
            **registering.body(typed),
            "staff_id": staff_id,
            "organisation_id": one["organisation_id"],
        }
        told = await desk.reads.told(
            session.token,
            f"/v1/workers/{one['authority']}/{one['code']}",
            body,
            method="PUT",
            etag=typed.one("etag") or None,
        )
        return await _answered(desk, request, session, worker_id, told, typed, "kept")

    @routes.post("/workers/{worker_id}/absences")
    async def away(request: Request, worker_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        missing = {
            name: f"Give the {name.replace('_', ' ')} away."
            for name in ("first_day", "last_day")
            if _day(typed.one(name)) is None
        }
        if missing:
            typed = Typed(values, missing)
            return await _page(desk, request, session, worker_id, typed, status=422)
        body = {name: typed.one(name) for name in ("first_day", "last_day")}
        path = f"/v1/workers/{worker_id}/absences"
        told = await desk.reads.told(session.token, path, body)
        return await _answered(desk, request, session, worker_id, told, typed, "away")

    @routes.post("/workers/{worker_id}/absences/{first_day}/removal")
    async def back(request: Request, worker_id: UUID, first_day: date) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        path = f"/v1/workers/{worker_id}/absences/{first_day.isoformat()}"
        told = await desk.reads.told(session.token, path, None, method="DELETE")
        return await _answered(desk, request, session, worker_id, told, Typed(values), "back")

    _add_moves(desk, routes)
    return routes


def _add_moves(desk: Desk, routes: APIRouter) -> None:
    @routes.post("/workers/{worker_id}/shifts")
    async def turn(request: Request, worker_id: UUID) -> Response:
        """A turn of duty, which may go past midnight."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        begins, ends = (_moment(typed, name) for name in ("starts", "ends"))
        missing = {
            f"{name}_day": f"Give a day and a time at which it {verb}, such as 17:30."
            for name, verb, at in (("starts", "begins", begins), ("ends", "ends", ends))
            if at is None
        }
        if begins is None or ends is None:
            typed = Typed(values, missing)
            return await _page(desk, request, session, worker_id, typed, status=422)
        body = {
            "team": typed.one("shift_team"),
            "starts_at": begins.isoformat(),
            "ends_at": ends.isoformat(),
            "on_call": typed.one("on_call") == "yes",
        }
        told = await desk.reads.told(session.token, f"/v1/workers/{worker_id}/shifts", body)
        if isinstance(told, Refusal):
            errors = tuple((at.replace("_at", "_day"), text) for at, text in told.errors)
            told = replace(told, errors=errors)
        return await _answered(desk, request, session, worker_id, told, typed, "turn")

    @routes.post("/workers/{worker_id}/reassignment")
    async def reassign(request: Request, worker_id: UUID) -> Response:
        """All that they have, to one other or back to their team."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        if typed.one("step") == "change":
            return await _page(desk, request, session, worker_id, typed)
        if typed.one("step") != "record":
            one = (await _read(desk, session, worker_id)).data
            others = await _others(desk, session, one)
            to = next((each["text"] for each in others if each["value"] == typed.one("to")), "")
            carries, room = words.points(one["carries"]), words.points(one["capacity"])
            summary = [
                ("Whose work", [f"{one['name']}, {carries} of {room} points"]),
                ("To", [to or f"Back to {one['team_name']}: the rules find somebody"]),
            ]
            title, button = "Give all their work to others", "Give it all away"
            return once_more(
                desk, request, session, typed, title=title, summary=summary, button=button
            )
        body = {"to": typed.one("to")} if typed.one("to") else {}
        path = f"/v1/workers/{worker_id}/reassignment"
        told = await desk.reads.told(session.token, path, body)
        return await _answered(desk, request, session, worker_id, told, typed, "moved")

    @routes.post("/workers/{worker_id}/leaving")
    async def leaving(request: Request, worker_id: UUID) -> Response:
        """Takes somebody off the register, after a last look."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        if typed.one("step") == "change":
            return RedirectResponse(f"/workers/{worker_id}", 303)
        if typed.one("step") != "record":
            one = (await _read(desk, session, worker_id)).data
            summary = [("Who leaves today", [f"{one['name']}, {one['team_name']}"])]
            title, button = "Leaving", "Take off the register"
            return once_more(
                desk, request, session, typed, title=title, summary=summary, button=button
            )
        told = await desk.reads.told(session.token, f"/v1/workers/{worker_id}/leaving", {})
        return await _answered(desk, request, session, worker_id, told, Typed(values), "left")


async def _answered(
    desk: Desk,
    request: Request,
    session: Session,
    worker_id: UUID,
    told: Part | Refusal,
    typed: Typed,
    done: str,
) -> Response:
    if isinstance(told, Part):
        return RedirectResponse(f"/workers/{worker_id}?done={done}", 303)
    if told.status in (403, 404):
        raise NotFound("worker_not_found", "There is no such worker.")
    typed = Typed(typed.values, pointed(told.errors))
    sorry = "" if typed.errors else told.detail
    if told.status == 412:
        sorry = "Somebody changed them meanwhile. Look again before you send it."
    return await _page(desk, request, session, worker_id, typed, sorry=sorry, status=422)


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    worker_id: UUID,
    typed: Typed | None = None,
    *,
    sorry: str = "",
    done: str = "",
    status: int = 200,
) -> Response:
    read = await _read(desk, session, worker_id)
    one = read.data
    if typed is None or "name" not in typed.values:
        # What stands in the form is what is kept, unless it was this form that was sent.
        kept = {**registering.kept(one), "account": [await _name_of(desk, one["staff_id"])]}
        sent = typed.values if typed else {}
        typed = Typed({**kept, **sent}, typed.errors if typed else {})
    return desk.show(
        request,
        "worker.html",
        {
            "worker": one,
            "others": await _others(desk, session, one),
            "etag": read.etag,
            "typed": typed,
            "problem": sorry,
            "done": done,
            **_choices(desk, session, one["authority"], typed),
        },
        session=session,
        status=status,
    )


async def _others(desk: Desk, session: Session, one: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Who else of their authority stands on the register, to choose from."""
    return [
        {"value": each["id"], "text": f"{each['name']}, {each['team_name']}"}
        for each in await on_register(desk, session)
        if each["id"] != one["id"] and each["authority"] == one["authority"]
    ]


def _form(
    desk: Desk,
    request: Request,
    session: Session,
    authority: str,
    typed: Typed,
    problem: str = "",
    status: int = 200,
) -> Response:
    if authority not in session.authorities or authority not in desk.policy.authorities:
        raise NotFound("authority_not_found", "There is no such authority here.")
    context = {"typed": typed, "problem": "" if typed.errors else problem, "authority": authority}
    return desk.show(
        request,
        "worker-new.html",
        {**context, **_choices(desk, session, authority, typed)},
        session=session,
        status=status,
    )


async def _account(desk: Desk, typed: Typed) -> tuple[str | None, str]:
    """The id of the account that somebody signs in with, and what is wrong with its name."""
    name = typed.one("account").strip()
    if not name:
        return None, ""
    told = await desk.reads.ask_house(NAMES, {"usernames": [name]})
    if isinstance(told, Refusal):
        return None, "It cannot be looked up at the moment."
    found = next((str(one["staff_id"]) for one in told.items if one["username"] == name), None)
    return found, "" if found else "Nobody signs in with this name."


async def _name_of(desk: Desk, staff_id: str | None) -> str:
    """The name that somebody signs in with; nothing where it cannot be had."""
    if staff_id is None:
        return ""
    told = await desk.reads.ask_house(NAMES, {"ids": [staff_id]})
    known = [] if isinstance(told, Refusal) else told.items
    return next((str(one["username"]) for one in known), "")


async def _read(desk: Desk, session: Session, worker_id: UUID) -> Part:
    read = await desk.reads.part(session.token, f"/v1/workers/{worker_id}")
    if read.missing:
        raise NotFound("worker_not_found", "There is no such worker.")
    return desk.there(read)


def _choices(
    desk: Desk, session: Session, authority: str, typed: Typed
) -> Mapping[str, registering.Items]:
    pack = Titles(desk.policy, session, desk.clock()).pack(authority)
    assert pack is not None
    return registering.choices(pack, typed)


def _teams(desk: Desk, session: Session) -> list[tuple[str, str]]:
    titles = Titles(desk.policy, session, desk.clock())
    found: dict[str, str] = {}
    for authority in session.authorities:
        pack = titles.pack(authority)
        if pack is not None:
            found |= {code: team.name for code, team in pack.allocation.teams.items()}
    return sorted(found.items(), key=lambda one: one[1])


def _moment(typed: Typed, name: str) -> datetime | None:
    """A day and a time of day in England; None where one of them is none."""
    said = f"{typed.one(f'{name}_day')}T{typed.one(f'{name}_time').strip().replace('.', ':')}"
    try:
        return datetime.strptime(said, "%Y-%m-%dT%H:%M").replace(tzinfo=LONDON)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
