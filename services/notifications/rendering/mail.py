"""An email as bytes: headers, a text part and an HTML part. The same message is the same bytes
each time, so that one that is sent twice is known as one."""

import re
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, formataddr
from functools import lru_cache
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from services.notifications.channels.port import Letter, Plain
from services.notifications.domain.case import CHANNEL, PAGE, TEXT_MESSAGE

LONGEST_ADDRESS = 254
LONGEST_NAME = 64
LONGEST_LINE = 76
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")


# Of hubs there are few.
_from = lru_cache(maxsize=1000)(formataddr)


class BadAddress(ValueError):
    """An address that no message can be sent to, or that would say more than an address."""


def checked(address: str) -> str:
    """An address in the form that goes on the wire. Raises BadAddress."""
    if len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise BadAddress
    name, _, domain = address.strip().rpartition("@")
    if len(name) > LONGEST_NAME or not _PLAIN.fullmatch(name):
        return _valid(address.strip())
    # Nearly all are plain, and of few domains: those are looked at once.
    return name + _of_domain(domain)


def _valid(address: str) -> str:
    try:
        found = validate_email(address, check_deliverability=False, strict=True)
    except EmailNotValidError as wrong:
        raise BadAddress from wrong
    if found.ascii_email is None:
        raise BadAddress
    return found.ascii_email


@lru_cache(maxsize=1000)
def _of_domain(domain: str) -> str:
    """What stands behind a plain name, from its `@` on."""
    return _valid(f"a@{domain}").removeprefix("a")


@dataclass(frozen=True, slots=True)
class Email:
    """One email. `queued_at` is its date; `sender_name` the hub's name; `template` the version of the
    pack whose authority wrote its template itself."""

    message_id: UUID
    sender: str
    sender_name: str
    recipient: str
    subject: str
    text: str
    html: str
    queued_at: datetime
    template: str | None = None

    @property
    def channel(self) -> str:
        """What it goes by: a telephone number gets a text message, an address of the web a call."""
        if self.recipient.startswith("+"):
            return TEXT_MESSAGE
        return PAGE if self.recipient.startswith(("https://", "http://")) else CHANNEL

    def letter(self, *, again: bool, turn: int = 0) -> Letter:
        """It as a channel takes it. `again`: it may have been sent before. `turn`: so often it came
        back, and goes under another reference each time."""
        reference = f"{self.message_id}.{turn}" if turn else str(self.message_id)
        plain = Plain(reference, self.subject, self.text, again)
        return Letter(self.sender, self.recipient, self.content(), plain=plain)

    def content(self) -> bytes:
        """The email as it goes on the wire (RFC 5322).

        Put together by hand: the standard library's message takes 3 ms to build, most of what a
        message costs. Raises ValueError for a header that would be more than one.
        """
        domain = self.sender.rpartition("@")[2]
        border = f"frontdoor-{self.message_id}"
        headers = {
            "From": _from((self.sender_name, self.sender)),
            "To": self.recipient,
            "Subject": self.subject,
            "Date": format_datetime(self.queued_at),
            "Message-ID": f"<{self.message_id}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/alternative;\r\n boundary="{border}"',
        }
        for name, value in headers.items():
            if name != "Content-Type" and not (value.isascii() and value.isprintable()):
                raise ValueError(name)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return b"".join(
            [
                head.encode(),
                _part(border, "plain", self.text),
                _part(border, "html", self.html),
                f"\r\n--{border}--\r\n".encode(),
            ]
        )


def _part(border: str, kind: str, words: str) -> bytes:
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    plain = words.isascii() and max(map(len, words.split("\n"))) <= LONGEST_LINE
    encoding = "7bit" if plain else "quoted-printable"
    head = (
        f"\r\n--{border}\r\n"
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    lines = words.replace("\n", "\r\n").encode(errors="replace")
    return head.encode() + (lines if plain else b2a_qp(lines, istext=True))
