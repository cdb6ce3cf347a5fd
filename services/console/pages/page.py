"""What all pages share: who is signed in, what a form must prove, and what goes wrong in words."""

import base64
import binascii
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.routing import APIRoute

from chassis.errors import DomainError, Forbidden, NotFound, Unauthorised, Unavailable
from chassis.identity import REFERRER_ROLES
from chassis.restriction import seer_of
from chassis.telemetry import logs
from services.console import sessions
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.rooms import HUB, room_at
from services.console.sessions import Session
from services.console.store import sessions as store
from services.console.store.queue import references

FORM_KEY = "form_key"
CARRIED = "carried."
FIELDS = 2_000
CHANGED = (
    "Somebody changed this referral after you opened it. Look at it again: what you typed is still "
    "here, and nothing of it has been recorded."
)
TOUCH_EVERY = timedelta(minutes=1)
REGISTER_PAGES = 30
"""As many pages of the register as anybody chooses from: 3,000 workers."""

log = logs.get_logger(__name__)


class FormRefused(Exception):
    """A form that did not come from a page of ours."""


class Expired(Exception):
    """Somebody sent a form after their session had ended. `typed` is what the form held, `whose`
    the session had been, where that is still known; `again`: they signed in again in another tab."""

    def __init__(self, typed: list[tuple[str, str]], whose: str = "", again: bool = False) -> None:
        super().__init__("expired")
        self.typed, self.whose, self.again = typed, whose, again


class Instead(Exception):
    """Another page has to be shown than the one that was asked for."""

    def __init__(self, page: Response) -> None:
        super().__init__("instead")
        self.page = page


