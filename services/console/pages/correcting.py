"""Correcting who somebody is on a form, by whoever sent it. They are not shown how the form stands:
the hub may have found out since what is not theirs to know."""

from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import let_in, pages, sent_to
from services.console.pages.sent import LISTED, ROOM
from services.console.reads import Refusal
from services.console.recording.correcting import BY_REFERRER, by_referrer
from services.console.recording.shapes import Sent, located, values_of
from services.console.referring.shapes import Kind
from services.console.sessions import Session

WHOM: Final = {"child": "Child", "person": "Another of the household, person"}


def router(desk: Desk) -> APIRouter:
    """Whom it is about, and what is right about them."""
    routes = pages(desk)

    @routes.get("/sent/{referral_id}/correction")
    async def shown(
        request: Request, referral_id: UUID, about: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        return await _page(desk, request, session, referral_id, about, Typed())

    @routes.post("/sent/{referral_id}/correction")
    async def taken(request: Request, referral_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        about = typed.one("about")
        of, place = _whom(about)
        fields = [one for group in BY_REFERRER[of] for one in group.fields]
        read, wrong = values_of(fields, typed)
        sent = by_referrer(read, of, place)
        errors, problem = {**sent.errors, **wrong}, ""
        if not errors:
            told = await desk.reads.told(
                session.token,
                f"{LISTED}/{referral_id}/corrections",
                sent.body,
                key=typed.one("key")[:80] or str(uuid4()),
            )
            if not isinstance(told, Refusal):
                return RedirectResponse(f"{ROOM}/{referral_id}?done=correction", 303)
            if told.status == 404:
                raise _nowhere()
            errors, problem = _refused(sent, told)
        again = Typed(values, errors)
        return await _page(desk, request, session, referral_id, about, again, problem)

    return routes


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    about: str,
    typed: Typed,
    problem: str = "",
) -> Response:
    part = desk.there(await desk.reads.part(session.token, f"{LISTED}/{referral_id}/people"))
    if part.missing:
        raise _nowhere()
    people = {
        f"{of}-{one[of]}": one["name"] or f"{title} {one[of] + 1}, without a name"
        for one in part.items
        for of, title in WHOM.items()
        if one[of] is not None
    }
    if about and about not in people:
        raise _nowhere()
    groups = BY_REFERRER[_whom(about)[0]] if about else ()
    context = {
        "here": f"{ROOM}/{referral_id}",
        "people": people,
        "about": about,
        "groups": groups,
        "days": [one.name for group in groups for one in group.fields if one.kind is Kind.DAY],
        "typed": typed,
        "problem": problem,
        "key": typed.one("key") or str(uuid4()),
    }
    status = 422 if typed.errors or problem else 200
    return desk.show(request, "sent-correction.html", context, session=session, status=status)


def _refused(sent: Sent, refusal: Refusal) -> tuple[dict[str, str], str]:
    """What intake refused, by field, and in general."""
    errors = located(sent, refusal.errors)
    general = [detail for pointer, detail in refusal.errors if not pointer]
    return errors, "" if errors else (general or [refusal.detail])[0]


def _whom(about: str) -> tuple[str, int]:
    """`child-0` as what it says. Raises NotFound."""
    of, _, place = about.partition("-")
    if of not in WHOM or not place.isdecimal() or len(place) > 3:
        raise _nowhere()
    return of, int(place)


def _nowhere() -> NotFound:
    return NotFound("referral_not_found", "There is no such referral.")
