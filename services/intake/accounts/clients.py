"""Partners' clients over HTTP, for operators: as `frontdoor partner` does.

Organisations belong to the whole installation and to no one authority, so they are kept by an
operator of all its authorities. A secret is in the one answer that makes it and is kept nowhere,
which is why these have no idempotency keys: a client's id can be given once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.errors import FieldError, Forbidden, InvalidInput
from chassis.identity import Caller, staff
from chassis.identity.keys import MOST_KEYS, BadKey, public_keys, read_keys
from chassis.outside.addresses import Networks
from chassis.stream.kernel import Service
from contracts.form import CLEAN_LINE
from services.intake import answers
from services.intake.accounts import registering, store
from services.intake.domain import Case
from services.intake.vouching import changing
from services.intake.vouching.store import Registered

OPERATORS = staff("operator")
LONGEST_OVERLAP_HOURS = 24 * 90

ClientId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]
AtPath = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]
Line = Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]
Scopes = Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=20)]
Domain = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*\.[a-z]{2,}$", max_length=200)]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class OrganisationBody(SentBody):
    """An organisation that is not registered yet. Full reasons may be emailed to its domain."""

    name: Line
    agency: Annotated[str, Field(max_length=60)]
    email_domain: Domain | None = None


class ClientBody(SentBody):
    """A client of a new organisation, or of the one that has the client `beside` already."""

    client_id: ClientId
    scopes: Scopes
    organisation: OrganisationBody | None = None
    beside: ClientId | None = None

    @model_validator(mode="after")
    def _is_somebodys(self) -> "ClientBody":
        if (self.organisation is None) == (self.beside is None):
            raise ValueError("say whose it is: `organisation` or `beside`")
        return self


class SecretBody(SentBody):
    """How long the secret that the client has holds beside the new one; 0 where it leaked."""

    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_HOURS)] = 24


class KeysBody(SentBody):
    """A client's public keys in place of those that it had: a key set's (RFC 7517), or one in PEM.
    `end_secret`: its secrets hold no more."""

    keys: Annotated[tuple[dict[str, Any], ...], Field(max_length=MOST_KEYS)] = ()
    pem: Annotated[str, Field(max_length=10_000)] | None = None
    end_secret: bool = False

    @model_validator(mode="after")
    def _says_them_once(self) -> "KeysBody":
        if self.pem is not None and self.keys:
            raise ValueError("say `keys` or `pem`")
        return self

    def read(self) -> list[dict[str, Any]]:
        """The keys as they are kept. Raises InvalidInput."""
        try:
            return read_keys(self.pem) if self.pem is not None else public_keys(self.keys)
        except BadKey as bad:
            at = FieldError("/pem" if self.pem is not None else "/keys", str(bad))
            raise InvalidInput("bad_key", str(bad), errors=(at,)) from None


class ProviderBody(SentBody):
    """Who a client is at its organisation's own identity provider: `issuer`, `subject` and
    `audience` as they stand in its tokens (iss, sub, aud), and where its keys are published
    (`jwks_url`), or the keys, as for a client. `scope_claim`: the claim that names what of the
    client's scopes a token has; without it, all of them."""

    issuer: Annotated[str, Field(min_length=1, max_length=500)]
    subject: Annotated[str, Field(min_length=1, max_length=500), CLEAN_LINE]
    audience: Annotated[str, Field(min_length=1, max_length=500), CLEAN_LINE]
    jwks_url: Annotated[str, Field(max_length=500)] | None = None
    keys: Annotated[tuple[dict[str, Any], ...], Field(max_length=MOST_KEYS)] = ()
    pem: Annotated[str, Field(max_length=10_000)] | None = None
    scope_claim: Annotated[str, Field(min_length=1, max_length=100), CLEAN_LINE] | None = None

    def read(self, client_id: str) -> Registered:
        """What is registered. Raises InvalidInput."""
        keys = KeysBody(keys=self.keys, pem=self.pem).read()
        return Registered(
            client_id, self.issuer, self.subject, self.audience, self.jwks_url, self.scope_claim,
            tuple(keys),
        )  # fmt: skip


