"""Changes a provider's token for the client that it speaks for, and registers who that is."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.errors import DomainError, FieldError, InvalidInput, NotFound
from chassis.identity import Caller
from chassis.identity.grants import hold_to, narrowed, not_vouched_for, read_shown, signed_by
from chassis.identity.keys import imported
from chassis.identity.oauth import GrantRequest, OAuthRefusal, granted
from chassis.outside.addresses import Networks, fault_of
from services.intake.accounts import store as accounts
from services.intake.vouching import store
from services.intake.vouching.keys import PublishedKeys

HOLDS_SECONDS = 300
"""What is given for a provider's token holds no longer: so soon after the provider, or an operator,
has ended it, nothing of it is left."""

LONGEST_URL = 500


@dataclass(frozen=True, slots=True)
class Vouching:
    """What believing providers needs."""

    database: Database
    keys: PublishedKeys
    clock: Clock

    async def caller(self, asked: GrantRequest) -> Caller:
        """The client that a provider's token speaks for, with the scopes that it leaves. Raises
        OAuthRefusal, ProviderAway."""
        shown = read_shown(asked.token)
        async with self.database.connection() as connection:
            known = await store.registered(connection, shown.issuer, shown.subject)
            client = await accounts.client(connection, known.client_id) if known else None
        if known is None or client is None:
            raise not_vouched_for()
        keys = (
            await self.keys.of(known.jwks_url, shown.key_name)
            if known.jwks_url
            else [(None, imported(one)) for one in known.public_keys]
        )
        if not signed_by(shown, keys):
            raise not_vouched_for()
        hold_to(shown, known.audience, self.clock())
        if asked.client_id not in (None, client.client_id):
            raise OAuthRefusal("invalid_request", "client_id is another than is registered.")
        left = narrowed(shown, known.scope_claim, client.scopes)
        return client.caller(granted(asked.scopes, left))


async def register(
    connection: Connection, one: store.Registered, allowed: Networks, now: datetime
) -> None:
    """Say who a client is at its organisation's provider. Raises NotFound; InvalidInput for an
    address that cannot be asked; DomainError where another client is that."""
    if (one.jwks_url is None) == (not one.public_keys):
        raise _wrong("jwks_url", "Say where the provider's keys are published, or the keys.")
    for name, url in (("issuer", one.issuer), ("jwks_url", one.jwks_url)):
        # The issuer is compared and never called; it looks the same all the same.
        if url is not None and (fault := fault_of(url, allowed, LONGEST_URL)):
            raise _wrong(name, fault)
    try:
        if not await store.put(connection, one, now):
            raise NotFound("client_not_found", "There is no such client, or it is disabled.")
    except asyncpg.UniqueViolationError as known:
        raise DomainError(
            "subject_known", "Another client is registered by this issuer and subject."
        ) from known


async def end(connection: Connection, client_id: str) -> None:
    """No provider vouches for a client any more. Raises NotFound."""
    if not await store.end(connection, client_id):
        raise NotFound("provider_not_found", "No provider is registered for this client.")


def _wrong(field: str, detail: str) -> InvalidInput:
    return InvalidInput("invalid_provider", detail, errors=(FieldError(f"/{field}", detail),))
