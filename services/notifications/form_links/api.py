"""Asking for a link by email, over HTTP, for the console: it has found the form open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import FieldError, InvalidInput, Unavailable
from chassis.identity import Caller, service
from chassis.stream.kernel import Service
from chassis.vault import BlindIndex, KeyRing
from services.notifications.domain import Case
from services.notifications.form_links import domain, store
from services.notifications.form_links.domain import FormLink, Words
from services.notifications.form_links.sealing import seal
from services.notifications.rendering.mail import BadAddress, checked


@dataclass(frozen=True, slots=True)
class LinkDesk:
    """What asking needs. `mails`: whether there is a mail server in the settings."""

    service: Service[Case]
    ring: KeyRing
    mails: bool


class AskedBody(BaseModel):
    """The form's own link, or that of a question for advice, where to mail it, and until when it
    opens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(max_length=200)
    email: SecretStr = Field(max_length=300)
    authority: str = Field(max_length=80)
    until: AwareDatetime
    about: domain.About = "form"


def internal_router(desk: LinkDesk) -> APIRouter:
    """What the console asks, and intake. Never routed by a gateway."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/notifications/form-links", status_code=202)
    async def ask(
        caller: Annotated[Caller, Depends(service())], body: AskedBody
    ) -> Mapping[str, Any]:
        """Mail a link, soon. Neither the link nor the address is answered, logged or kept
        longer than it takes."""
        if not desk.mails:
            raise Unavailable("mail_not_set", "No mail can be sent from here.")
        try:
            address = checked(body.email.get_secret_value())
        except BadAddress:
            wrong = FieldError("/email", "Write an email address, like name@example.com.")
            raise InvalidInput("bad_address", "Some fields are wrong.", errors=[wrong]) from None
        now: datetime = desk.service.clock()
        link = FormLink(desk.service.ids(), body.authority, body.until, now, now, about=body.about)
        words = Words(address, body.token.get_secret_value())
        index = BlindIndex(desk.ring.index_key)
        digests = (
            index.of("form link", words.token),
            index.of("form link to", words.address.casefold()),
        )
        async with desk.service.database.transaction() as connection:
            domain.allow(*await store.counted(connection, *digests, now - domain.COUNTED_FOR))
            await store.add(connection, link, digests, seal(desk.ring, link, words))
            details = {"link_id": link.link_id}
            entry = AuditEntry("form_link_asked", caller, link.authority, None, details)
            await append_audit(connection, [entry], now)
        return {}

    return routes
