"""Signing in at the provider: what the console asks for between sending somebody there and letting
them in. Intake alone speaks to the provider, and alone has the client's secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from chassis.identity import Caller, service
from chassis.settings import OpenIdRights
from services.intake.accounts import api as accounts
from services.intake.accounts import store
from services.intake.openid.domain import rights
from services.intake.openid.provider import NotBelieved, Provider


@dataclass(frozen=True, slots=True)
class OpenIdDesk:
    """`subject_claim` names who somebody is at the provider, `rights_claim` what they are there;
    `given` says what each value of that stands for."""

    tokens: accounts.TokenDesk
    provider: Provider
    issuer: str
    subject_claim: str
    rights_claim: str | None
    given: Mapping[str, OpenIdRights]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BeginBody(_Body):
    """What the browser's visit is tied to: three values that only its cookie yields."""

    state: str = Field(min_length=32, max_length=200)
    nonce: str = Field(min_length=32, max_length=200)
    verifier: SecretStr = Field(min_length=43, max_length=128)


class ReturnBody(_Body):
    """What somebody came back with, its state checked."""

    code: SecretStr = Field(min_length=1, max_length=8_192)
    nonce: str = Field(min_length=32, max_length=200)
    verifier: SecretStr = Field(min_length=43, max_length=128)
    issuer: str | None = Field(default=None, max_length=2_000)


class LeaveBody(_Body):
    """The ID token of the session that ended."""

    id_token: SecretStr = Field(max_length=65_536)


class EndedBody(_Body):
    """What the provider sends by itself when somebody signs out there."""

    logout_token: SecretStr = Field(max_length=16_384)


def internal_router(desk: OpenIdDesk) -> APIRouter:
    """For the console's pages."""
    routes = APIRouter(include_in_schema=False)
    house = Annotated[Caller, Depends(service())]

    @routes.post("/internal/v1/sign-ins/openid:begin")
    async def begin(caller: house, body: BeginBody) -> Mapping[str, Any]:
        """Where to send somebody to sign in."""
        del caller
        return {
            "address": await desk.provider.way_in(
                body.state, body.nonce, body.verifier.get_secret_value()
            )
        }

    @routes.post("/internal/v1/sign-ins/openid:return")
    async def come_back(caller: house, body: ReturnBody) -> Mapping[str, Any]:
        """An access token for whoever is registered here; for anybody else `subject`, which is
        what an administrator would register, and why there is no token."""
        del caller
        proven = await desk.provider.proven(
            body.code.get_secret_value(),
            body.nonce,
            body.verifier.get_secret_value(),
            body.issuer,
        )
        subject = proven.claims.get(desk.subject_claim)
        if not isinstance(subject, str) or not subject:
            raise NotBelieved
        async with desk.tokens.database.connection() as connection:
            found = await store.staff_by_subject(connection, desk.issuer, subject)
        if found is None:
            return {"refused": "not_registered", "subject": subject, "id_token": proven.id_token}
        claim = proven.claims.get(desk.rights_claim) if desk.rights_claim else None
        held = rights(found.roles, found.authorities, claim, desk.given)
        if not held.roles or not (held.authorities or found.organisation_id):
            return {"refused": "no_rights", "subject": subject, "id_token": proven.id_token}
        caller_here = found.caller(held.roles, held.authorities)
        return {
            **await accounts.let_in(desk.tokens, caller_here, "openid"),
            "id_token": proven.id_token,
            "session": proven.claims.get("sid"),
            "person": proven.claims["sub"],
        }

    @routes.post("/internal/v1/sign-ins/openid:ended")
    async def ended(caller: house, body: EndedBody) -> Mapping[str, Any]:
        """Of whom the provider says that they have signed out there."""
        del caller
        told = await desk.provider.signed_out(body.logout_token.get_secret_value())
        return {"session": told.session, "person": told.person, "at": told.at.isoformat()}

    @routes.post("/internal/v1/sign-ins/openid:leave")
    async def leave(caller: house, body: LeaveBody) -> Mapping[str, Any]:
        """Where to send somebody to sign out at the provider too, or null."""
        del caller
        return {"address": await desk.provider.way_out(body.id_token.get_secret_value())}

    return routes
