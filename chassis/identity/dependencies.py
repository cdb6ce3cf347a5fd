"""Who may call an endpoint: FastAPI dependencies that answer 401 and 403."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis.errors import Forbidden, Unauthorised
from chassis.identity.callers import Caller
from chassis.identity.tokens import Verifier

# Async although nothing is awaited: FastAPI runs a plain function in a thread, which costs more
# than the check.
Check = Callable[..., Awaitable[Caller]]

_bearer = HTTPBearer(
    bearerFormat="JWT",
    scheme_name="token",
    description="An access token from `POST /oauth/token`.",
    auto_error=False,
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def staff(*roles: str) -> Check:
    """Staff with one of `roles`; any staff when none is named."""
    wanted = frozenset(roles)

    async def check(request: Request, credentials: Credentials) -> Caller:
        return _with_role(_caller(request, credentials), wanted)

    return check


def partner(scope: str) -> Check:
    """A partner's system whose client has `scope`."""

    async def check(request: Request, credentials: Credentials) -> Caller:
        return _with_scope(_caller(request, credentials), scope)

    return check


def person_or_partner(scope: str, *roles: str) -> Check:
    """Staff as for `staff(*roles)`, or a partner's system as for `partner(scope)`."""
    wanted = frozenset(roles)

    async def check(request: Request, credentials: Credentials) -> Caller:
        caller = _caller(request, credentials)
        if caller.kind == "partner":
            return _with_scope(caller, scope)
        return _with_role(caller, wanted)

    return check


def service() -> Check:
    """One of the house's own services."""

    async def check(request: Request, credentials: Credentials) -> Caller:
        caller = _caller(request, credentials)
        if caller.kind != "service":
            raise _wrong_kind()
        return caller

    return check


def _caller(request: Request, credentials: HTTPAuthorizationCredentials | None) -> Caller:
    if credentials is None:
        raise Unauthorised("token_missing", "Send an access token: Authorization: Bearer …")
    verifier: Verifier = request.app.state.verifier
    return verifier.caller(credentials.credentials)


def _with_role(caller: Caller, roles: frozenset[str]) -> Caller:
    if caller.kind != "staff":
        raise _wrong_kind()
    if roles and caller.roles.isdisjoint(roles):
        raise Forbidden("role_needed", "Your role does not do this.")
    return caller


def _with_scope(caller: Caller, scope: str) -> Caller:
    if caller.kind != "partner":
        raise _wrong_kind()
    if scope not in caller.scopes:
        raise Forbidden("scope_needed", f"The client needs the scope {scope}.")
    return caller


def _wrong_kind() -> Forbidden:
    return Forbidden("wrong_kind_of_caller", "This is not for callers of your kind.")
