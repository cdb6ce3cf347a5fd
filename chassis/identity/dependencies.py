"""Who may call an endpoint: FastAPI dependencies that answer 401 and 403."""

from collections.abc import Callable

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from chassis.errors import Forbidden, Unauthorised
from chassis.identity.callers import Caller
from chassis.identity.tokens import Verifier

VERIFIED = "frontdoor.caller"
"""Where a request's scope holds the caller whose token was verified already."""

Rule = Callable[[Caller], None]
"""Raises Forbidden for a caller who may not."""


class Check(SecurityBase):
    """Lets in whoever a rule allows. One dependency and no more: each costs as much as the check,
    and a plain function would be run in a thread.
    """

    model = HTTPBearer(bearerFormat="JWT", description="An access token from `POST /oauth/token`.")
    scheme_name = "token"

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    async def __call__(self, request: Request) -> Caller:
        """The caller of a request. Raises Unauthorised and Forbidden."""
        caller: Caller = request.scope.get(VERIFIED) or await self._verified(request)
        self._rule(caller)
        return caller

    async def _verified(self, request: Request) -> Caller:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Unauthorised("token_missing", "Send an access token: Authorization: Bearer …")
        verifier: Verifier = request.app.state.verifier
        return await verifier.verified(token.strip())


def staff(*roles: str) -> Check:
    """Staff with one of `roles`; any staff when none is named."""
    return Check(_with_role(frozenset(roles)))


def partner(scope: str) -> Check:
    """A partner's system whose client has `scope`."""
    return Check(_with_scope(scope))


def person_or_partner(scope: str, *roles: str) -> Check:
    """Staff as for `staff(*roles)`, or a partner's system as for `partner(scope)`."""
    of_staff, of_partner = _with_role(frozenset(roles)), _with_scope(scope)

    def rule(caller: Caller) -> None:
        (of_partner if caller.kind == "partner" else of_staff)(caller)

    return Check(rule)


def service() -> Check:
    """One of the house's own services."""

    def rule(caller: Caller) -> None:
        if caller.kind != "service":
            raise _wrong_kind()

    return Check(rule)


def _with_role(roles: frozenset[str]) -> Rule:
    def rule(caller: Caller) -> None:
        if caller.kind != "staff":
            raise _wrong_kind()
        if roles and caller.roles.isdisjoint(roles):
            raise Forbidden("role_needed", "Your role does not do this.")

    return rule


def _with_scope(scope: str) -> Rule:
    def rule(caller: Caller) -> None:
        if caller.kind != "partner":
            raise _wrong_kind()
        if scope not in caller.scopes:
            raise Forbidden("scope_needed", f"The client needs the scope {scope}.")

    return rule


def _wrong_kind() -> Forbidden:
    return Forbidden("wrong_kind_of_caller", "This is not for callers of your kind.")
