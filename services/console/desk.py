"""What every page works with, and how a template becomes an answer."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    select_autoescape,
)

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.restriction import Guard
from policy.loading import PackSet
from services.console import blanks, times, words
from services.console.doorbell import Doorbell
from services.console.doors import Doors
from services.console.logo import Logo
from services.console.reads import Part, Reads
from services.console.revealing import cut
from services.console.rows import RowView
from services.console.sessions import Session

HERE = Path(__file__).parent
STATIC = HERE / "static"
GOVUK = "govuk_frontend_jinja"
MAIL_STYLES = "style-src-attr 'unsafe-inline'; "
ROWS_KEPT = 4096
"""How many rows of queues are kept as they were last written: about 6 MB."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that pages use. `secure`: whether people reach the console over HTTPS. `provider`:
    what people call where they may sign in instead of here."""

    database: Database
    reads: Reads
    policy: PackSet
    clock: Clock
    doorbell: Doorbell
    organisation: str
    secure: bool
    guard: Guard
    doors: Doors = field(default_factory=Doors)
    logo: Logo | None = None
    provider: str | None = None

    def show(
        self,
        request: Request,
        template: str,
        context: Mapping[str, Any],
        *,
        session: Session | None = None,
        status: int = 200,
        mail: bool = False,
    ) -> HTMLResponse:
        """A page of ours, with the headers that every page has. `mail`: an email is shown on it,
        in a frame without rights; emails have their styles on their elements."""
        nonce = secrets.token_urlsafe(16)
        now = self.clock()
        page = (
            environment()
            .get_template(template)
            .render(
                **context,
                session=session,
                organisation=self.organisation,
                logo=self.logo.address if self.logo else None,
                cspNonce=nonce,
                now=now,
                path=request.url.path,
            )
        )
        return HTMLResponse(page, status, headers=self._headers(nonce, mail=mail))

    def there(self, part: Part) -> Part:
        """What a service said. Raises Unavailable where a page is nothing without it."""
        if part.away:
            raise Unavailable("away", "The service cannot be reached.")
        return part

    def fragment(self, template: str, context: Mapping[str, Any]) -> HTMLResponse:
        """A part of a page, for the script of that page to put in its place."""
        part = environment().get_template(template).render(**context, now=self.clock())
        return HTMLResponse(part, headers=self._headers(secrets.token_urlsafe(16)))

    def _headers(self, nonce: str, *, mail: bool = False) -> dict[str, str]:
        headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; "
                f"{MAIL_STYLES if mail else ''}"
                "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
                "frame-ancestors 'none'"
            ),
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
        if self.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return headers


@cache
def environment() -> Environment:
    """The templates, ours and the macros of govuk_frontend_jinja."""
    made = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(HERE / "templates"),
                PrefixLoader({GOVUK: PackageLoader(GOVUK)}),
            ]
        ),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        # Templates change with a release alone. To look whether one did, at every use of every
        # macro, was a third of what a form cost.
        auto_reload=False,
        cache_size=-1,
    )
    made.globals.update(form_part=blanks.part, queue_row=queue_row, static=static)
    made.globals.update(said=words.said, words=words, count=words.count, cut=cut)
    made.globals.update(points=words.points)
    made.filters.update(begin=words.begin, clock_face=times.clock_face, day=times.day, iso=iso)
    made.filters.update(day_of=times.day_of)
    return made


@lru_cache(ROWS_KEPT)
def queue_row(row: RowView, several: bool) -> str:
    """A row of the queue as HTML, which many open queues show at the same moment. `several`: its authority
    is named. It holds no name and no story."""
    return environment().get_template("queue-row.html").render(row=row, several=several)


def iso(at: Any) -> str:
    """A UTC time as machines read it, to the second."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


@cache
def static(name: str) -> str:
    """The address of a static file, which changes when the file does."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/console/{name}?v={digest}"
