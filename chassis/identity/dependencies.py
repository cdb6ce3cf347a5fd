"""Who may call an endpoint: FastAPI dependencies that answer 401 and 403."""

from collections.abc import Awaitable, Callable
from uuid import UUID

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

Guarding = Callable[[Caller, UUID], Awaitable[None]]
"""Raises what staff are answered about a referral that is kept from them."""


class Check(SecurityBase):
    """Lets in whoever a rule allows. One dependency and no more: each costs as much as the check,
    and a plain function would be run in a thread.
    """

    model = HTTPBearer(bearerFormat="JWT", description="An access token from `POST /oauth/token`.")
    scheme_name = "token"

    def __init__(self, rule: Rule, *, guarded: bool = True, scope: str | None = None) -> None:
        self._rule = rule
        self._guarded = guarded
        # What a partner's client needs; None where no partner's is let in.
        self.scope = scope

    async def __call__(self, request: Request) -> Caller:
        """The caller of a request. Raises Unauthorised and Forbidden; and where the path names a
        referral that is kept from the caller, what its guard raises."""
        caller: Caller = request.scope.get(VERIFIED) or await self._verified(request)
        self._rule(caller)
        if caller.kind == "staff" and self._guarded and "referral_id" in request.path_params:
            await _guard(request, caller)
        return caller

    async def _verified(self, request: Request) -> Caller:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Unauthorised("token_missing", "Send an access token: Authorization: Bearer …")
        verifier: Verifier = request.app.state.verifier
        return await verifier.verified(token.strip())


async def _guard(request: Request, caller: Caller) -> None:
    guard: Guarding | None = getattr(request.app.state, "guard", None)
    try:
        referral_id = UUID(request.path_params["referral_id"])
    except ValueError:
        # The endpoint says what is wrong with it.
        return
    if guard:
        await guard(caller, referral_id)


def staff(*roles: str, guarded: bool = True) -> Check:
    """Staff with one of `roles`; any staff when none is named. Not `guarded`: the endpoint itself
    answers about a restricted referral."""
    return Check(_with_role(frozenset(roles)), guarded=guarded)


def partner(scope: str, *, people: bool = False) -> Check:
    """A partner's system whose client has `scope`. With `people`, those of its people too who sign
    in: the endpoint holds them to what is theirs."""
    return Check(_with_scope(scope, people=people), scope=scope)


def person_or_partner(scope: str, *roles: str, people: bool = False) -> Check:
    """Staff as for `staff(*roles)`, or a partner as for `partner(scope, people=people)`."""
    of_staff, of_partner = _with_role(frozenset(roles)), _with_scope(scope, people=people)

    def rule(caller: Caller) -> None:
        (of_partner if caller.kind == "partner" else of_staff)(caller)

    return Check(rule, scope=scope)


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


def _with_scope(scope: str, *, people: bool = False) -> Rule:
    def rule(caller: Caller) -> None:
        if caller.kind != "partner" or (caller.is_referrer and not people):
            raise _wrong_kind()
        if scope not in caller.scopes:
            raise Forbidden("scope_needed", f"The client needs the scope {scope}.")

    return rule


def _wrong_kind() -> Forbidden:
    return Forbidden("wrong_kind_of_caller", "This is not for callers of your kind.")
