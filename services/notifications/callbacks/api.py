"""Call-backs over HTTP: partners say where and about what they want to be called, and see how it
went."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.errors import DomainError, NotFound, PreconditionFailed
from chassis.http import etags
from chassis.identity import Caller, partner
from chassis.outside.addresses import Networks
from chassis.stream.kernel import Kernel
from contracts import codes
from services.notifications.callbacks import domain
from services.notifications.callbacks.domain import Callback
from services.notifications.callbacks.signing import new_secret
from services.notifications.callbacks.store import CallbackStore
from services.notifications.domain import Case

MANAGE = "callback.manage"
NO_AUTHORITY = ""
"""A call-back belongs to an organisation, which may refer to several authorities."""

IfMatch = Annotated[str | None, Header(alias="If-Match")]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class CallbackBody(SentBody):
    """Where to call, and about what. `news` left out: about the status of your referrals."""

    url: str = Field(min_length=1, max_length=domain.LONGEST_URL)
    news: tuple[Annotated[str, Field(max_length=60)], ...] = Field(
        default=codes.OF_STATUS, max_length=20
    )


@dataclass(frozen=True, slots=True)
class CallbackDesk:
    """What call-backs need. `allowed` are the networks that the operator lets calls go to beside
    the public internet."""

    kernel: Kernel[Case]
    store: CallbackStore
    allowed: Networks

    async def own(
        self, connection: Connection, caller: Caller, callback_id: UUID, *, hold: bool = True
    ) -> Callback:
        """One call-back of the caller's organisation; `hold` keeps others from changing it until
        the transaction ends. Raises NotFound."""
        found = await self.store.own(connection, callback_id, organisation_of(caller), hold=hold)
        if found is None:
            raise unknown()
        return found

    async def note(
        self, connection: Connection, action: str, caller: Caller, callback_id: UUID
    ) -> None:
        """Write to the audit trail what a partner did with a call-back."""
        entry = AuditEntry(action, caller, NO_AUTHORITY, None, {"callback_id": str(callback_id)})
        await append_audit(connection, [entry], self.kernel.service.clock())


def router(desk: CallbackDesk) -> APIRouter:
    """What partners call."""
    routes = APIRouter(tags=["call-backs"])
    service, store = desk.kernel.service, desk.store
    database = service.database

    @routes.post("/v1/callbacks", status_code=201)
    async def add(
        caller: Annotated[Caller, Depends(partner(MANAGE))], body: CallbackBody, response: Response
    ) -> Mapping[str, Any]:
        """Ask to be called when something changes. The answer holds the secret that calls are signed
        with: it is told once. An address can be added once, so a repeat makes no second."""
        now = service.clock()
        one = Callback(
            callback_id=service.ids(),
            organisation_id=organisation_of(caller),
            client_id=caller.name,
            url=domain.checked_url(body.url, desk.allowed),
            news=domain.checked_news(body.news),
            version=1,
            created_at=now,
        )
        secret = new_secret()
        async with database.transaction() as connection:
            await store.hold_list(connection, one.organisation_id)
            known = await store.list_own(connection, one.organisation_id)
            if len(known) >= domain.MOST_CALLBACKS:
                raise DomainError(
                    "too_many_callbacks",
                    f"An organisation has up to {domain.MOST_CALLBACKS} call-backs.",
                )
            if not await store.add(connection, one, secret):
                raise _known()
            await desk.note(connection, "callback_added", caller, one.callback_id)
        response.headers["ETag"] = etags.etag(one.version)
        return {**_told(one), "secret": secret}

    @routes.get("/v1/callbacks")
    async def listed(caller: Annotated[Caller, Depends(partner(MANAGE))]) -> Mapping[str, Any]:
        """Your organisation's call-backs."""
        async with database.connection() as connection:
            found = await store.list_own(connection, organisation_of(caller))
        return {"items": [_told(one) for one in found], "next": None}

    @routes.get("/v1/callbacks/{callback_id}")
    async def read(
        caller: Annotated[Caller, Depends(partner(MANAGE))], callback_id: UUID, response: Response
    ) -> Mapping[str, Any]:
        """One call-back: whether it is switched on, and since when calls fail."""
        async with database.connection() as connection:
            found = await desk.own(connection, caller, callback_id, hold=False)
        response.headers["ETag"] = etags.etag(found.version)
        return _told(found)

    @routes.put("/v1/callbacks/{callback_id}")
    async def change(
        caller: Annotated[Caller, Depends(partner(MANAGE))],
        callback_id: UUID,
        body: CallbackBody,
        response: Response,
        if_match: IfMatch = None,
    ) -> Mapping[str, Any]:
        """Change a call-back's address or what it is about. One that was switched off is switched
        on again; replay what it missed."""
        async with database.transaction() as connection:
            before = await desk.own(connection, caller, callback_id)
            if etags.version(if_match) not in (None, before.version):
                raise PreconditionFailed(
                    "changed_meanwhile", "Somebody has changed it. Read it again."
                )
            after = replace(
                before,
                url=domain.checked_url(body.url, desk.allowed),
                news=domain.checked_news(body.news),
                version=before.version + 1,
                reason=None,
                failing_since=None,
            )
            if not await store.save(connection, after):
                raise _known()
            await desk.note(connection, "callback_changed", caller, callback_id)
        service.bell.ring(domain.CALLS)
        response.headers["ETag"] = etags.etag(after.version)
        return _told(after)

    @routes.delete("/v1/callbacks/{callback_id}", status_code=204)
    async def remove(
        caller: Annotated[Caller, Depends(partner(MANAGE))], callback_id: UUID
    ) -> None:
        """Forget a call-back and its log."""
        async with database.transaction() as connection:
            await desk.own(connection, caller, callback_id)
            await store.delete(connection, callback_id, service.clock())
            await desk.note(connection, "callback_removed", caller, callback_id)

    @routes.post("/v1/callbacks/{callback_id}/secret", status_code=201)
    async def rotate(
        caller: Annotated[Caller, Depends(partner(MANAGE))], callback_id: UUID
    ) -> Mapping[str, Any]:
        """Get a new secret. For a day calls are signed with the former one too, so that your system
        can change over without missing any."""
        secret, now = new_secret(), service.clock()
        async with database.transaction() as connection:
            await desk.own(connection, caller, callback_id)
            await store.rotate(connection, callback_id, secret, now)
            await desk.note(connection, "callback_secret_changed", caller, callback_id)
        return {"secret": secret, "former_holds_until": now + domain.OLD_SECRET}

    return routes


def organisation_of(caller: Caller) -> UUID:
    if caller.organisation_id is None:
        raise unknown()
    return caller.organisation_id


def unknown() -> NotFound:
    return NotFound("callback_not_found", "There is no such call-back.")


def _known() -> DomainError:
    return DomainError("callback_exists", "Your organisation has a call-back of this address.")


def _told(one: Callback) -> Mapping[str, Any]:
    return {
        "id": one.callback_id,
        "url": one.url,
        "news": one.news,
        "enabled": one.reason is None,
        "switched_off_because": one.reason,
        "failing_since": one.failing_since,
        "client_id": one.client_id,
        "created_at": one.created_at,
    }