class LeadBody(SentBody):
    """Where an organisation's safeguarding leads read the week's summary; null: nowhere."""

    lead_email: Annotated[str, Field(max_length=254)] | None


class ProviderRegistered(BaseModel):
    """Who a client is at its organisation's provider."""

    issuer: str
    subject: str
    audience: str
    jwks_url: str | None
    scope_claim: str | None
    key_names: list[str]


class ClientRow(BaseModel):
    """An organisation and one of its clients, where it has any."""

    name: str
    agency: str
    email_domain: str | None
    lead_email: str | None
    client_id: str | None
    scopes: list[str] | None
    disabled_at: datetime | None
    old_secret_until: datetime | None
    key_names: list[str]
    provider: ProviderRegistered | None


class ClientsListed(BaseModel):
    items: list[ClientRow]


class ClientMade(BaseModel):
    """The only time that the secret is told."""

    client_id: str
    client_secret: str


class SecretReplaced(ClientMade):
    old_secret_until: datetime


class KeysRegistered(BaseModel):
    """What the keys are called (`kid`)."""

    client_id: str
    key_names: list[str]


class ProviderSet(BaseModel):
    client_id: str
    issuer: str
    subject: str


class LeadSet(BaseModel):
    client_id: str
    lead_email: str | None


class ProviderEnded(BaseModel):
    client_id: str


class ClientDisabled(BaseModel):
    client_id: str
    disabled_at: datetime


@dataclass(frozen=True, slots=True)
class ClientDesk:
    """What keeping clients needs. `pepper` is for the digests of secrets; `allowed` are networks
    that partners' providers may stand in beside the public internet."""

    service: Service[Case]
    pepper: bytes
    allowed: Networks


