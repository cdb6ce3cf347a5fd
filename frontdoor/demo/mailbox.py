"""The demonstration's own mail server: it keeps what it gets, and shows it at /demo/mail."""

import email
import email.policy
import socket
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, select_autoescape

from chassis.errors import NotFound

LIST = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Demo mailbox</title>
<meta name="viewport" content="width=device-width"><body style="font-family:Arial;margin:2em">
<main><h1>What was emailed</h1><p>The demonstration keeps its mail here. No mail leaves this machine.</p>
<ol reversed>{% for place, mail in mails %}<li><a href="/demo/mail/{{ place }}">{{ mail["Subject"] }}</a>
to {{ mail["To"] }}</li>{% else %}<li>Nothing yet.</li>{% endfor %}</ol></main></body></html>"""

_pages = Environment(autoescape=select_autoescape(default=True))


@dataclass(slots=True)
class Mailbox:
    """Everything received, oldest first, also as files in `folder`."""

    folder: Path
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one message (aiosmtpd calls this)."""
        content = cast("bytes", envelope.content)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{len(self.mails) + 1:04d}.eml").write_bytes(content)
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        return "250 Kept"

    def start(self) -> Controller:
        """Listen on a free port of this machine; the server returned knows it as `port`."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        server = Controller(cast("Any", self), hostname="127.0.0.1", port=port)
        server.start()
        return server


def router(mailbox: Mailbox) -> APIRouter:
    """Pages to read the mail."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/demo/mail")
    async def listed() -> HTMLResponse:
        mails = list(enumerate(mailbox.mails))
        return HTMLResponse(_pages.from_string(LIST).render(mails=reversed(mails)))

    @routes.get("/demo/mail/{place}")
    async def one(place: int) -> HTMLResponse:
        if not 0 <= place < len(mailbox.mails):
            raise NotFound("mail_not_found", "There is no such mail.")
        body = mailbox.mails[place].get_body(("html", "plain"))
        return HTMLResponse(
            cast("EmailMessage", body).get_content(),
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )

    return routes
