"""The quarterly audit sample: what was drawn, rating one a second time, and how far the two agree."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Forbidden, NotFound
from contracts import codes
from services.console import opened, people, sampling, times, words
from services.console.desk import Desk
from services.console.forms import Typed, pointed
from services.console.pages.page import let_in, pages, sent_to
from services.console.pages.scorecard import saved_as
from services.console.reads import Opened, Part
from services.console.rows import Titles
from services.console.sessions import Session

ROOM = "/consistency/samples"
API = "/v1/triage/audit-samples"
DONE = "Your rating is kept. Now you see what was decided first."
KEPT = "You are signed in again. What you typed is as you left it; it has not been sent yet."
RATING = frozenset({"practitioner", "manager"})
READING = frozenset({"manager", "analyst"})


def router(desk: Desk) -> APIRouter:
    """The sample of a quarter, and one of it."""
    routes = pages(desk)

    @routes.get("/consistency/samples")
    async def listed(
        request: Request, quarter: Annotated[str, Query(max_length=6)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        now = desk.clock()
        choices = sampling.quarters(now.astimezone(times.LONDON).date())
        chosen = quarter if quarter in dict(choices) else choices[0][0]
        rates, reads = (not session.caller.roles.isdisjoint(each) for each in (RATING, READING))
        asked = {"quarter": chosen}
        found = await desk.reads.part(session.token, API, asked) if rates else Part()
        told = await desk.reads.part(session.token, f"{API}/agreement", asked) if reads else Part()
        context = {
            "choices": choices,
            "quarter": chosen,
            "rates": rates,
            "reads": reads,
            "found": found,
            "rows": sampling.rows(found.items),
            "told": told,
            "agreement": sampling.agreement(told.data) if told.data else None,
            "titles": Titles(desk.policy, session, now),
            "may_rate": session.may_decide,
        }
        return desk.show(request, "samples.html", context, session=session)

    @routes.get("/consistency/samples.csv")
    async def saved(
        request: Request, quarter: Annotated[str, Query(max_length=6)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        if session.caller.roles.isdisjoint(READING):
            raise Forbidden("not_for_you", "This page is for other roles.")
        asked = {"quarter": quarter} if quarter else {}
        told = await desk.reads.part(session.token, f"{API}/agreement", asked)
        if told.missing:
            raise NotFound("sample_not_found", "There is no such sample.")
        return saved_as("agreement", sampling.as_csv(desk.there(told).data))

    @routes.get("/consistency/samples/{sample_id}")
    async def shown(request: Request, sample_id: UUID, done: str = "") -> Response:
        session = _may(await let_in(desk, request, ROOM))
        return await _page(desk, request, session, sample_id, Typed(), done=DONE if done else "")

    @routes.post("/consistency/samples/{sample_id}")
    async def rated(request: Request, sample_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        body, errors = sampling.rating(Typed(values))
        if errors:
            return await _page(desk, request, _may(session), sample_id, Typed(values, errors))
        refusal = await desk.reads.order(session.token, f"{API}/{sample_id}/rating", body)
        if refusal is None:
            return RedirectResponse(f"{ROOM}/{sample_id}?done=1", 303)
        if refusal.status == 404:
            raise NotFound("sample_not_found", "There is no such sample.")
        typed = Typed(values, pointed(refusal.errors))
        problem = "" if typed.errors else refusal.detail
        return await _page(desk, request, _may(session), sample_id, typed, problem=problem)

    return routes


async def reopen(
    desk: Desk,
    request: Request,
    session: Session,
    sample_id: UUID,
    values: Mapping[str, list[str]],
) -> Response:
    """The rating as somebody left it when their session ended."""
    return await _page(desk, request, _may(session), sample_id, Typed(values), done=KEPT)


def _may(session: Session) -> Session:
    if session.caller.roles.isdisjoint(RATING):
        raise Forbidden("not_for_you", "This page is for other roles.")
    return session


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    sample_id: UUID,
    typed: Typed,
    *,
    problem: str = "",
    done: str = "",
) -> Response:
    sample = await desk.reads.part(session.token, f"{API}/{sample_id}")
    if sample.missing:
        raise NotFound("sample_not_found", "There is no such sample.")
    told, now = desk.there(sample).data, desk.clock()
    # Only what the referrer sent: what the rules suggest and people decided is not asked for.
    form = await desk.reads.part(session.token, told["form"])
    read = Opened(form, *([Part()] * 4))
    titles = Titles(desk.policy, session, now)
    pack = titles.pack(told["authority"])
    children = people.children(read)
    context: dict[str, Any] = {
        "told": told,
        "both": _both(told["both"], now) if told["both"] else None,
        "received": times.moment(datetime.fromisoformat(told["received_at"]), now),
        "request": words.said({c: one.title for c, one in codes.REQUESTS.items()}, told["request"]),
        "read": read,
        "people": children,
        "household": people.household(read),
        "said_to_harm": people.said_to_harm(read),
        "withheld": people.withheld(read),
        "agencies": people.agencies(read),
        "visiting": people.visiting(read),
        "referrer": people.referrer(read),
        "texts": opened.texts(read),
        "set_aside": opened.set_aside(read),
        "concerns": opened.concerns(read, children),
        "level_names": pack.rating.level_names if pack else {},
        "may_rate": session.may_decide,
        "typed": typed,
        "problem": problem,
        "done": done,
    }
    status = 422 if typed.errors or problem else 200
    return desk.show(request, "sample.html", context, session=session, status=status)


def _both(both: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    rated_at = times.moment(datetime.fromisoformat(both["rated_at"]), now)
    return {**both, "when": rated_at, "same": both["first"] == both["second"]}