def staff_router(desk: ClientDesk) -> APIRouter:
    """What operators call."""
    routes = APIRouter(tags=["clients"])
    service = desk.service

    @routes.get("/v1/intake/clients", **answers.described(ClientsListed))
    async def listed(caller: Annotated[Caller, Depends(OPERATORS)]) -> Mapping[str, Any]:
        """Every organisation with its clients, by name; no secrets. Schools of the national
        register stand there once they have a client. `client_id` is null for an organisation
        without one."""
        if not _keeps_all(desk, caller):
            return {"items": []}
        async with service.database.connection() as connection:
            return {"items": await store.list_clients(connection)}

    @routes.post("/v1/intake/clients", status_code=201, **answers.described(ClientMade, 201))
    async def add(
        caller: Annotated[Caller, Depends(OPERATORS)], body: ClientBody, response: Response
    ) -> Mapping[str, Any]:
        """Register an organisation with its first client, or give one another client. The secret
        is told this once. 409 where there is a client of that id."""
        refuse(desk, caller)
        now = service.clock()
        async with service.database.transaction() as connection:
            if body.organisation is not None:
                secret = await registering.add_partner(
                    connection,
                    client_id=body.client_id,
                    scopes=body.scopes,
                    pepper=desk.pepper,
                    ids=service.ids,
                    now=now,
                    **body.organisation.model_dump(),
                )
            else:
                secret = await registering.add_client(
                    connection,
                    beside=str(body.beside),
                    client_id=body.client_id,
                    scopes=body.scopes,
                    pepper=desk.pepper,
                    now=now,
                )
            await note(desk, connection, caller, "client_registered", body.client_id)
        return _told(response, body.client_id, secret)

    @routes.post("/v1/intake/clients/{client_id}/secret", **answers.described(SecretReplaced))
    async def replace(
        caller: Annotated[Caller, Depends(OPERATORS)],
        client_id: AtPath,
        body: SecretBody,
        response: Response,
    ) -> Mapping[str, Any]:
        """Give a client another secret, which is told this once. What it has holds beside it for a
        while."""
        refuse(desk, caller)
        async with service.database.transaction() as connection:
            secret, until = await registering.rotate(
                connection,
                client_id,
                overlap=timedelta(hours=body.overlap_hours),
                pepper=desk.pepper,
                now=service.clock(),
            )
            await note(desk, connection, caller, "client_secret_replaced", client_id)
        return {**_told(response, client_id, secret), "old_secret_until": until}

    @routes.put("/v1/intake/clients/{client_id}/keys", **answers.described(KeysRegistered))
    async def keys(
        caller: Annotated[Caller, Depends(OPERATORS)], client_id: AtPath, body: KeysBody
    ) -> Mapping[str, Any]:
        """Say with which public keys a client signs the assertions that it asks for tokens with,
        in place of those that it had. To change a key without a gap, register both for a while."""
        refuse(desk, caller)
        async with service.database.transaction() as connection:
            names = await registering.register_keys(
                connection,
                client_id,
                body.read(),
                end_secret=body.end_secret,
                pepper=desk.pepper,
                now=service.clock(),
            )
            await note(desk, connection, caller, "client_keys_registered", client_id)
        return {"client_id": client_id, "key_names": names}

    @routes.put("/v1/intake/clients/{client_id}/provider", **answers.described(ProviderSet))
    async def provider(
        caller: Annotated[Caller, Depends(OPERATORS)], client_id: AtPath, body: ProviderBody
    ) -> Mapping[str, Any]:
        """Let a client in by tokens of its organisation's own identity provider, in place of what
        was registered. 409 where another client is that."""
        refuse(desk, caller)
        one = body.read(client_id)
        async with service.database.transaction() as connection:
            await changing.register(connection, one, desk.allowed, service.clock())
            await note(desk, connection, caller, "client_provider_registered", client_id)
        return {"client_id": client_id, "issuer": one.issuer, "subject": one.subject}

    @routes.post("/v1/intake/clients/{client_id}/provider-end", **answers.described(ProviderEnded))
    async def end_provider(
        caller: Annotated[Caller, Depends(OPERATORS)], client_id: AtPath
    ) -> Mapping[str, Any]:
        """Let a client in by its provider's tokens no more. What it was given for one holds five
        minutes at most."""
        refuse(desk, caller)
        async with service.database.transaction() as connection:
            await changing.end(connection, client_id)
            await note(desk, connection, caller, "client_provider_ended", client_id)
        return {"client_id": client_id}

    @routes.put("/v1/intake/clients/{client_id}/lead", **answers.described(LeadSet))
    async def lead(
        caller: Annotated[Caller, Depends(OPERATORS)], client_id: AtPath, body: LeadBody
    ) -> Mapping[str, Any]:
        """Say where the safeguarding leads of the client's organisation read, each Monday, what
        became of its referrals."""
        refuse(desk, caller)
        async with service.database.transaction() as connection:
            await registering.set_lead(connection, client_id, body.lead_email)
            await note(desk, connection, caller, "organisation_lead_set", client_id)
        return {"client_id": client_id, "lead_email": body.lead_email}

    @routes.post("/v1/intake/clients/{client_id}/disablement", **answers.described(ClientDisabled))
    async def disable(
        caller: Annotated[Caller, Depends(OPERATORS)], client_id: AtPath
    ) -> Mapping[str, Any]:
        """Let a client in no more. A token that it has holds until it ends."""
        refuse(desk, caller)
        now = service.clock()
        async with service.database.transaction() as connection:
            await registering.disable(connection, client_id, now)
            await note(desk, connection, caller, "client_disabled", client_id)
        return {"client_id": client_id, "disabled_at": now}

    return routes


def _keeps_all(desk: ClientDesk, caller: Caller) -> bool:
    """Whether somebody is an operator of all of the installation's authorities."""
    return caller.authorities >= set(desk.service.policy.authorities)


def refuse(desk: ClientDesk, caller: Caller) -> None:
    """Raises Forbidden for an operator of some of the installation's authorities."""
    if not _keeps_all(desk, caller):
        raise Forbidden(
            "all_authorities_needed",
            "Partners are kept by an operator of all authorities of this installation.",
        )


async def note(
    desk: ClientDesk, connection: Connection, caller: Caller, action: str, client_id: str
) -> None:
    """Write it to the trail of every authority: the client may send to each."""
    entries = [
        AuditEntry(action, caller, authority, None, {"client_id": client_id})
        for authority in desk.service.policy.authorities
    ]
    await append_audit(connection, entries, desk.service.clock())


def _told(response: Response, client_id: str, secret: str) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-store"
    return {"client_id": client_id, "client_secret": secret}
