"""Who may call an endpoint: FastAPI dependencies that answer 401 and 403."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Request

from chassis.errors import Forbidden, Unauthorised
from chassis.identity.callers import Caller, Kind
from chassis.identity.tokens import Verifier

Check = Callable[..., Caller]


def caller_of(request: Request, authorization: str | None) -> Caller:
    """The caller of a request. Raises Unauthorised."""
    if not authorization or not authorization.lower().startswith("bearer "):
        raise Unauthorised("token_missing", "Send an access token: Authorization: Bearer …")
    verifier: Verifier = request.app.state.verifier
    return verifier.caller(authorization[7:].strip())


def staff(*roles: str) -> Check:
    """Staff with one of `roles`; any staff when none is named."""

    def check(request: Request, authorization: Annotated[str | None, Header()] = None) -> Caller:
        caller = _of_kind(caller_of(request, authorization), "staff")
        if roles and caller.roles.isdisjoint(roles):
            raise Forbidden("role_needed", "Your role does not do this.")
        return caller

    return check


def partner(scope: str) -> Check:
    """A partner's system whose client has `scope`."""

    def check(request: Request, authorization: Annotated[str | None, Header()] = None) -> Caller:
        caller = _of_kind(caller_of(request, authorization), "partner")
        if scope not in caller.scopes:
            raise Forbidden("scope_needed", f"The client needs the scope {scope}.")
        return caller

    return check


def service() -> Check:
    """One of the house's own services."""

    def check(request: Request, authorization: Annotated[str | None, Header()] = None) -> Caller:
        return _of_kind(caller_of(request, authorization), "service")

    return check


def _of_kind(caller: Caller, kind: Kind) -> Caller:
    if caller.kind != kind:
        raise Forbidden("wrong_kind_of_caller", "This is not for callers of your kind.")
    return caller