def pages(desk: Desk) -> APIRouter:
    """A router whose answers, good or bad, are pages."""

    class Page(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    return await answer(request)
                except Instead as other:
                    return other.page
                except Expired as expired:
                    return show_sign_in(
                        desk,
                        request,
                        typed=expired.typed,
                        target=request.url.path,
                        whose=expired.whose,
                        again=expired.again,
                    )
                except Unauthorised:
                    return _ask_to_sign_in(request)
                except Exception as fault:
                    status = _status(fault)
                    if status >= 500 and not isinstance(fault, Unavailable):
                        log.exception("page_fault", route=self.path)
                    return trouble(desk, request, status)

            return guarded

    return APIRouter(route_class=Page, include_in_schema=False)


def _status(fault: Exception) -> int:
    if isinstance(fault, RequestValidationError):
        return 404
    if isinstance(fault, FormRefused):
        return 403
    if isinstance(fault, DomainError):
        return fault.status
    return fault.status_code if isinstance(fault, HTTPException) else 500


def trouble(desk: Desk, request: Request, status: int) -> Response:
    """The page that says what went wrong and what to do."""
    known = status if status in (403, 404, 429, 503) else 500 if status >= 500 else 400
    session = getattr(request.state, "session", None)
    page = desk.show(request, "trouble.html", {"status": known}, session=session, status=status)
    if status == 503:
        page.headers["Retry-After"] = "5"
    return page


def show_sign_in(
    desk: Desk,
    request: Request,
    *,
    following: str = "",
    username: str = "",
    error: str | None = None,
    typed: list[tuple[str, str]] | None = None,
    target: str = "",
    whose: str = "",
    about: str = "username",
    again: bool = False,
    status: int = 200,
) -> Response:
    """The sign-in page. `typed` is carried through it, so that nothing is lost; `target` is where
    the form that it belongs to was sent, and `whose` it was. `about`: what an error is about, the
    id of a field or of the way to the provider.
    """
    secret = request.cookies.get(visit_cookie(desk)) or sessions.new_secret()
    page = desk.show(
        request,
        "sign-in.html",
        {
            "following": following,
            "username": username,
            "error": error,
            "typed": typed or [],
            "target": target,
            "whose": whose,
            "about": about,
            "again": again,
            "provider": desk.provider,
            "visit_key": sessions.form_key(secret),
        },
        status=status,
    )
    set_cookie(desk, page, visit_cookie(desk), secret)
    return page


async def signed_in(
    desk: Desk,
    request: Request,
    *,
    active: bool = True,
    secret: str | None = None,
    partners: bool = False,
) -> Session:
    """Who looks. Raises Unauthorised; and NotFound for people of partner organisations, where the
    page is not for `partners` too. `active` is False for what a page does by itself, which
    must not keep a session alive. `secret` stands in for a cookie that is about to be set.
    """
    secret = secret or request.cookies.get(session_cookie(desk))
    if not secret:
        raise Unauthorised("signed_out", "Sign in.")
    now = desk.clock()
    name = sessions.name_of(secret)
    async with desk.database.connection() as connection:
        stored = await store.find_session(connection, name)
        if not stored or stored.expires_at <= now or stored.last_seen_at + sessions.IDLE <= now:
            raise Unauthorised("signed_out", "Sign in again.")
        if active and stored.last_seen_at + TOUCH_EVERY <= now:
            await store.touch_session(connection, name, now)
    token = sessions.unseal(secret, stored.sealed_token)
    if token is None:
        raise Unauthorised("signed_out", "Sign in again.")
    caller = await request.app.state.verifier.verified(token)
    session = Session(
        secret=secret,
        token=token,
        caller=caller,
        expires_at=min(stored.expires_at, stored.last_seen_at + sessions.IDLE),
    )
    # Where something goes wrong from here on, the way about stays on the page.
    request.state.session = session
    if caller.is_referrer and not partners:
        raise NotFound("page_not_found", "There is no such page.")
    return session


async def let_in(desk: Desk, request: Request, path: str, *, active: bool = True) -> Session:
    """Who looks at the room at `path`. Raises Unauthorised, and Forbidden for whoever has no
    business there. `active`: see `signed_in`."""
    return _with_business(await signed_in(desk, request, partners=True, active=active), path)


async def sent_to(
    desk: Desk, request: Request, path: str
) -> tuple[Session, Mapping[str, list[str]]]:
    """As `sent_form`, for a form of the room at `path`. Raises Forbidden."""
    session, values = await sent_form(desk, request, partners=True)
    return _with_business(session, path), values


def _with_business(session: Session, path: str) -> Session:
    roles = room_at(path).roles
    if session.caller.roles.isdisjoint(roles):
        if session.caller.is_referrer or roles <= REFERRER_ROLES:
            raise NotFound("page_not_found", "There is no such page.")
        raise Forbidden("not_for_you", "This page is for other roles.")
    return session


async def sent_form(
    desk: Desk, request: Request, *, partners: bool = False
) -> tuple[Session, Mapping[str, list[str]]]:
    """Who sent a form, and what it holds. Raises FormRefused where it is not from a page of
    ours, Expired where the session has ended meanwhile.
    """
    pairs = await _pairs(request)
    values = _by_name(pairs)
    secret = request.cookies.get(session_cookie(desk))
    offered = values.get(FORM_KEY, [""])[0]
    typed = [(name, value) for name, value in pairs if name != FORM_KEY]
    if secret and not sessions.is_form_key(secret, offered):
        whose = await _whose(desk, secret)
        if whose and sessions.is_theirs(offered, UUID(whose)):
            raise Expired(typed, whose, again=True)
        raise FormRefused
    try:
        return await signed_in(desk, request, partners=partners), values
    except Unauthorised:
        raise Expired(typed, await _whose(desk, secret)) from None


async def _whose(desk: Desk, secret: str | None) -> str:
    """Whose session it was that a cookie named; nothing where that is forgotten."""
    if not secret:
        return ""
    async with desk.database.connection() as connection:
        last = await store.find_session(connection, sessions.name_of(secret))
    return str(last.staff_id) if last else ""


async def typed_in(request: Request) -> dict[str, list[str]]:
    """What a form of ours holds, whoever sent it. Raises FormRefused for one of another site."""
    return _by_name(await _pairs(request))


async def _pairs(request: Request) -> list[tuple[str, str]]:
    from_here(request)
    form = await request.form(max_files=0, max_fields=FIELDS)
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _by_name(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def from_here(request: Request) -> None:
    """Raises FormRefused where a browser says that another site sent this."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    host = request.headers.get("Host")
    if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != host):
        raise FormRefused


def start_session(desk: Desk, page: Response, secret: str) -> None:
    """Give the browser its session; the cookie of the visit before it has done its work."""
    set_cookie(desk, page, session_cookie(desk), secret)
    drop_cookie(desk, page, visit_cookie(desk))


def end_session(desk: Desk, page: Response) -> None:
    """Take the browser's session away."""
    drop_cookie(desk, page, session_cookie(desk))


def drop_cookie(desk: Desk, page: Response, name: str) -> None:
    """Take a cookie away."""
    page.delete_cookie(name, path="/", secure=desk.secure, httponly=True)


def session_cookie(desk: Desk) -> str:
    """The session cookie's name. The prefix makes browsers hold it to this host and to HTTPS."""
    return "__Host-frontdoor" if desk.secure else "frontdoor"


def attempt_cookie(desk: Desk) -> str:
    """The name of the cookie of somebody who is on their way to the provider and back."""
    return session_cookie(desk) + "-openid"


def visit_cookie(desk: Desk) -> str:
    """The name of the cookie that the sign-in form is tied to."""
    return session_cookie(desk) + "-visit"


def local_path(path: str) -> str:
    """`path` where it leads to a page of ours, otherwise the way in."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if plain and path.isprintable() else "/"


def once_more(
    desk: Desk,
    request: Request,
    session: Session,
    typed: Typed,
    *,
    title: str,
    summary: Sequence[tuple[str, Sequence[str]]],
    button: str,
) -> Response:
    """A last look at what a form holds, before it is recorded. It comes back to the same address
    with what was typed, and with `step`: `record` or `change`."""
    kept = [
        (name, value)
        for name, given in typed.values.items()
        if name not in (FORM_KEY, "step")
        for value in given
    ]
    context = {"title": title, "summary": summary, "button": button, "kept": kept}
    return desk.show(request, "once-more.html", context, session=session)


async def landing(request: Request, token: str, path: str) -> str:
    """Where somebody goes who has just signed in. The queue is where people are sent of whom
    nothing is known yet, and not everybody's room."""
    caller = await request.app.state.verifier.verified(token)
    onward = local_path(path)
    return "/" if onward == "/queue" and caller.roles.isdisjoint(HUB) else onward


def cursor(*parts: Any) -> str:
    """A place in a list, for the address of the next page."""
    said = "|".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts)
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_cursor(sent: str) -> list[str]:
    """The parts of a place in a list; none of them for one that is not ours."""
    try:
        return base64.urlsafe_b64decode(sent + "=" * (-len(sent) % 4)).decode().split("|")
    except (binascii.Error, UnicodeDecodeError):
        return []


def _ask_to_sign_in(request: Request) -> Response:
    if "fragment" in request.url.path or request.headers.get("Sec-Fetch-Mode") == "cors":
        return PlainTextResponse("Sign in again.", 401, headers={"Cache-Control": "no-store"})
    following = request.url.path
    if request.url.query:
        following += f"?{request.url.query}"
    return RedirectResponse(f"/sign-in?next={quote(following, safe='/')}", 303)


def set_cookie(desk: Desk, page: Response, name: str, secret: str) -> None:
    """Give the browser a cookie that ends with it, is no script's, and goes to nobody else."""
    page.set_cookie(name, secret, path="/", secure=desk.secure, httponly=True, samesite="lax")


async def references_of(
    desk: Desk, session: Session, referral_ids: Iterable[str]
) -> dict[str, str]:
    """The references of referrals, by id; those that this person may not see are left out."""
    async with desk.database.connection() as connection:
        return await references(
            connection,
            [UUID(one) for one in referral_ids],
            session.authorities,
            seer_of(session.caller, desk.clock()),
        )


async def on_register(desk: Desk, session: Session) -> list[Mapping[str, Any]]:
    """Everybody on the register of workers of somebody's authorities, by name. Raises Unavailable."""
    found: list[Mapping[str, Any]] = []
    after = ""
    for _ in range(REGISTER_PAGES):
        query = {"cursor": after} if after else None
        part = desk.there(await desk.reads.part(session.token, "/v1/workers", query))
        found += part.items
        after = part.data.get("next") or ""
        if not after:
            break
    return sorted(found, key=lambda one: str(one["name"]))
