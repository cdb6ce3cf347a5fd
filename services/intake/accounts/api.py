"""Tokens: who may post, and who may sign in with a local account."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from pydantic_core import from_json

from chassis.clock import Clock
from chassis.database import Database
from chassis.identity import Caller, SigningKey, issue
from chassis.identity.secrets import nobodys_hash, same_password, same_secret
from chassis.identity.tokens import basic_credentials
from services.intake.accounts import store


@dataclass(frozen=True, slots=True)
class TokenDesk:
    """What giving tokens needs. `passwords`: whether local staff accounts may be used here."""

    database: Database
    signing: SigningKey
    pepper: bytes
    clock: Clock
    token_seconds: int
    guesses_per_minute: int
    passwords: bool


def router(desk: TokenDesk) -> APIRouter:
    """OAuth 2.0 (RFC 6749): client credentials, and passwords of local staff accounts."""
    routes = APIRouter(tags=["tokens"])
    limiter = FixedWindowRateLimiter(MemoryStorage())
    guesses = RateLimitItemPerMinute(desk.guesses_per_minute)

    @routes.post(
        "/oauth/token",
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
                                    "enum": ["client_credentials", "password"],
                                },
                                "client_id": {"type": "string"},
                                "client_secret": {"type": "string"},
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
        """An access token. The client's id and secret come in the form or as HTTP Basic."""
        sent = _fields(await request.body(), request.headers.get("content-type", ""))
        grant = sent.get("grant_type")
        if grant == "client_credentials":
            basic = basic_credentials(request.headers.get("authorization"))
            name, secret = basic or (sent.get("client_id", ""), sent.get("client_secret", ""))
            checked: Check = _client
        elif grant == "password" and desk.passwords:
            name, secret = sent.get("username", ""), sent.get("password", "")
            checked = _person
        else:
            return _refused(400, "unsupported_grant_type")
        if not name or not secret:
            return _refused(400, "invalid_request")
        if not await limiter.test(guesses, grant, name):
            return JSONResponse(
                {"error": "slow_down"}, 429, {"Retry-After": "60", "Cache-Control": "no-store"}
            )
        caller = await checked(desk, name, secret)
        if caller is None:
            await limiter.hit(guesses, grant, name)
            return _refused(401, "invalid_client" if checked is _client else "invalid_grant")
        return JSONResponse(
            {
                "access_token": issue(desk.signing, caller, desk.clock(), desk.token_seconds),
                "token_type": "Bearer",
                "expires_in": desk.token_seconds,
                "scope": " ".join(sorted(caller.scopes)),
            },
            headers={"Cache-Control": "no-store"},
        )

    @routes.get("/.well-known/jwks.json")
    async def key_set() -> Mapping[str, Any]:
        """The keys that verify our access tokens (RFC 7517)."""
        return desk.signing.public()

    return routes


Check = Callable[["TokenDesk", str, str], Awaitable[Caller | None]]


async def _client(desk: TokenDesk, name: str, secret: str) -> Caller | None:
    async with desk.database.connection() as connection:
        found = await store.client(connection, name)
        if found is None or not same_secret(desk.pepper, secret, found.secret_digest):
            return None
        organisation = await store.organisation(connection, found.organisation_id)
    if organisation is None:
        return None
    return Caller(
        kind="partner",
        id=organisation.organisation_id,
        name=found.client_id,
        organisation_id=organisation.organisation_id,
        scopes=frozenset(found.scopes),
    )


async def _person(desk: TokenDesk, name: str, password: str) -> Caller | None:
    async with desk.database.connection() as connection:
        found = await store.staff(connection, name)
    # Somebody unknown costs the same time as a wrong password.
    right = await same_password(found.password_hash if found else nobodys_hash(), password)
    if found is None or not right:
        return None
    return Caller(
        kind="staff",
        id=found.staff_id,
        name=found.username,
        authorities=frozenset(found.authorities),
        roles=frozenset(found.roles),
        qualifications=frozenset(found.qualifications),
    )


def _fields(body: bytes, content_type: str) -> Mapping[str, str]:
    """The fields of a form; JSON is read too, because people try it."""
    try:
        if content_type.startswith("application/json"):
            sent = from_json(body)
            return {key: str(value) for key, value in sent.items()} if isinstance(sent, dict) else {}
        return {key: values[0] for key, values in parse_qs(body.decode()).items()}
    except ValueError:
        return {}


def _refused(status: int, error: str) -> JSONResponse:
    headers = {"Cache-Control": "no-store"}
    if status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = 'Basic realm="frontdoor"'
    return JSONResponse({"error": error}, status, headers)
