"""What somebody has, or was asked for, and what came of it: the lead professional's pages, in the hub
and in partner agencies."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from chassis.http.routing import joined
from services.console import moving, recording, words
from services.console import people as people_of
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages import leading as forms
from services.console.pages.page import let_in, pages, sent_to
from services.console.reads import Opened, Part
from services.console.recording import leading
from services.console.sessions import Session

ROOM = "/my-work"
SIGNING = frozenset({"coordinator", "manager"})
FOLLOWING = SIGNING | {"panel_chair"}
"""Who follows what every agency was asked to do, with the panels."""
FORMS = (
    ("reached", "What was reached: first contact, a meeting, a review"),
    ("paper", "An assessment or a plan"),
    ("step", "More help, or less"),
    ("transfer", "To another authority"),
    ("closure", "End help"),
)
DONE = {
    "signed": "It is signed off.",
    "accepted": "You have taken this work on.",
    "declined": "You have handed this work back. Somebody else is asked.",
    "answered": "Thank you. Whoever asked sees what you said.",
    **{name: recording.ENTRIES[name].done for name, _ in FORMS},
}
SORRY = {
    "signed": "It was not signed off: another signs what somebody wrote, and once.",
    "work": "That could not be recorded: somebody answered before you, or it has ended.",
    "action": "That could not be recorded: it was declined or done before.",
}
ENDED: Mapping[str, str] = {
    **dict(leading.ENDINGS),
    "stepped_up": "Stepped up",
    "stepped_down": "Stepped down",
    "transferred": "Another authority has it",
}


def router(desk: Desk) -> APIRouter:
    """The list, one piece of work, answering what was asked, and signing off what another wrote."""
    routes = pages(desk)

    @routes.get("/my-work")
    async def listed(
        request: Request,
        after: Annotated[str, Query(max_length=500)] = "",
        done: Annotated[str, Query(max_length=10)] = "",
        sorry: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        asked = {"cursor": after} if after else {}
        found = await desk.reads.part(session.token, "/v1/work", asked)
        actions = Part()
        if session.caller.roles.isdisjoint(FOLLOWING):
            actions = await desk.reads.part(session.token, "/v1/actions")
        return desk.show(
            request,
            "work.html",
            {
                "found": found,
                "actions": actions,
                "help_of": moving.help_of,
                "states": words.ALLOCATION_STATES,
                "action_states": moving.ACTION_STATES,
                "partner": session.caller.is_referrer,
                "done": DONE.get(done, ""),
                "sorry": SORRY.get(sorry, ""),
            },
            session=session,
        )

    @routes.post("/my-work/actions/{action_id}")
    async def answer(request: Request, action_id: UUID) -> Response:
        """Accept, decline or finish what was asked of somebody."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        refusal = await desk.reads.order(
            session.token,
            f"/v1/actions/{action_id}/answer",
            {"state": typed.one("state"), **_note(typed)},
        )
        if refusal is not None and refusal.status in (403, 404, 422):
            raise NotFound("action_not_found", "There is no such action.")
        said = "done=answered" if refusal is None else "sorry=action"
        return RedirectResponse(f"/my-work?{said}", 303)

    @routes.get("/my-work/{allocation_id}")
    async def shown(
        request: Request,
        allocation_id: UUID,
        done: Annotated[str, Query(max_length=10)] = "",
        sorry: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        read = await desk.reads.part(session.token, f"/v1/work/{allocation_id}")
        if read.missing:
            raise NotFound("allocation_not_found", "There is no such work.")
        work = desk.there(read).data
        return desk.show(
            request,
            "work-one.html",
            {
                "work": work,
                "reference": work["reference"],
                "partner": session.caller.is_referrer,
                "family": _family(work),
                "declined_because": words.DECLINED_BECAUSE,
                "state": words.said(words.ALLOCATION_STATES, work["state"]),
                "forms": _forms(session),
                "milestones": [_milestone(one) for one in work["milestones"]],
                "papers": [_paper(one) for one in work["papers"]],
                "earlier": leading.papers_of({**work, "papers": []}),
                "distance": [
                    (words.said(dict(leading.AREAS), area), scores["first"], scores["last"])
                    for area, scores in work["distance"].items()
                ],
                "moves": moving.moves(work.get("steps", ()), desk.clock()),
                "ended": work["ended"] and words.said(ENDED, work["ended"]["reason"]),
                "may_sign": not session.caller.roles.isdisjoint(SIGNING),
                "done": DONE.get(done, ""),
                "sorry": SORRY.get(sorry, ""),
            },
            session=session,
        )

    @routes.post("/my-work/{allocation_id}/acceptance")
    async def accept(request: Request, allocation_id: UUID) -> Response:
        """Take on what was offered."""
        session, _ = await sent_to(desk, request, ROOM)
        return await _answered(
            desk, session, f"/v1/allocations/{allocation_id}/acceptance", {},
            f"/my-work/{allocation_id}?done=accepted",
        )  # fmt: skip

    @routes.post("/my-work/{allocation_id}/decline")
    async def hand_back(request: Request, allocation_id: UUID) -> Response:
        """Hand an offer back, with a reason."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        body = {"reason": typed.one("reason"), **_note(typed)}
        path = f"/v1/allocations/{allocation_id}/decline"
        return await _answered(desk, session, path, body, "/my-work?done=declined")

    @routes.post("/my-work/{allocation_id}/papers/{paper_id}")
    async def sign(request: Request, allocation_id: UUID, paper_id: UUID) -> Response:
        """Sign off what another wrote."""
        session, _ = await sent_to(desk, request, ROOM)
        refusal = await desk.reads.order(
            session.token, f"/v1/work/{allocation_id}/papers/{paper_id}/sign-off", None
        )
        if refusal is not None and refusal.status == 404:
            raise NotFound("paper_not_found", "There is no such paper.")
        said = "done=signed" if refusal is None else "sorry=signed"
        return RedirectResponse(f"/my-work/{allocation_id}?{said}", 303)

    return joined((routes, forms.router(desk)))


async def _answered(
    desk: Desk, session: Session, path: str, body: Mapping[str, Any], following: str
) -> Response:
    refusal = await desk.reads.order(session.token, path, body, key=secrets.token_urlsafe(16))
    if refusal is not None and refusal.status in (403, 404):
        raise NotFound("allocation_not_found", "There is no such work.")
    return RedirectResponse(following if refusal is None else "/my-work?sorry=work", 303)


def _note(typed: Typed) -> Mapping[str, str]:
    note = typed.one("note").strip()
    return {"note": note} if note else {}


def _forms(session: Session) -> list[tuple[str, str]]:
    """What somebody may record. Of a partner agency: what a lead professional does."""
    if session.caller.is_referrer:
        return [one for one in FORMS if one[0] in forms.FORMS]
    may = recording.open_to(session.caller.roles, qualified=session.may_decide)
    return [one for one in FORMS if one[0] in may]


def _family(work: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Who the family is, for somebody who sees no referral; None where they may not be told."""
    if not work.get("family"):
        return None
    form = Opened(Part({"form": work["family"]}), Part(), Part(), Part(), Part())
    return {
        "children": people_of.children(form),
        "household": people_of.household(form),
        "visiting": people_of.visiting(form),
    }


def _milestone(one: Mapping[str, Any]) -> Mapping[str, Any]:
    areas = dict(leading.AREAS)
    scores = ", ".join(
        f"{words.said(areas, area)}: {score}" for area, score in one["scores"].items()
    )
    return {**one, "title": words.said(words.MILESTONES, one["milestone"]), "scored": scores}


def _paper(one: Mapping[str, Any]) -> Mapping[str, Any]:
    title = words.said(words.MILESTONES, one["kind"])
    return {**one, "title": f"{title}, version {one['version']}"}
