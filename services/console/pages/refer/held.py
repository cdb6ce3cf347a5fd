"""The form that somebody holds: found by the link in their cookie, kept by intake, never here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from policy.pack import Pack
from policy.working_time import LONDON
from services.console.desk import Desk
from services.console.forms import Typed, Values
from services.console.pages.page import Instead, session_cookie
from services.console.reads import Part, Refusal
from services.console.referring.shapes import Form

WEB = "/internal/v1/intake/web/"
SENT = "/refer/sent"
TASKS = "/refer/tasks"


@dataclass(frozen=True, slots=True)
class Held:
    """A form that was begun and not sent. `version` is the one that was read."""

    token: str
    version: int
    expires_at: datetime
    form: Form
    files: list[Mapping[str, Any]]
    can_be_sent: bool
    needed: list[Mapping[str, str]]
    completeness: Mapping[str, Any] | None

    @property
    def authority(self) -> str:
        """Whose front door it is for."""
        return str(self.form["authority"])


async def ask(desk: Desk, what: str, **body: Any) -> Part | Refusal:
    """Ask intake for somebody who holds a link."""
    return await desk.reads.ask_house(WEB + what, body)


async def held(desk: Desk, request: Request, sent: Values | None = None) -> Held:
    """The form. `sent` is what was typed meanwhile. Raises Instead with the page that says why there
    is none."""
    token = request.cookies.get(cookie(desk))
    if not token:
        raise Instead(kept(desk, request, sent, 410))
    found = await ask(desk, "drafts:opened", token=token)
    if isinstance(found, Refusal):
        raise Instead(kept(desk, request, sent, 503 if found.status >= 500 else 410))
    if "sent" in found.data:
        gone = kept(desk, request, sent, 410) if sent else RedirectResponse(SENT, 303)
        raise Instead(gone)
    return of(found.data)


def of(data: Mapping[str, Any]) -> Held:
    """The form that intake told of."""
    return Held(
        token=data["token"],
        version=data["version"],
        expires_at=datetime.fromisoformat(data["expires_at"]),
        form=data["form"],
        files=data["files"],
        can_be_sent=data["can_be_sent"],
        needed=data["needed"],
        completeness=data["completeness"],
    )


def kept(
    desk: Desk,
    request: Request,
    sent: Values | None,
    status: int,
    *,
    target: str = "",
    errors: Mapping[str, str] | None = None,
) -> Response:
    """The page for somebody whose form can't be reached: what they typed is on it."""
    pairs = [(name, value) for name, values in (sent or {}).items() for value in values if value]
    words = [value for name, value in pairs if name != "seen" and len(value) > 2]
    context = {
        "away": status == 503,
        "target": target or request.url.path,
        "kept": pairs,
        "words": words,
        "places": places(desk),
        "typed": Typed({}, errors or {}),
    }
    return desk.show(request, "refer-kept.html", context, status=status)


def places(desk: Desk) -> list[dict[str, Any]]:
    """The authorities to choose from, by name."""
    found = [(pack(desk, one).name, one) for one in desk.policy.authorities]
    return [{"value": one, "text": name} for name, one in sorted(found)]


def pack(desk: Desk, authority: str) -> Pack:
    """What an authority's pack says today."""
    return desk.policy.current(authority, today(desk))


def today(desk: Desk) -> date:
    """The day in Europe/London."""
    return desk.clock().astimezone(LONDON).date()


def cookie(desk: Desk) -> str:
    """The name of the cookie that holds a form's link. It ends with the browser's session."""
    return session_cookie(desk) + "-form"


def hold(desk: Desk, page: Response, token: str) -> Response:
    """Let this browser go on with a form."""
    page.set_cookie(
        cookie(desk), token, path="/", secure=desk.secure, httponly=True, samesite="lax"
    )
    return page


def let_go(desk: Desk, page: Response) -> Response:
    """Take a form from this browser. Its link still opens it."""
    page.delete_cookie(cookie(desk), path="/", secure=desk.secure, httponly=True)
    return page


def address(request: Request) -> str:
    """Where somebody calls from, to count by."""
    return request.client.host if request.client else "unknown"


def link_to(desk: Desk, request: Request, path: str) -> str:
    """A link to keep, by the name under which this browser reached us."""
    scheme = "https" if desk.secure else request.url.scheme
    return f"{scheme}://{request.headers.get('Host', request.url.netloc)}{path}"


def token_of(link: str) -> str:
    """The last part of a link, however it was pasted."""
    return urlsplit(link.strip()).path.rstrip("/").rpartition("/")[2][:200]
