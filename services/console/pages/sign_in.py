"""Signing in."""

import re
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import httpx2
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Unauthorised
from services.console import sessions, words
from services.console.desk import Desk
from services.console.pages import calls, consultations, leading, recording, referral, samples
from services.console.pages import sent as own
from services.console.pages.page import (
    CARRIED,
    FORM_KEY,
    FormRefused,
    from_here,
    landing,
    local_path,
    pages,
    session_cookie,
    show_sign_in,
    signed_in,
    start_session,
    typed_in,
    visit_cookie,
)
from services.console.reads import Token
from services.console.store import sessions as store

WRONG = "That name and password do not match an account"
AWAY = "Signing in is not possible at the moment. Try again in a minute"
MANY = "There were too many attempts. Wait a minute, then try again"
NOT_YET = "You are not signed in yet. Sign in in the other tab first, or below"
TARGET = re.compile(
    r"/referrals/([0-9a-f-]{36})/(?:(decision|rating|withdrawal|countersignature)|record/([a-z-]+))"
)
SENT = re.compile(r"/sent/([0-9a-f-]{36})/(?:information|withdrawal)")
LED = re.compile(r"/my-work/([0-9a-f-]{36})/record/([a-z-]+)")
QUESTION = re.compile(r"/consultations/([0-9a-f-]{36})")
CALL = "/calls/form"
SAMPLE = re.compile(r"/consistency/samples/([0-9a-f-]{36})")
# Every other form: it is shown as it was filled in, to be sent from there.
FORM = re.compile(
    r"/(?:audit|calls|(?:referrals|panels|workers|waiting|duty|organisations|unprocessed|queue|my-work"
    r"|sent)/[\w./-]+)"
)
UNSEEN = frozenset({"key", "etag", "step", "version", "account_was"})
CODE = re.compile(r"[a-z]+(?:_[a-z]+)*")
UUID_LIKE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
KEPT_AFTER = timedelta(days=1)


def router(desk: Desk) -> APIRouter:
    """Sign-in."""
    routes = pages(desk)

    @routes.get("/sign-in")
    async def ask(
        request: Request, following: Annotated[str, Query(alias="next", max_length=500)] = ""
    ) -> Response:
        try:
            await signed_in(desk, request, partners=True)
        except Unauthorised:
            return show_sign_in(desk, request, following=following)
        return RedirectResponse(local_path(following), 303)

    @routes.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        from_here(request)
        form = await request.form(max_files=0)
        fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        sent = dict(fields)
        visit = request.cookies.get(visit_cookie(desk), "")
        if not visit or not sessions.is_form_key(visit, sent.get(FORM_KEY, "")):
            raise FormRefused
        typed = _carried(fields)
        username = sent.get("username", "").strip()
        token, error = await _token(desk, username, sent.get("password", ""))
        if token is None:
            return show_sign_in(
                desk,
                request,
                following=sent.get("next", ""),
                username=username,
                error=error,
                typed=typed,
                target=sent.get("target", ""),
                whose=sent.get("whose", ""),
                status=422 if error == WRONG else 503,
            )
        secret = sessions.new_secret()
        sent["next"] = await landing(request, token.value, sent.get("next", ""))
        same_person = await open_session(desk, request, secret, token)
        page = await _onward(desk, request, secret, sent, typed if same_person else [])
        start_session(desk, page, secret)
        return page

    @routes.post("/sign-in/resumption")
    async def resume(request: Request) -> Response:
        """Go on with a form, once signed in at the provider in another tab."""
        fields = [
            (name, value) for name, values in (await typed_in(request)).items() for value in values
        ]
        sent, typed = dict(fields), _carried(fields)
        whose = sent.get("whose", "")
        if not typed:
            raise FormRefused
        try:
            session = await signed_in(desk, request, partners=True)
        except Unauthorised:
            return show_sign_in(
                desk,
                request,
                error=NOT_YET,
                about="openid",
                typed=typed,
                target=sent.get("target", ""),
                whose=whose,
                status=422,
            )
        mine = whose in ("", str(session.staff_id))
        return await _onward(desk, request, session.secret, sent, typed if mine else [])

    return routes


def _carried(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        (name.removeprefix(CARRIED), value) for name, value in fields if name.startswith(CARRIED)
    ]


