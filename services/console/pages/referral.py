"""The page of one referral: who and what, why it is rated so, and the forms to decide it."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from chassis.errors import NotFound
from chassis.http.routing import joined
from contracts.events import Rag
from services.console import (
    asked,
    checking,
    emails,
    forms,
    guidance,
    happened,
    moving,
    naming,
    opened,
    recording,
    rows,
    story,
    words,
)
from services.console import people as people_of
from services.console.desk import Desk
from services.console.domain import Row, Stage
from services.console.forms import Kind, Typed
from services.console.pages import orders, restricted
from services.console.pages.looking import Looked, look, row_of
from services.console.pages.page import CHANGED, FORM_KEY, pages, sent_form, signed_in
from services.console.reads import Opened, Refusal
from services.console.sessions import Session
from services.console.store.queue import Unprocessed
from services.console.times import LONDON

ACCEPTING = frozenset({"practitioner", "manager", "duty", "coordinator", "panel_chair"})
MATCHING = frozenset({"practitioner", "manager", "duty"})
CLAIMING = frozenset({"practitioner", "manager", "duty"})
DONE = {
    "decision": "Your decision is recorded. The referrer is being told.",
    "rating": "Your rating is recorded.",
    "withdrawal": "Your conclusion is recorded.",
    "countersignature": "What you said of the decision is recorded.",
    "acceptance": "You have taken this work on.",
    "decline": "You have handed this work back. Somebody else is asked.",
    "claim": "You have claimed this referral. Nobody but a manager decides it meanwhile.",
    "release": "You have given this referral back.",
    "incident": "What you said of the incident is kept in both referrals. You can say otherwise.",
    "match": "What you said of these two records is kept. You can take it back.",
    **{name: entry.done for name, entry in recording.ENTRIES.items()},
}
STARTED = (
    "The ratings and outcomes are those of the other referral. Nothing is recorded until you do, and "
    "the words are yours to write."
)
NOT_STARTED = "There is no decision to start from: no child of it is linked, or nobody decided it."


def router(desk: Desk) -> APIRouter:
    """The page, and where its forms go."""
    routes = pages(desk)

    @routes.get("/referrals/{referral_id}")
    async def page(request: Request, referral_id: UUID, done: str = "", like: str = "") -> Response:
        """`like`: another referral of the same incident, from whose decision to start."""
        session = await signed_in(desk, request)
        said = DONE.get(done, "")
        return await _page(desk, request, session, referral_id, done=said, like=like, status=200)

    @routes.get("/referrals/{referral_id}/number")
    async def number(request: Request, referral_id: UUID) -> Response:
        """How many events the read model has seen of it."""
        session = await signed_in(desk, request, active=False)
        row = await row_of(desk, session, referral_id)
        if row is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        return PlainTextResponse(str(row.number), headers={"Cache-Control": "no-store"})

    for kind in forms.PATHS:
        _take(desk, routes, kind)

    async def sorry(request: Request, session: Session, referral_id: UUID, why: str) -> Response:
        return await _page(desk, request, session, referral_id, sorry=why)

    return joined((routes, orders.router(desk, sorry), restricted.router(desk)))


def _take(desk: Desk, routes: APIRouter, kind: Kind) -> None:
    @routes.post(f"/referrals/{{referral_id}}/{kind}")
    async def take(request: Request, referral_id: UUID) -> Response:
        session, values = await sent_form(desk, request)
        typed = Typed(values)
        sent = forms.read(kind, typed)
        if sent.errors:
            return await _page(
                desk, request, session, referral_id, kind=kind, typed=Typed(values, sent.errors)
            )
        step = typed.one("step")
        if step == "change":
            return await _page(
                desk, request, session, referral_id, kind=kind, typed=typed, status=200
            )
        if kind in checking.TITLES and step != "record":
            looked = await look(desk, session, referral_id)
            # Whatever is out of date is sent on: triage says what came first.
            if typed.one("etag") == (looked.read.case.etag or ""):
                people = people_of.children(looked.read)
                if errors := checking.unsaid(kind, sent.body, people):
                    typed = Typed(values, errors)
                    return await _page(desk, request, session, referral_id, kind=kind, typed=typed)
                return await _check(desk, request, session, looked, kind, sent.body, values)
        refusal = await desk.reads.order(
            session.token,
            f"/v1/triage/referrals/{referral_id}/{forms.PATHS[kind]}",
            sent.body,
            etag=typed.one("etag") or None,
            key=typed.one("key") or secrets.token_urlsafe(16),
        )
        if refusal is None:
            return RedirectResponse(f"/referrals/{referral_id}?done={kind}", 303)
        if refusal.status == 404:
            raise NotFound("referral_not_found", "There is no such referral.")
        if refusal.status == 412 and await _mine(desk, session, referral_id, typed):
            return RedirectResponse(f"/referrals/{referral_id}?done={kind}", 303)
        errors = forms.located(kind, sent, refusal.errors)
        return await _page(
            desk,
            request,
            session,
            referral_id,
            kind=kind,
            typed=Typed(values, errors),
            refusal=refusal,
        )


async def _check(
    desk: Desk,
    request: Request,
    session: Session,
    looked: Looked,
    kind: Kind,
    body: Mapping[str, Any],
    values: Mapping[str, list[str]],
) -> Response:
    """A last look at what is about to be recorded."""
    people = people_of.children(looked.read)
    pack = rows.Titles(desk.policy, session, desk.clock()).pack(looked.authority)
    thoughts = checking.second_thoughts(kind, body, people, looked.read)
    if checking.wants_service(kind, body) and await _offered(desk, session, looked):
        thoughts += (checking.NO_SERVICE,)
    reads_as = await naming.as_actions(desk.reads, session.token, body)
    told = await desk.reads.told(
        session.token,
        f"/v1/messages/previews/{looked.referral_id}",
        emails.asked(kind, reads_as, people),
    )
    return desk.show(
        request,
        "check.html",
        {
            "referral_id": looked.referral_id,
            "reference": looked.reference,
            "kind": kind,
            "title": checking.TITLES[kind],
            "button": checking.BUTTONS[kind],
            "summary": checking.summary(kind, reads_as, people, pack.clauses if pack else {}),
            "thoughts": thoughts,
            "flagged": checking.flagged(body, looked.read),
            "preview": emails.preview(told),
            "when": checking.when_told(body, pack, manager="manager" in session.caller.roles),
            "typed": [
                (name, value)
                for name, given in values.items()
                if name not in (FORM_KEY, "step")
                for value in given
            ],
        },
        session=session,
        mail=True,
    )


async def reopen(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    kind: str,
    values: Mapping[str, list[str]],
) -> Response:
    """The page with a form as somebody left it when their session ended."""
    known: Kind | None = next((name for name in forms.PATHS if name == kind), None)
    return await _page(
        desk,
        request,
        session,
        referral_id,
        kind=known,
        typed=Typed(values),
        done="You are signed in again. What you typed is as you left it; it has not been sent yet.",
        status=200,
    )


async def _mine(desk: Desk, session: Session, referral_id: UUID, typed: Typed) -> bool:
    """Whether the decision that came first is this very one, sent twice."""
    case = await desk.reads.case(session.token, referral_id)
    latest = next(reversed(case.data.get("decisions", [])), None)
    return (
        latest is not None
        and latest["by"] == session.name
        and latest.get("rationale") == typed.one("rationale").strip()
    )


async def _page(
    desk: Desk,
    request: Request,
    session: Session,
    referral_id: UUID,
    *,
    kind: Kind | None = None,
    typed: Typed | None = None,
    refusal: Refusal | None = None,
    done: str = "",
    sorry: str = "",
    like: str = "",
    status: int = 422,
) -> Response:
    now = desk.clock()
    if instead := await restricted.instead(desk, request, session, referral_id):
        return instead
    looked = await look(desk, session, referral_id)
    row, note, lines, read = looked.row, looked.note, looked.lines, looked.read
    titles = rows.Titles(desk.policy, session, now)
    people = people_of.children(read, now.astimezone(LONDON).date())
    if like:
        kind, typed = "decision", Typed(story.start(read, people, like))
        done = STARTED if typed.values else NOT_STARTED
    typed = typed or Typed()
    typed = Typed(typed.values, forms.named(typed.errors, [child.called for child in people]))
    reasons = opened.reasons(read, people)
    pack = titles.pack(looked.authority)
    carries, raises = opened.would_change(read)
    context = {
        "referral_id": referral_id,
        "view": _standing(titles, row, note, read),
        "number": row.number if row else 0,
        "note": note,
        "read": read,
        "case": read.case.data,
        "reference": looked.reference,
        "people": people,
        "reasons": reasons,
        "texts": opened.texts(read),
        "set_aside": opened.set_aside(read),
        "concerns": opened.concerns(read, people),
        "carries": carries,
        "raises": raises,
        "files": opened.files(read),
        "checks": asked.checks(read, now),
        "disagreements": asked.disagreements(read, now),
        "discussions": asked.discussions(read, people, now),
        "may_record": recording.open_to(session.caller.roles, qualified=session.may_decide),
        "household": people_of.household(read),
        "visiting": people_of.visiting(read),
        "said_to_harm": people_of.said_to_harm(read),
        "withheld": people_of.withheld(read),
        "agencies": people_of.agencies(read),
        "met": story.met(read),
        "related": story.related(read),
        "elsewhere": story.elsewhere(read),
        "elsewhere_asked": story.asked_elsewhere(read),
        "because": story.HOW_KNOWN,
        "may_match": not session.caller.roles.isdisjoint(MATCHING),
        "referrer": people_of.referrer(read),
        "clocks": happened.clocks(read, people, guidance.clock_titles(pack), now),
        "allocations": happened.allocations(read, guidance.team_names(pack)),
        "claim": happened.claim(read, session.staff_id, now),
        "may_claim": not session.caller.roles.isdisjoint(CLAIMING),
        "messages": happened.messages(read, now),
        "may_read_messages": not session.caller.roles.isdisjoint(MATCHING),
        "decisions": happened.decisions(read, people),
        "tellings": happened.tellings(read, now),
        **moving.shown(read.moves.data, now),
        "timeline": happened.timeline(lines, now),
        "reasons_to_countersign": happened.to_countersign(read),
        "clauses": guidance.clauses_for(pack, [one.clause_id for one in reasons]),
        "level_names": pack.rating.level_names if pack else {},
        "rag_meanings": pack.rating.rag_meanings if pack else {},
        "may_accept": not session.caller.roles.isdisjoint(ACCEPTING),
        "kind": kind,
        "typed": typed,
        "blank": Typed(),
        "errors": _errors(kind, typed, refusal),
        "problem": _problem(refusal),
        "done": done,
        "sorry": sorry,
        "key": secrets.token_urlsafe(16),
        "offered": await _offered(desk, session, looked),
        "hard": any(reason.hard for reason in reasons),
        "actions": range(forms.ACTIONS),
        "outcomes": words.OUTCOMES,
        "duties": words.DUTIES,
    }
    return desk.show(
        request, "referral.html", context, session=session, status=status if kind else 200
    )


async def _offered(desk: Desk, session: Session, looked: Looked) -> list[Mapping[str, Any]]:
    """The local services that a decision may name, for whoever may take one now."""
    if not session.may_decide or looked.read.case.data.get("state") != Stage.TO_DECIDE:
        return []
    form = people_of.form_of(looked.read)
    needs = [one["code"] for one in form.get("concerns", ())]
    homes = ((child.get("address") or {}).get("postcode") for child in form.get("children", ()))
    postcode = next(filter(None, homes), None)
    return await naming.offered(desk.reads, session.token, looked.authority, needs, postcode)


def _standing(
    titles: rows.Titles, row: Row | None, note: Unprocessed | None, read: Opened
) -> rows.RowView | None:
    """Where the referral stands. What triage says now goes before what was projected so far."""
    if row is None:
        return titles.unprocessed(note) if note else None
    decided = [child["outcome"] for child in read.case.data.get("children", ()) if child["outcome"]]
    if row.stage is Stage.TO_DECIDE and read.case.data.get("state") == Stage.DECIDED and decided:
        row = replace(
            row,
            stage=Stage.DECIDED,
            rag=Rag(read.case.data["rag"]),
            outcomes=tuple(dict.fromkeys(decided)),
        )
    return titles.row(row)


def _errors(kind: Kind | None, typed: Typed, refusal: Refusal | None) -> list[dict[str, str]]:
    """What the error summary lists: each error with the field that it is about."""
    if typed.errors:
        return [
            {"text": text, "href": f"#{_id(kind, name)}"} for name, text in typed.errors.items()
        ]
    return [{"text": _problem(refusal), "href": f"#{kind}"}] if refusal else []


def _id(kind: Kind | None, name: str) -> str:
    """A field's id: names are shared by the forms of the page, ids are not."""
    if kind == "rating" or (kind == "withdrawal" and name != "close"):
        return f"{kind}-{name}"
    return name


def _problem(refusal: Refusal | None) -> str:
    if refusal is None:
        return ""
    return CHANGED if refusal.status == 412 else refusal.detail
