"""What somebody has, or was asked for, and what came of it: the lead professional's pages."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from services.console import recording, words
from services.console.desk import Desk
from services.console.pages.page import let_in, pages, references_of, sent_to
from services.console.recording import leading
from services.console.rows import Titles

ROOM = "/my-work"
SIGNING = frozenset({"coordinator", "manager"})
FORMS = (
    ("reached", "What was reached: first contact, a meeting, a review"),
    ("paper", "An assessment or a plan"),
    ("step", "More help, or less"),
    ("transfer", "To another authority"),
    ("closure", "End help"),
)
DONE = {"signed": "It is signed off."}
ENDED: Mapping[str, str] = {
    **dict(leading.ENDINGS),
    "stepped_up": "Stepped up",
    "stepped_down": "Stepped down",
    "transferred": "Another authority has it",
}


def router(desk: Desk) -> APIRouter:
    """The list, one piece of work, and signing off what another wrote."""
    routes = pages(desk)

    @routes.get("/my-work")
    async def listed(
        request: Request, after: Annotated[str, Query(max_length=500)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        asked = {"cursor": after} if after else {}
        found = await desk.reads.part(session.token, "/v1/work", asked)
        known = await references_of(desk, session, [one["referral_id"] for one in found.items])
        return desk.show(
            request,
            "work.html",
            {
                "found": found,
                "references": known,
                "titles": Titles(desk.policy, session, desk.clock()),
                "states": words.ALLOCATION_STATES,
            },
            session=session,
        )

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
        known = await references_of(desk, session, [work["referral_id"]])
        may = recording.open_to(session.caller.roles, qualified=session.may_decide)
        return desk.show(
            request,
            "work-one.html",
            {
                "work": work,
                "reference": known.get(work["referral_id"], "Referral"),
                "state": words.said(words.ALLOCATION_STATES, work["state"]),
                "forms": [one for one in FORMS if one[0] in may],
                "milestones": [_milestone(one) for one in work["milestones"]],
                "papers": [_paper(one) for one in work["papers"]],
                "earlier": leading.papers_of({**work, "papers": []}),
                "distance": [
                    (words.said(dict(leading.AREAS), area), scores["first"], scores["last"])
                    for area, scores in work["distance"].items()
                ],
                "ended": work["ended"] and words.said(ENDED, work["ended"]["reason"]),
                "may_sign": not session.caller.roles.isdisjoint(SIGNING),
                "done": DONE.get(done, ""),
                "sorry": "It was not signed off: another signs what somebody wrote, and once."
                if sorry
                else "",
            },
            session=session,
        )

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

    return routes


def _milestone(one: Mapping[str, Any]) -> Mapping[str, Any]:
    areas = dict(leading.AREAS)
    scores = ", ".join(
        f"{words.said(areas, area)}: {score}" for area, score in one["scores"].items()
    )
    return {**one, "title": words.said(words.MILESTONES, one["milestone"]), "scored": scores}


def _paper(one: Mapping[str, Any]) -> Mapping[str, Any]:
    title = words.said(words.MILESTONES, one["kind"])
    return {**one, "title": f"{title}, version {one['version']}"}
