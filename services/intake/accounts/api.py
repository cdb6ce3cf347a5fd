"""Tokens: who may post, and who may sign in with a local account."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import from_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.clock import Clock
from chassis.database import Database
from chassis.identity import SCOPES, Caller, SigningKey, issue, service
from chassis.identity.assertions import (
    ALGORITHMS,
    read_assertion,
    unknown_client,
    used_before,
    verified,
)
from chassis.identity.guesses import Guesses
from chassis.identity.oauth import (
    FORM,
    GRANTS,
    JWT_BEARER,
    AssertionRequest,
    ClientRequest,
    GrantRequest,
    OAuthRefusal,
    PersonRequest,
    granted,
    read_token_request,
)
from chassis.identity.secrets import nobodys_hash, same_password, same_secret
from services.intake.accounts import store
from services.intake.answers import Token, TokenRefused, described
from services.intake.vouching.changing import HOLDS_SECONDS, Vouching

TOKEN = "/oauth/token"  # noqa: S105  (a path)


@dataclass(frozen=True, slots=True)
class TokenDesk:
    """What giving tokens needs. `issuer` is where this house is reached, as its clients know it.
    `passwords`: whether local staff accounts may be used here."""

    database: Database
    signing: SigningKey
    pepper: bytes
    clock: Clock
    token_seconds: int
    staff_token_seconds: int
    guesses: Guesses
    passwords: bool
    issuer: str
    vouching: Vouching


def router(desk: TokenDesk) -> APIRouter:
    """OAuth 2.0 (RFC 6749): client credentials, and passwords of local staff accounts."""
    routes = APIRouter(tags=["tokens"])

    @routes.post(
        TOKEN,
        **described(Token, s400=TokenRefused, s401=TokenRefused),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/x-www-form-urlencoded": {
                        "schema": {
                            "type": "object",
                            "required": ["grant_type"],
                            "properties": {
                                "grant_type": {
                                    "type": "string",
                                    "enum": list(GRANTS),
                                },
                                "client_id": {"type": "string"},
                                "client_secret": {"type": "string"},
                                "client_assertion_type": {"type": "string"},
                                "client_assertion": {"type": "string"},
                                "assertion": {"type": "string"},
                                "scope": {"type": "string"},
                                "username": {"type": "string"},
                                "password": {"type": "string"},
                            },
                        }
                    }
                },
            }
        },
    )
    async def token(request: Request) -> JSONResponse:
        """An access token. The client's id and secret come in the form or as HTTP Basic; or it
        proves who it is with a JWT that it signs (`private_key_jwt`, RFC 7523, 2.2). Or a token
        of its organisation's own identity provider, as `assertion`, is changed for one of ours
        that holds five minutes (RFC 7523, 2.1)."""
        asked = read_token_request(*await _form(request))
        if isinstance(asked, PersonRequest) and not desk.passwords:
            raise OAuthRefusal("unsupported_grant_type", "Staff sign in elsewhere here.")
        return JSONResponse(await _issued(desk, asked))

    @routes.get("/.well-known/oauth-authorization-server")
    async def metadata() -> Mapping[str, Any]:
        """Where tokens are given, and how clients prove who they are (RFC 8414)."""
        return {
            "issuer": desk.issuer,
            "token_endpoint": f"{desk.issuer}{TOKEN}",
            "jwks_uri": f"{desk.issuer}/.well-known/jwks.json",
            "grant_types_supported": ["client_credentials", JWT_BEARER],
            "response_types_supported": [],
            "scopes_supported": sorted(SCOPES),
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
            ],
            "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        }

    @routes.get("/.well-known/jwks.json")
    async def key_set() -> Mapping[str, Any]:
        """The keys that verify our access tokens (RFC 7517)."""
        return desk.signing.public()

    return routes


class SignInBody(BaseModel):
    """What somebody typed into the console's sign-in form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    username: str = Field(max_length=200)
    password: SecretStr = Field(max_length=1000)


class StaffBody(BaseModel):
    """Staff with a local account, by id or by the name that they sign in with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: tuple[UUID, ...] = Field(default=(), max_length=1000)
    usernames: tuple[str, ...] = Field(default=(), max_length=1000)


def internal_router(desk: TokenDesk) -> APIRouter:
    """Signing in with a local account at the house's own pages. `passwords` is about callers from
    outside and does not matter here."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/sign-ins")
    async def sign_in(
        caller: Annotated[Caller, Depends(service())], body: SignInBody
    ) -> JSONResponse:
        """An access token, or what `POST /oauth/token` would answer to the same name and
        password."""
        del caller
        asked = PersonRequest(body.username, body.password.get_secret_value())
        return JSONResponse(await _issued(desk, asked))

    @routes.post("/internal/v1/intake/staff:batch")
    async def names(
        caller: Annotated[Caller, Depends(service())], body: StaffBody
    ) -> Mapping[str, Any]:
        """What staff are called who stand in the audit trail."""
        del caller
        async with desk.database.connection() as connection:
            found = await store.staff_names(connection, body.ids, body.usernames)
        return {"items": [{"staff_id": one, "username": name} for one, name in found]}

    @routes.post("/internal/v1/intake/staff:addresses")
    async def addresses(
        caller: Annotated[Caller, Depends(service())], body: StaffBody
    ) -> Mapping[str, Any]:
        """Where to write to those of some staff, by id, who sign in with an address."""
        del caller
        async with desk.database.connection() as connection:
            return {"items": await store.staff_addresses(connection, body.ids)}

    @routes.post("/internal/v1/intake/staff:ended")
    async def ended(
        caller: Annotated[Caller, Depends(service())], body: StaffBody
    ) -> Mapping[str, Any]:
        """Which of some staff, by id, are let in no more."""
        del caller
        async with desk.database.connection() as connection:
            return {"items": await store.ended_staff(connection, body.ids)}

    return routes


