"""Pages that are the same for everybody, and the static files."""

import gzip
from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound, Unauthorised
from services.console import words
from services.console.desk import STATIC, Desk
from services.console.lists import MEANINGS, TITLES
from services.console.logo import Logo
from services.console.pages.page import pages, signed_in
from services.console.rooms import ROOMS
from services.console.sessions import Session
from services.console.tours import tours_of

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
A_YEAR = "public, max-age=31536000, immutable"


def router(desk: Desk) -> APIRouter:
    """The way in, help, the accessibility statement, styles and scripts."""
    routes = pages(desk)

    @routes.get("/")
    async def home(request: Request) -> Response:
        """The first room of whoever is signed in."""
        try:
            session = await signed_in(desk, request, partners=True)
        except Unauthorised:
            return RedirectResponse("/queue", 303)
        return RedirectResponse(session.rooms[0].path if session.rooms else "/account", 303)

    @routes.get("/accessibility")
    async def accessibility(request: Request) -> Response:
        return await _open_to_all(desk, request, "accessibility.html", {})

    @routes.get("/help")
    async def help_page(request: Request) -> Response:
        named = {
            "lists": [(title, MEANINGS[view]) for view, title in TITLES.items()],
            "rooms": ROOMS,
            "tours_of": tours_of,
            "roles": {room.path: _whose(room.roles) for room in ROOMS},
        }
        return await _open_to_all(desk, request, "help.html", named)

    @routes.get("/static/console/{name}")
    async def file(request: Request, name: str) -> Response:
        if name == "logo" and desk.logo:
            return _picture(desk.logo)
        plain, packed, kind = _file(name)
        headers = {
            "Cache-Control": A_YEAR,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return Response(
                packed, media_type=kind, headers={**headers, "Content-Encoding": "gzip"}
            )
        return Response(plain, media_type=kind, headers=headers)

    return routes


def _picture(logo: Logo) -> Response:
    """The picture of the house, which runs nothing where somebody opens it by itself."""
    return Response(
        logo.content,
        media_type=logo.media_type,
        headers={
            "Cache-Control": A_YEAR,
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _open_to_all(
    desk: Desk, request: Request, template: str, context: Mapping[str, Any]
) -> Response:
    """A page for whoever asks, as somebody who is signed in or as nobody."""
    session: Session | None = None
    try:
        session = await signed_in(desk, request, partners=True)
    except Unauthorised:
        session = None
    return desk.show(request, template, context, session=session)


def _whose(roles: frozenset[str]) -> str:
    """For whom a room is, in words."""
    return ", ".join(words.sentence(role).lower() for role in sorted(roles))


@cache
def _files() -> dict[str, tuple[bytes, bytes, str]]:
    found = {}
    for path in STATIC.iterdir():
        if path.suffix in TYPES:
            plain = path.read_bytes()
            found[path.name] = (plain, gzip.compress(plain, 9, mtime=0), TYPES[path.suffix])
    return found


def _file(name: str) -> tuple[bytes, bytes, str]:
    file = _files().get(name)
    if file is None:
        raise NotFound("file_not_found", "There is no such file.")
    return file
