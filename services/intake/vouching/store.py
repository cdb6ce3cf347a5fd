"""Every query about which providers vouch for which clients."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

from chassis.database import Connection

# Who is registered as a subject of a provider, where the client is not disabled.
READ = """
SELECT client_id, issuer, subject, audience, jwks_url, scope_claim,
       client_provider.public_keys::text AS public_keys
  FROM client_provider JOIN client USING (client_id)
 WHERE issuer = $1 AND subject = $2 AND disabled_at IS NULL
"""

# Register who a client is at its organisation's provider, in place of what was registered.
PUT = """
INSERT INTO client_provider (client_id, issuer, subject, audience, jwks_url, public_keys,
                             scope_claim, registered_at)
SELECT client_id, $2, $3, $4, $5, $6::text::jsonb, $7, $8
  FROM client WHERE client_id = $1 AND disabled_at IS NULL
    ON CONFLICT (client_id) DO UPDATE
   SET issuer = excluded.issuer, subject = excluded.subject, audience = excluded.audience,
       jwks_url = excluded.jwks_url, public_keys = excluded.public_keys,
       scope_claim = excluded.scope_claim, registered_at = excluded.registered_at
RETURNING client_id
"""

# A provider vouches for a client no more.
END = "DELETE FROM client_provider WHERE client_id = $1 RETURNING client_id"


@dataclass(frozen=True, slots=True)
class Registered:
    """Who a client is at its organisation's provider: the tokens that are believed, with the keys
    published at `jwks_url` or those in `public_keys`. `scope_claim` says what the provider leaves
    of the client's scopes; without it, all."""

    client_id: str
    issuer: str
    subject: str
    audience: str
    jwks_url: str | None
    scope_claim: str | None = None
    public_keys: tuple[Mapping[str, Any], ...] = ()


async def registered(connection: Connection, issuer: str, subject: str) -> Registered | None:
    """The client that is `subject` at `issuer`, if it is not disabled."""
    row = await connection.fetchrow(READ, issuer, subject)
    if row is None:
        return None
    said = dict(row)
    return Registered(**{**said, "public_keys": tuple(from_json(said["public_keys"]))})


async def put(connection: Connection, one: Registered, now: datetime) -> bool:
    """Register who a client is at a provider. Whether there is such a client. Raises
    asyncpg.UniqueViolationError where another is that."""
    kept = to_json(list(one.public_keys)).decode()
    return (
        await connection.fetchval(
            PUT, one.client_id, one.issuer, one.subject, one.audience, one.jwks_url, kept,
            one.scope_claim, now,
        )
        is not None
    )  # fmt: skip


async def end(connection: Connection, client_id: str) -> bool:
    """End what is registered. Whether anything was."""
    return await connection.fetchval(END, client_id) is not None