async def _issued(
    desk: TokenDesk, asked: ClientRequest | AssertionRequest | GrantRequest | PersonRequest
) -> Mapping[str, Any]:
    """A token for whoever asks. Raises OAuthRefusal, TooManyGuesses, ProviderAway."""
    if isinstance(asked, GrantRequest):
        holds = min(HOLDS_SECONDS, desk.token_seconds)
        return _answer(desk, await desk.vouching.caller(asked), holds)
    if isinstance(asked, AssertionRequest):
        return _answer(desk, await _asserted(desk, asked), desk.token_seconds)
    account = asked.client_id if isinstance(asked, ClientRequest) else asked.username
    await desk.guesses.check(account)
    caller = await (
        _client(desk, asked) if isinstance(asked, ClientRequest) else _person(desk, asked)
    )
    if caller is None:
        await desk.guesses.wrong(account)
        raise asked.refused()
    if isinstance(asked, PersonRequest):
        return await let_in(desk, caller, "password")
    return _answer(desk, caller, desk.token_seconds)


async def let_in(desk: TokenDesk, caller: Caller, by: str) -> Mapping[str, Any]:
    """A token for a member of staff who has proven who they are, `by` what; written to the audit
    trail."""
    now = desk.clock()
    entry = AuditEntry("signed_in", caller, min(caller.authorities, default=""), None, {"by": by})
    async with desk.database.transaction() as connection:
        await append_audit(connection, [entry], now)
    return _answer(desk, caller, desk.staff_token_seconds)


def _answer(desk: TokenDesk, caller: Caller, holds: int) -> Mapping[str, Any]:
    return {
        "access_token": issue(desk.signing, caller, desk.clock(), holds),
        "token_type": "Bearer",
        "expires_in": holds,
        "scope": " ".join(sorted(caller.scopes)),
    }


async def _client(desk: TokenDesk, asked: ClientRequest) -> Caller | None:
    async with desk.database.connection() as connection:
        found = await store.client(connection, asked.client_id)
        if found is None or not any(
            same_secret(desk.pepper, asked.secret, digest) for digest in found.digests(desk.clock())
        ):
            return None
    return found.caller(granted(asked.scopes, found.scopes))


async def _asserted(desk: TokenDesk, asked: AssertionRequest) -> Caller:
    """Whoever signed an assertion with a key that they registered, the first time that it comes.
    Raises OAuthRefusal, TooManyGuesses."""
    claimed, now = read_assertion(asked.assertion), desk.clock()
    if asked.client_id not in (None, claimed.client_id):
        raise OAuthRefusal("invalid_request", "client_id is not the assertion's sub.")
    await desk.guesses.check(claimed.client_id)
    async with desk.database.transaction() as connection:
        found = await store.client(connection, claimed.client_id)
        try:
            if found is None:
                raise unknown_client()
            audiences = (desk.issuer, f"{desk.issuer}{TOKEN}")
            held = verified(claimed, found.public_keys, audiences, now)
        except OAuthRefusal as refused:
            if refused.error == "invalid_client":
                await desk.guesses.wrong(claimed.client_id)
            raise
        if not await store.use_assertion(connection, found.client_id, held.jti, held.until):
            raise used_before()
    return found.caller(granted(asked.scopes, found.scopes))


async def _person(desk: TokenDesk, asked: PersonRequest) -> Caller | None:
    async with desk.database.connection() as connection:
        found = await store.staff(connection, asked.username)
    # Somebody unknown, or without a password here, costs the same time as a wrong password.
    own = found.password_hash if found else None
    kept: str = own if own is not None else await asyncio.to_thread(nobodys_hash)
    right = await same_password(kept, asked.password)
    if found is None or own is None or not right:
        return None
    return found.caller(found.roles, found.authorities)


async def _form(request: Request) -> tuple[str | None, str | None, bytes]:
    """The request's content type, Authorization header and form. An object of JSON is taken for
    a form, because people try it."""
    body = await request.body()
    kind = request.headers.get("content-type")
    authorization = request.headers.get("authorization")
    if (kind or "").startswith("application/json"):
        try:
            sent = from_json(body)
        except ValueError:
            sent = None
        if isinstance(sent, dict):
            return FORM, authorization, urlencode(sent).encode()
    return kind, authorization, body
