"""Signing in at the council's own provider, and what its page sends back (record 49)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.console import sessions
from services.console.desk import Desk
from services.console.pages.page import (
    attempt_cookie,
    drop_cookie,
    landing,
    pages,
    set_cookie,
    show_sign_in,
    start_session,
)
from services.console.pages.sign_in import open_session
from services.console.reads import Refusal, Token
from services.console.store import sessions as store
from services.console.store.sessions import Elsewhere

Sent = Annotated[str, Query(max_length=8_192)]

WAY = "openid"


def router(desk: Desk) -> APIRouter:
    """There and back; nothing where staff have local accounts alone."""
    routes = pages(desk)
    if desk.provider is None:
        return routes

    @routes.get("/sign-in/openid")
    async def begin(
        request: Request, following: Annotated[str, Query(alias="next", max_length=500)] = ""
    ) -> Response:
        attempt = sessions.Attempt(sessions.new_secret(), following)
        told = await desk.reads.openid(
            "begin",
            {"state": attempt.state, "nonce": attempt.nonce, "verifier": attempt.verifier},
        )
        if isinstance(told, Refusal):
            return _not_signed_in(desk, request, told, following)
        page = RedirectResponse(str(told.data["address"]), 303)
        page.headers["Cache-Control"] = "no-store"
        set_cookie(desk, page, attempt_cookie(desk), attempt.cookie)
        return page

    @routes.get("/sign-in/openid/return")
    async def come_back(
        request: Request,
        state: Sent = "",
        code: Sent = "",
        iss: Annotated[str | None, Query(max_length=2_000)] = None,
    ) -> Response:
        attempt = sessions.Attempt.of_cookie(request.cookies.get(attempt_cookie(desk), ""))
        if not attempt.secret or not attempt.is_state(state):
            page = show_sign_in(desk, request, error=_NOT_OURS, about=WAY, status=400)
        elif not code:
            page = show_sign_in(
                desk,
                request,
                following=attempt.following,
                error=_broken_off(desk),
                about=WAY,
                status=403,
            )
        else:
            page = await _returned(desk, request, attempt, code, iss)
        drop_cookie(desk, page, attempt_cookie(desk))
        return page

    @routes.post("/sign-in/openid/ended")
    async def ended(request: Request) -> Response:
        """The provider itself says that somebody signed out there (Back-Channel Logout 1.0)."""
        form = await request.form(max_files=0, max_fields=5)
        told = await desk.reads.openid("ended", {"logout_token": str(form.get("logout_token", ""))})
        if isinstance(told, Refusal):
            return _heard(503 if told.status == 503 else 400)
        session, person = (_digest(told.data[name]) for name in ("session", "person"))
        async with desk.database.connection() as connection:
            at = datetime.fromisoformat(told.data["at"])
            await store.end_sessions_there(connection, session, person, at)
        return _heard(200)

    return routes


def _heard(status: int) -> Response:
    return Response(status_code=status, headers={"Cache-Control": "no-store"})


def _digest(said: str | None) -> bytes | None:
    return sessions.name_of(said) if said else None


_NOT_OURS = "That sign-in was not begun in this browser, or took too long. Try again"


async def _returned(
    desk: Desk, request: Request, attempt: sessions.Attempt, code: str, issuer: str | None
) -> Response:
    told = await desk.reads.openid(
        "return",
        {"code": code, "nonce": attempt.nonce, "verifier": attempt.verifier, "issuer": issuer},
    )
    if isinstance(told, Refusal):
        return _not_signed_in(desk, request, told, attempt.following)
    said = told.data
    if "refused" in said:
        context = {
            "provider": desk.provider,
            "subject": said["subject"],
            "why": said["refused"],
            "leave": await way_out(desk, str(said["id_token"])),
        }
        return desk.show(request, "openid-refused.html", context, status=403)
    secret = sessions.new_secret()
    token = Token(str(said["access_token"]), int(said["expires_in"]))
    elsewhere = Elsewhere(
        sessions.seal(secret, str(said["id_token"])),
        _digest(said.get("session")),
        sessions.name_of(str(said["person"])),
    )
    await open_session(desk, request, secret, token, elsewhere)
    page = RedirectResponse(await landing(request, token.value, attempt.following), 303)
    page.headers["Cache-Control"] = "no-store"
    start_session(desk, page, secret)
    return page


async def way_out(desk: Desk, id_token: str) -> str | None:
    """Where to sign out at the provider; None where it has no such place or is away."""
    told = await desk.reads.openid("leave", {"id_token": id_token})
    address = None if isinstance(told, Refusal) else told.data["address"]
    return str(address) if address else None


def _not_signed_in(desk: Desk, request: Request, refusal: Refusal, following: str) -> Response:
    away = refusal.status == 503
    error = (
        f"Signing in with {desk.provider} is not possible at the moment. Try again in a minute. "
        "Local accounts work as always"
        if away
        else _broken_off(desk)
    )
    return show_sign_in(
        desk,
        request,
        following=following,
        error=error,
        about=WAY,
        status=503 if away else 403,
    )


def _broken_off(desk: Desk) -> str:
    return f"Signing in with {desk.provider} did not work. Try again"