async def _token(desk: Desk, username: str, password: str) -> tuple[Token | None, str]:
    if not username or not password:
        return None, WRONG
    try:
        return await desk.reads.sign_in(username, password), WRONG
    except httpx2.HTTPStatusError as refused:
        return None, MANY if refused.response.status_code == 429 else AWAY
    except httpx2.HTTPError:
        return None, AWAY


async def open_session(
    desk: Desk,
    request: Request,
    secret: str,
    token: Token,
    elsewhere: store.Elsewhere | None = None,
) -> bool:
    """Start a session; `elsewhere` is for signing out at the provider. Whether the person is the
    one whose session this browser had last."""
    now = desk.clock()
    caller = await request.app.state.verifier.verified(token.value)
    before = request.cookies.get(session_cookie(desk))
    async with desk.database.transaction() as connection:
        last = await store.find_session(connection, sessions.name_of(before)) if before else None
        await store.open_session(
            connection,
            sessions.name_of(secret),
            authority=min(caller.authorities, default=""),
            staff_id=caller.id,
            sealed_token=sessions.seal(secret, token.value),
            now=now,
            expires_at=now + min(sessions.LONGEST, timedelta(seconds=token.seconds)),
            elsewhere=elsewhere,
        )
        if before:
            await store.end_session(connection, sessions.name_of(before))
        await store.forget_sessions(connection, now - KEPT_AFTER)
    return last is None or last.staff_id == caller.id


async def _onward(
    desk: Desk,
    request: Request,
    secret: str,
    sent: dict[str, str],
    typed: list[tuple[str, str]],
) -> Response:
    """Where the person was going: back to the form with what they typed, or to a page."""
    if theirs := SENT.fullmatch(sent.get("target", "")):
        return await _their_own(desk, request, secret, UUID(theirs[1]), typed)
    if (led := LED.fullmatch(sent.get("target", ""))) and typed:
        session = await signed_in(desk, request, secret=secret, partners=True)
        return await leading.reopen(desk, request, session, UUID(led[1]), led[2], _by_name(typed))
    if sent.get("target") == CALL and typed:
        session = await signed_in(desk, request, secret=secret)
        return calls.reopen(desk, request, session, _by_name(typed))
    target = TARGET.fullmatch(sent.get("target", ""))
    question = QUESTION.fullmatch(sent.get("target", ""))
    sample = SAMPLE.fullmatch(sent.get("target", ""))
    if target is None and question is None and sample is None:
        if typed and FORM.fullmatch(sent.get("target", "")):
            return await _once_more(desk, request, secret, sent["target"], typed)
        return RedirectResponse(local_path(sent.get("next", "")), 303)
    if not typed:
        return RedirectResponse(f"/referrals/{target[1]}" if target else sent["target"], 303)
    values = _by_name(typed)
    session = await signed_in(desk, request, secret=secret)
    if sample:
        return await samples.reopen(desk, request, session, UUID(sample[1]), values)
    if target is None:
        assert question
        return await consultations.reopen(desk, request, session, UUID(question[1]), values)
    if target[3]:
        return await recording.reopen(desk, request, session, UUID(target[1]), target[3], values)
    return await referral.reopen(desk, request, session, UUID(target[1]), target[2], values)


async def _once_more(
    desk: Desk, request: Request, secret: str, target: str, typed: list[tuple[str, str]]
) -> Response:
    """A form as somebody left it when their session ended, to be sent by another press."""
    session = await signed_in(desk, request, secret=secret, partners=True)
    shown = [
        (words.sentence(name), words.sentence(value) if CODE.fullmatch(value) else value)
        for name, value in typed
        if value.strip() and name not in UNSEEN and not UUID_LIKE.fullmatch(value)
    ]
    context = {"target": target, "typed": typed, "shown": shown}
    return desk.show(request, "resume.html", context, session=session)


async def _their_own(
    desk: Desk, request: Request, secret: str, referral_id: UUID, typed: list[tuple[str, str]]
) -> Response:
    """Back to what somebody of a partner organisation was writing."""
    session = await signed_in(desk, request, secret=secret, partners=True)
    if not session.caller.is_referrer or not typed:
        return RedirectResponse("/", 303)
    return await own.reopen(desk, request, session, referral_id, _by_name(typed))


def _by_name(typed: list[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in typed:
        values.setdefault(name, []).append(value)
    return values
