"""What people of partner organisations sent: where it stands, what they are asked, going on with a form.
Intake holds each to what is theirs, and answers for anything else as for what isn't there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from chassis.identity.callers import LEAD
from services.console import times, words
from services.console.desk import Desk
from services.console.forms import Typed, Values
from services.console.pages.page import let_in, pages, sent_to
from services.console.pages.refer.held import TASKS, ask, hold, pack
from services.console.reads import Part, Refusal
from services.console.sessions import Session

ROOM = "/sent"
LISTED = "/v1/referrals"
ASKED = "/internal/v1/triage/requests:of-referrers"
DONE = {
    "information": "Thank you. It is added to your referral, and read at once.",
    "correction": "Thank you. It is corrected, and looked at again.",
    "agreement": "Thank you. It is recorded, and whoever works on your referral sees it.",
    "withdrawal": "The hub has your request. A practitioner closes the referral, or says why it goes on.",
}
STANDS = {
    "received": "Received",
    "decided": "Decided",
    "allocated": "With a worker",
    "withdrawn": "Closed",
}
HANDED = "The form is with your colleague."
NOBODY = "Write the address that somebody of your organisation signs in with"
REFUSED = {
    409: "It is being sent just now",
    412: "It was changed meanwhile. Look at it again",
    503: "This is not possible at the moment. Try again in a minute",
}
NOTHING = {
    "information": "Write what you have learnt",
    "reason": "Write why you ask to withdraw it",
}


def router(desk: Desk) -> APIRouter:
    """The list, one referral, further information, asking to withdraw, a form that was begun."""
    routes = pages(desk)

    async def the_list(
        request: Request, session: Session, typed: Typed, cursor: str = "", done: str = ""
    ) -> Response:
        query = {"newest_first": True, **({"cursor": cursor} if cursor else {})}
        part = await desk.reads.part(session.token, LISTED, query)
        drafts = await desk.reads.part(session.token, "/v1/drafts")
        asked = await _asked(desk, [one["id"] for one in part.items])
        now = desk.clock()
        context = {
            "lead": LEAD in session.caller.roles,
            "away": part.away,
            "asked_away": asked is None,
            "found": [_row(one, (asked or {}).get(one["id"], {}), now) for one in part.items],
            "drafts": [{**one, "changed": _stamp(one["updated_at"])} for one in drafts.items],
            "later": f"{ROOM}?cursor={part.data['next']}" if part.data.get("next") else "",
            "typed": typed,
            "done": done,
        }
        status = 422 if typed.errors else 200
        return desk.show(request, "sent.html", context, session=session, status=status)

    @routes.get(ROOM)
    async def listed(
        request: Request, cursor: Annotated[str, Query(max_length=500)] = "", done: str = ""
    ) -> Response:
        session = await let_in(desk, request, ROOM)
        return await the_list(request, session, Typed(), cursor, HANDED if done else "")

    @routes.post("/sent/drafts/{draft_id}/handover")
    async def hand_over(request: Request, draft_id: UUID) -> Response:
        """Give a form to a colleague, who signs in too."""
        session, values = await sent_to(desk, request, ROOM)
        to = Typed(values).one("to").strip()
        refused: Refusal | None = None
        if to:
            refused = await desk.reads.order(
                session.token,
                f"/v1/drafts/{draft_id}/handover",
                {"to": to[:200], "client_id": to[:200]},
                etag=f'"{Typed(values).one("version")[:20]}"',
            )
            if refused is None:
                return RedirectResponse(f"{ROOM}?done=yes", 303)
            if refused.status == 404:
                raise _nowhere()
        said = REFUSED.get(refused.status if refused else 422, NOBODY)
        return await the_list(request, session, Typed(values, {f"to-{draft_id}": said}))

    @routes.get("/sent/{referral_id}")
    async def shown(request: Request, referral_id: UUID, done: str = "") -> Response:
        session = await let_in(desk, request, ROOM)
        return await _one(desk, request, session, referral_id, Typed(), done=DONE.get(done, ""))

    async def add(
        request: Request,
        session: Session,
        referral_id: UUID,
        values: Values,
        part: str,
        field: str,
        body: Mapping[str, Any],
    ) -> Response:
        """Send something about a referral; `field` holds the words of it."""
        if not body[field]:
            wrong = Typed(values, {field: NOTHING[field]})
            return await _one(desk, request, session, referral_id, wrong)
        key = Typed(values).one("key")[:80] or str(uuid4())
        path = f"{LISTED}/{referral_id}/{part}"
        told = await desk.reads.told(session.token, path, body, key=key)
        if isinstance(told, Refusal):
            if told.status == 404:
                raise _nowhere()
            wrong = Typed(values, {field: told.detail})
            return await _one(desk, request, session, referral_id, wrong)
        return RedirectResponse(f"{ROOM}/{referral_id}?done={part}", 303)

    @routes.post("/sent/{referral_id}/information")
    async def inform(request: Request, referral_id: UUID) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        body = {
            "information": typed.one("information").strip(),
            "immediate_danger": typed.one("immediate_danger") == "yes",
        }
        return await add(request, session, referral_id, values, "information", "information", body)

    @routes.post("/sent/{referral_id}/withdrawal")
    async def withdraw(request: Request, referral_id: UUID) -> Response:
        """Ask to withdraw it: the hub closes it, or says why it goes on."""
        session, values = await sent_to(desk, request, ROOM)
        body = {"reason": Typed(values).one("reason").strip()}
        return await add(request, session, referral_id, values, "withdrawal", "reason", body)

    @routes.post("/sent/drafts/{draft_id}")
    async def go_on(request: Request, draft_id: UUID) -> Response:
        session, _ = await sent_to(desk, request, ROOM)
        found = await ask(desk, "drafts:mine", person=session.token, draft_id=str(draft_id))
        if isinstance(found, Refusal):
            raise _nowhere()
        return hold(desk, RedirectResponse(TASKS, 303), found.data["token"])

    return routes


async def reopen(
    desk: Desk, request: Request, session: Session, referral_id: UUID, values: Values
) -> Response:
    """The page with what somebody had typed when their session ended."""
    return await _one(desk, request, session, referral_id, Typed(values))


async def _one(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    typed: Typed,
    done: str = "",
) -> Response:
    part = desk.there(await desk.reads.part(session.token, f"{LISTED}/{referral_id}"))
    if part.missing:
        raise _nowhere()
    # Intake has said by now that it is theirs.
    asked = await _asked(desk, [str(referral_id)])
    await desk.reads.looked(str(referral_id))
    mine = (asked or {}).get(str(referral_id), {})
    now, by = desk.clock(), part.data.get("by")
    context = {
        "told": {
            **part.data,
            "read": part.data["stage"] != "received",
            "hub": pack(desk, part.data["authority"]).messages.hub_name,
        },
        "received": _stamp(part.data["received_at"]),
        "by": times.moment(datetime.fromisoformat(by), now) if by else "",
        "asked": [{**each, "due": _due(each, now)} for each in mine.get("asked", ())],
        "asked_away": asked is None,
        "disagree_token": mine.get("disagree_token"),
        "typed": typed,
        "key": typed.one("key") or str(uuid4()),
        "done": done,
    }
    status = 422 if typed.errors else 200
    return desk.show(request, "sent-one.html", context, session=session, status=status)


async def _asked(desk: Desk, ids: list[str]) -> Mapping[str, Mapping[str, Any]] | None:
    """What is asked about some referrals that are this person's; None where nobody can say."""
    if not ids:
        return {}
    told = await desk.reads.ask_house(ASKED, {"referral_ids": ids})
    if not isinstance(told, Part):
        return None
    return {one["referral_id"]: one for one in told.items}


def _row(one: Mapping[str, Any], about: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    due = [_due(each, now) for each in about.get("asked", ())]
    return {
        **one,
        "received": _stamp(one["received_at"]),
        "stands": words.said(STANDS, one["status"]),
        "asked": f"answer by {due[0]}" if due and due[0] else "answer" if due else "",
    }


def _due(each: Mapping[str, Any], now: datetime) -> str:
    return times.moment(datetime.fromisoformat(each["due_at"]), now) if each["due_at"] else ""


def _stamp(at: str) -> str:
    return times.stamp(datetime.fromisoformat(at))


def _nowhere() -> NotFound:
    return NotFound("referral_not_found", "There is no such referral.")
