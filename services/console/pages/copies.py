"""Copies for people of what is held about them: beginning a request, the five grounds, releasing,
and reading, printing or saving what was gathered."""

import asyncio
import io
import zipfile
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from chassis.restriction import seer_of
from contracts.codes.access import CONSIDERED, REQUESTERS
from services.console import copying
from services.console.desk import Desk
from services.console.forms import Typed, pointed
from services.console.pages.page import let_in, pages, references_of, sent_to
from services.console.reads import File, Part, Refusal
from services.console.sessions import Session
from services.console.store.queue import by_reference

ROOM = "/records"
REQUESTS = "/v1/intake/subject-access"
LISTS = 40
"""How many pages of requests are looked through for one: the API has no way to one alone."""
GATHERING_SECONDS = 90.0
"""Every service is asked for all that it holds."""
DONE = {
    "opened": "The request is open. Somebody considers it next.",
    "considered": "What you found is recorded.",
    "released": "It is released. Read it before any of it is passed on.",
}
CHOOSE = "Choose whom the copy is about, and who asks for it."
AS_A_PAGE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def router(desk: Desk) -> APIRouter:
    """The list, beginning one, and one of them."""
    routes = pages(desk)

    @routes.get("/records")
    async def listed(
        request: Request, after: Annotated[str, Query(max_length=500)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        found = await desk.reads.part(session.token, REQUESTS, {"cursor": after} if after else None)
        context = {
            "found": found,
            "references": await references_of(
                desk, session, {one["referral_id"] for one in found.items}
            ),
            "states": copying.STATES,
            "requesters": REQUESTERS,
        }
        return desk.show(request, "copies.html", context, session=session)

    @routes.get("/records/begin")
    async def by_its_reference(
        request: Request, reference: Annotated[str, Query(max_length=40)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        async with desk.database.connection() as connection:
            seer = seer_of(session.caller, desk.clock())
            found = await by_reference(connection, reference.strip(), session.authorities, seer)
        if found:
            return RedirectResponse(f"/records/begin/{found}", 303)
        return desk.show(
            request, "not-found.html", {"reference": reference}, session=session, status=404
        )

    @routes.get("/records/begin/{referral_id}")
    async def begin(request: Request, referral_id: UUID) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _beginning(desk, request, session, referral_id, Typed())

    @routes.post("/records/begin/{referral_id}")
    async def begun(request: Request, referral_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        wanted = {name: typed.one(name) for name in ("person_id", "requester")}
        if not all(wanted.values()):
            return await _beginning(desk, request, session, referral_id, typed, CHOOSE)
        body = {"referral_id": str(referral_id), **wanted}
        told = await desk.reads.told(session.token, REQUESTS, body)
        if isinstance(told, Refusal):
            return await _beginning(desk, request, session, referral_id, typed, told.detail)
        return RedirectResponse(f"/records/copies/{told.data['id']}?done=opened", 303)

    @routes.get("/records/copies/{access_id}")
    async def shown(
        request: Request, access_id: UUID, done: Annotated[str, Query(max_length=10)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _one(desk, request, session, access_id, done=DONE.get(done, ""))

    @routes.post("/records/copies/{access_id}/considered")
    async def consider(request: Request, access_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        said = {name: typed.one(name) for name in copying.GROUNDS if typed.one(name)}
        told = await desk.reads.told(
            session.token, f"{REQUESTS}/{access_id}/considerations", {"considered": said}
        )
        return await _answered(desk, request, session, access_id, told, "considered", typed)

    @routes.post("/records/copies/{access_id}/release")
    async def release(request: Request, access_id: UUID) -> Response:
        session, _ = await sent_to(desk, request, ROOM)
        told = await desk.reads.told(session.token, f"{REQUESTS}/{access_id}/release", {})
        return await _answered(desk, request, session, access_id, told, "released", Typed())

    @routes.get("/records/copies/{access_id}/file")
    async def saved(request: Request, access_id: UUID) -> Response:
        """All of it, with the files that came. The name says how many referrals are not in it."""
        session = await let_in(desk, request, ROOM)
        file = await _file(desk, session, access_id)
        name = copying.file_name(file.left_out)
        return Response(
            file.content,
            media_type="application/zip",
            headers={**_kept_to_oneself(), "Content-Disposition": f'attachment; filename="{name}"'},
        )

    @routes.get("/records/copies/{access_id}/page")
    async def to_read(request: Request, access_id: UUID) -> Response:
        """The page in the file, to read and print. It runs nothing and fetches nothing."""
        session = await let_in(desk, request, ROOM)
        file = await _file(desk, session, access_id)
        page = await asyncio.to_thread(_page_in, file.content)
        return Response(page, media_type="text/html; charset=utf-8", headers=_kept_to_oneself())

    return routes


async def _beginning(
    desk: Desk, request: Request, session: Session, referral_id: UUID, typed: Typed, wrong: str = ""
) -> Response:
    story = await desk.reads.part(session.token, f"/v1/referrals/{referral_id}/story")
    if story.missing:
        raise NotFound("referral_not_found", "There is no such referral.")
    context = {
        "referral_id": referral_id,
        "reference": desk.there(story).data["reference"],
        "running": story.data["look_up"] == "running",
        "people": copying.people(story.data),
        "requesters": REQUESTERS,
        "typed": typed,
        "problem": wrong,
    }
    status = 422 if wrong else 200
    return desk.show(request, "copy-begin.html", context, session=session, status=status)


async def _one(
    desk: Desk,
    request: Request,
    session: Session,
    access_id: UUID,
    *,
    done: str = "",
    problem: str = "",
    typed: Typed | None = None,
) -> Response:
    found = await _request(desk, session, access_id)
    story = await desk.reads.part(session.token, f"/v1/referrals/{found['referral_id']}/story")
    me = str(session.staff_id)
    context = {
        "found": found,
        "reference": story.data.get("reference", "Referral"),
        "about": copying.person(story.data, found["person_id"]),
        "away": story.away,
        "state": copying.STATES[found["state"]],
        "requester": REQUESTERS[found["requester"]].title,
        "grounds": copying.GROUNDS,
        "answers": CONSIDERED,
        "who": {name: copying.who(found[name], me) for name in copying.WHO},
        "mine": found["considered_by"] == me,
        "typed": typed or Typed({k: [v] for k, v in (found["considered"] or {}).items()}),
        "problem": problem,
        "done": done,
    }
    status = 422 if problem or (typed and typed.errors) else 200
    return desk.show(request, "copy.html", context, session=session, status=status)


async def _answered(
    desk: Desk,
    request: Request,
    session: Session,
    access_id: UUID,
    told: Part | Refusal,
    done: str,
    typed: Typed,
) -> Response:
    if isinstance(told, Part):
        return RedirectResponse(f"/records/copies/{access_id}?done={done}", 303)
    if told.status == 404:
        raise _nowhere()
    wrong = pointed([(at.removeprefix("/considered"), said) for at, said in told.errors])
    # By its name, and in the page's order: what the service says is the same for each.
    errors = {
        name: f"{title}: say what you found."
        for name, title in copying.GROUNDS.items()
        if name in wrong
    }
    return await _one(
        desk, request, session, access_id,
        problem="" if errors else told.detail, typed=Typed(typed.values, errors),
    )  # fmt: skip


async def _request(desk: Desk, session: Session, access_id: UUID) -> Mapping[str, Any]:
    """One request. Raises NotFound, Unavailable."""
    after = ""
    for _ in range(LISTS):
        query = {"cursor": after} if after else None
        part = desk.there(await desk.reads.part(session.token, REQUESTS, query))
        for one in part.items:
            if one["id"] == str(access_id):
                return one
        after = part.data.get("next") or ""
        if not after:
            break
    raise _nowhere()


async def _file(desk: Desk, session: Session, access_id: UUID) -> File:
    path = f"{REQUESTS}/{access_id}/bundle"
    file = await desk.reads.file(session.token, path, seconds=GATHERING_SECONDS)
    if file is None:
        raise _nowhere()
    return file


def _page_in(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.read("bundle.html")


def _kept_to_oneself() -> dict[str, str]:
    return {
        "Content-Security-Policy": AS_A_PAGE,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
    }


def _nowhere() -> NotFound:
    return NotFound("request_not_found", "There is no such request.")
