"""What waits for a person, and offering it to somebody."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from services.console import words
from services.console.desk import Desk
from services.console.forms import Typed, pointed
from services.console.pages.page import let_in, once_more, pages, references_of, sent_to
from services.console.reads import Refusal
from services.console.rows import Titles
from services.console.sessions import Session

ROOM = "/waiting"
DONE = "The work is offered. It leaves this list, and comes back if it is declined."
KEPT = "It is kept, and holds for whoever is asked from now on."
WISHES: Mapping[str, str] = {
    "preferred": "The family asked for them: ask them first",
    "excluded": "Leave them out for this family, for good reason",
    "conflict_of_interest": "Leave them out: a conflict of interest",
}

NOBODY_FOUND: Mapping[str, str] = {
    "full": "Everybody who could take it has no room",
    "nobody_free": "Nobody in the team can take it",
    "no_workers": "The team has nobody on the register",
}
REASONS: Mapping[str, str] = {
    "works_with_family": "They work with the family already",
    "family_asked": "The family asked for them",
    "specialism": "They know this kind of work best",
    "restricted": "The record is restricted",
    "joint_work": "They work on it together with somebody",
    "worker_leaves": "Somebody leaves",
    "other": "Another reason",
}


def router(desk: Desk) -> APIRouter:
    """The waiting list, and one piece of work with who would be asked."""
    routes = pages(desk)

    @routes.get("/waiting")
    async def listed(
        request: Request,
        locality: Annotated[str, Query(max_length=60)] = "",
        after: Annotated[str, Query(max_length=500)] = "",
        done: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        titles = Titles(desk.policy, session, desk.clock())
        asked = {name: said for name, said in (("locality", locality), ("cursor", after)) if said}
        found = await desk.reads.part(session.token, "/v1/waiting", asked)
        loops = await desk.reads.part(session.token, "/v1/loops")
        ids = [one["referral_id"] for one in (*found.items, *loops.items)]
        known = await references_of(desk, session, ids)
        return desk.show(
            request,
            "waiting.html",
            {
                "found": found,
                "loops": loops,
                "references": known,
                "titles": titles,
                "localities": titles.localities(session.authorities),
                "locality": locality,
                "done": DONE if done else "",
                "nobody_found": NOBODY_FOUND,
            },
            session=session,
        )

    @routes.get("/waiting/{allocation_id}")
    async def shown(
        request: Request, allocation_id: UUID, done: Annotated[str, Query(max_length=10)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        said = KEPT if done else ""
        return await _page(desk, request, session, allocation_id, Typed(), done=said)

    @routes.post("/waiting/{allocation_id}/wishes")
    async def wish(request: Request, allocation_id: UUID) -> Response:
        """Keep whom the family asked for, or who is not to be asked for it."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        who, what = typed.one("whom"), typed.one("wish")
        if not who or what not in WISHES:
            missing = Typed(values, {"whom": "Choose somebody, and what holds for them."})
            return await _page(desk, request, session, allocation_id, missing)
        asked = what == "preferred"
        told = await desk.reads.order(
            session.token,
            f"/v1/allocations/{allocation_id}/{'preference' if asked else 'exclusions'}",
            {"worker_id": who} if asked else {"worker_id": who, "because": what},
        )
        if told is None:
            return RedirectResponse(f"/waiting/{allocation_id}?done=wish", 303)
        return await _refused(desk, request, session, allocation_id, typed, told, at="whom")

    @routes.post("/waiting/{allocation_id}")
    async def offer(request: Request, allocation_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        missing = {
            name: said
            for name, said in (("worker_id", "Choose somebody."), ("reason", "Choose a reason."))
            if not typed.one(name)
        }
        if missing:
            return await _page(desk, request, session, allocation_id, Typed(values, missing))
        if typed.one("step") == "change":
            return await _page(desk, request, session, allocation_id, typed)
        if typed.one("step") != "record":
            return await _look(desk, request, session, allocation_id, typed)
        body: dict[str, object] = {
            "worker_id": typed.one("worker_id"),
            "reason": typed.one("reason"),
            "joint": typed.one("joint") == "yes",
        }
        if typed.one("note").strip():
            body["note"] = typed.one("note").strip()
        told = await desk.reads.order(
            session.token,
            f"/v1/allocations/{allocation_id}/offers",
            body,
            key=typed.one("key") or secrets.token_urlsafe(16),
        )
        if told is None:
            return RedirectResponse("/waiting?done=offer", 303)
        return await _refused(desk, request, session, allocation_id, typed, told)

    return routes


async def _refused(
    desk: Desk,
    request: Request,
    session: Session,
    allocation_id: UUID,
    typed: Typed,
    told: Refusal,
    at: str = "worker_id",
) -> Response:
    if told.status in (403, 404):
        raise NotFound("allocation_not_found", "There is no such work.")
    typed = Typed(typed.values, pointed(told.errors) or {at: told.detail})
    return await _page(desk, request, session, allocation_id, typed)


async def _look(
    desk: Desk, request: Request, session: Session, allocation_id: UUID, typed: Typed
) -> Response:
    """A last look at whom work is offered to."""
    found = await _preview(desk, session, allocation_id)
    people = _people(found)
    named = next((one["text"] for one in people if one["value"] == typed.one("worker_id")), "")
    if not named:
        chosen = Typed(typed.values, {"worker_id": "Choose somebody."})
        return await _page(desk, request, session, allocation_id, chosen)
    told = (
        ("Referral", found["reference"]),
        ("To", named),
        ("Why them", words.said(REASONS, typed.one("reason"))),
        ("Note", typed.one("note").strip()),
        ("Beside whoever leads already", "Yes" if typed.one("joint") == "yes" else ""),
    )
    return once_more(
        desk,
        request,
        session,
        typed,
        title="Offer the work",
        summary=[(label, said.splitlines()) for label, said in told if said],
        button="Offer it",
    )


async def _preview(desk: Desk, session: Session, allocation_id: UUID) -> Mapping[str, Any]:
    read = await desk.reads.part(session.token, f"/v1/allocations/{allocation_id}/preview")
    if read.missing:
        raise NotFound("allocation_not_found", "There is no such work.")
    return desk.there(read).data


def _people(found: Mapping[str, Any]) -> list[dict[str, str]]:
    """Who may be asked, first whom the rules would ask."""
    people = [{"value": one["worker_id"], "text": one["name"]} for one in found["others"]]
    if found["worker_id"]:
        people.insert(0, {"value": found["worker_id"], "text": found["name"]})
    return people


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    allocation_id: UUID,
    typed: Typed,
    *,
    done: str = "",
) -> Response:
    found = await _preview(desk, session, allocation_id)
    return desk.show(
        request,
        "waiting-one.html",
        {
            "found": found,
            "people": _people(found),
            "reasons": [{"value": code, "text": text} for code, text in REASONS.items()],
            "wishes": [{"value": code, "text": text} for code, text in WISHES.items()],
            "typed": typed,
            "done": done,
            "allocation_id": allocation_id,
            "key": typed.one("key") or secrets.token_urlsafe(16),
        },
        session=session,
        status=422 if typed.errors else 200,
    )
