"""From a message and what it tells of to an email."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from pydantic_core import to_json

from chassis.telemetry import logs
from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import LONDON, is_open
from services.notifications.domain import ASKING, Audience, Case, Kind, Message
from services.notifications.domain.case import PAGE, TEXT_MESSAGE
from services.notifications.domain.following import HeldBack, Refused
from services.notifications.reads import Decision, Referral, Wanted
from services.notifications.rendering.mail import BadAddress, Email, checked
from services.notifications.rendering.templates import Templates
from services.notifications.rendering.view import Said, lacks, view

log = logs.get_logger(__name__)

__all__ = ["Email", "Renderer", "kept"]

AlertAddress: TypeAlias = Callable[[Pack, Audience, bool, str | None], str | None]
"""The address of the duty team or manager of a pack's authority. Then: is the hub open, and whom
on the duty ladder is it for, in the pack's words?"""


TextNumber: TypeAlias = Callable[[Pack, str], str | None]
"""The telephone number of whom the duty ladder names, in the pack's words, for a text message."""


MOST_PAGES = 3
"""So often a paging service is called before a step goes as an email: seconds after the first."""


def no_number(pack: Pack, person: str) -> None:
    """The answer where no text messages can be sent."""
    del pack, person


@dataclass(frozen=True, slots=True)
class Renderer:
    """Writes emails. `public_url` is where staff reach the console, `paging` the address of a paging
    service, with `{authority}` for the authority's code."""

    packs: PackSet
    templates: Templates
    sender: str
    public_url: str
    alert_address: AlertAddress
    text_number: TextNumber = no_number
    useful_token: Callable[[UUID], str] | None = None
    helped_token: Callable[[UUID], str] | None = None
    paging: str | None = None

    def email(
        self,
        case: Case,
        message: Message,
        referral: Referral | None,
        decision: Decision | None,
        now: datetime,
        wanted: Wanted | None = None,
        worker: str | None = None,
    ) -> Email | HeldBack | Refused:
        """The email of a message, or why there can be none. `worker` is the address of the worker
        whom it is for. Raises UnknownVersion for
        a version of a pack that isn't here yet."""
        missing = lacks(message, decision)
        if missing:
            return HeldBack(missing)
        if message.kind in ASKING and (wanted is None or not wanted.wanted):
            return Refused("no_longer_wanted")
        contacts = self.packs.current(case.authority, now.astimezone(LONDON).date())
        version = (message.details or {}).get("pack_version", case.pack_version)
        said = Said(
            pack=self.packs.version(case.authority, version),
            contacts=contacts,
            referral=referral,
            decision=decision,
            link=self._link(case, wanted),
            wanted=wanted,
            status=self._page(f"status/{referral.status_token}")
            if referral and referral.status_token
            else None,
            disagree=self._page(f"disagree/{decision.disagree_token}")
            if decision and decision.disagree_token
            else None,
            form=self._page("refer"),
            useful=self._page(f"useful/{self.useful_token(message.message_id)}")
            if self.useful_token
            else None,
            helped=self._page(f"helped/{self.helped_token(message.message_id)}")
            if self.helped_token
            else None,
        )
        if message.audience is Audience.REFERRER:
            address = referral.referrer_email if referral else None
            if not address:
                return Refused("no_address")
            if referral and not referral.write_safely:
                return Refused("not_safe_to_write")
        elif message.audience is Audience.AGENCY:
            address = wanted.address if wanted else None
            if not address:
                return Refused("no_address")
        elif message.audience is Audience.WORKER:
            address = worker
            if not address:
                return Refused("no_address")
        else:
            hub_open = is_open(contacts.calendar, now)
            person = (message.details or {}).get("person")
            address = self.alert_address(contacts, message.audience, hub_open, person)
            if not address:
                return HeldBack("no_alert_address")
        try:
            recipient = checked(address)
        except BadAddress:
            return Refused("bad_address")
        values = view(case, message, said, now)
        number = self._number(contacts, message)
        if number:
            # A text message, like a page, is one sentence and a link.
            words = values["short"]
            return Email(
                message_id=message.message_id,
                sender=self.sender,
                sender_name=contacts.messages.hub_name,
                recipient=number,
                subject=values["subject"],
                text=words,
                html="",
                queued_at=message.queued_at,
            )
        try:
            templates = self.templates.of(contacts)
            text = templates.text(message.kind, values)
            html = templates.html(message.kind, values)
        except Exception:
            log.exception("template_failed", kind=message.kind, authority=case.authority)
            return HeldBack("template_failed")
        return Email(
            message_id=message.message_id,
            sender=self.sender,
            sender_name=contacts.messages.hub_name,
            recipient=recipient,
            subject=values["subject"],
            text=text,
            html=html,
            queued_at=message.queued_at,
            template=_own(contacts, message.kind),
        )

    def _number(self, contacts: Pack, message: Message) -> str | None:
        """Where a step of the duty ladder goes that is no email: a telephone, or the paging service.
        A page that nobody takes soon goes as an email."""
        details = message.details or {}
        if message.kind is not Kind.ESCALATION:
            return None
        if details.get("by") == PAGE and self.paging and message.attempt <= MOST_PAGES:
            return self.paging.replace("{authority}", contacts.authority)
        if details.get("by") == TEXT_MESSAGE:
            return self.text_number(contacts, details["person"])
        return None

    def _link(self, case: Case, wanted: Wanted | None) -> str:
        return self._page(f"reply/{wanted.token}" if wanted else f"referrals/{case.referral_id}")

    def _page(self, place: str) -> str:
        return f"{self.public_url.rstrip('/')}/{place}"


def _own(pack: Pack, kind: Kind) -> str | None:
    """The version of a pack whose authority wrote a kind's template itself, or a part of it."""
    own = pack.messages.templates
    return pack.version if any(f"{kind}.{end}" in own for end in ("txt", "html")) else None


def kept(email: Email) -> str:
    """What is kept, sealed, of an email that was sent."""
    words = {
        "to": email.recipient,
        "subject": email.subject,
        "text": email.text,
        "html": email.html,
    }
    return to_json(words).decode()
