"""Every query about organisations, clients and staff."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from chassis.database import Connection
from chassis.identity import Caller
from chassis.identity.scopes import CASE_LEAD, REFERRAL_CREATE, REFERRAL_READ

# A client that may ask for tokens, with its organisation.
READ_CLIENT = """
SELECT client_id, organisation_id, secret_digest, scopes, old_secret_digest, old_secret_until,
       public_keys::text AS public_keys, authority
  FROM client
 WHERE client_id = $1 AND disabled_at IS NULL
"""

# A member of staff who may sign in.
READ_STAFF = """
SELECT staff_id, username, password_hash, roles, qualifications, authorities, organisation_id
  FROM staff
 WHERE username = $1 AND disabled_at IS NULL
"""

# A member of staff who may sign in, by who they are at a provider.
READ_STAFF_BY_SUBJECT = """
SELECT staff_id, username, password_hash, roles, qualifications, authorities, organisation_id
  FROM staff
 WHERE issuer = $1 AND subject = $2 AND disabled_at IS NULL
"""

# What some staff are called, by id or by name.
STAFF_NAMES = """
SELECT staff_id, username FROM staff WHERE staff_id = ANY ($1) OR username = ANY ($2)
"""

# One organisation.
READ_ORGANISATION = """
SELECT organisation_id, name, agency, email_domain FROM organisation WHERE organisation_id = $1
"""

# Some organisations.
READ_ORGANISATIONS = """
SELECT organisation_id, name, agency, email_domain
  FROM organisation WHERE organisation_id = ANY ($1)
"""

# Register an organisation.
ADD_ORGANISATION = """
INSERT INTO organisation (organisation_id, name, agency, email_domain, created_at)
VALUES ($1, $2, $3, $4, $5)
"""

# Where full reasons of an organisation's referrals may be emailed.
SET_EMAIL_DOMAIN = "UPDATE organisation SET email_domain = $2 WHERE organisation_id = $1"

# Where an organisation's safeguarding leads read the week's summary, by any client of its.
SET_LEAD = """
UPDATE organisation SET lead_email = $2
 WHERE organisation_id = (SELECT organisation_id FROM client WHERE client_id = $1)
RETURNING organisation_id
"""

# Give an organisation a client.
ADD_CLIENT = """
INSERT INTO client (client_id, organisation_id, secret_digest, scopes, created_at, authority)
VALUES ($1, $2, $3, $4, $5, $6)
"""

# Give a client another secret; the one that it had goes on holding until a time.
ROTATE = """
UPDATE client
   SET old_secret_digest = secret_digest, old_secret_until = $3, secret_digest = $2
 WHERE client_id = $1 AND disabled_at IS NULL
RETURNING client_id
"""

# Say with which keys a client signs what proves who it is.
SET_KEYS = """
UPDATE client SET public_keys = $2::text::jsonb
 WHERE client_id = $1 AND disabled_at IS NULL
RETURNING client_id
"""

# Note that an assertion was used, once.
USE_ASSERTION = """
INSERT INTO client_assertion (client_id, jti_digest, until) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING
RETURNING client_id
"""

# Forget assertions that would not hold any more.
FORGET_ASSERTIONS = "DELETE FROM client_assertion WHERE until <= $1"

# Let a client in no more.
DISABLE = """
UPDATE client SET disabled_at = $2 WHERE client_id = $1 AND disabled_at IS NULL
RETURNING client_id
"""

# All organisations with their clients, by name; of the schools of the register those that have one.
LIST_CLIENTS = """
SELECT organisation.name, agency, email_domain, lead_email, client_id, scopes, disabled_at, old_secret_until,
       ARRAY (SELECT one ->> 'kid' FROM jsonb_array_elements(client.public_keys) AS one) AS key_names,
       issuer, subject, audience, jwks_url, scope_claim,
       ARRAY (SELECT one ->> 'kid' FROM jsonb_array_elements(client_provider.public_keys) AS one)
           AS provider_key_names
  FROM organisation LEFT JOIN client USING (organisation_id)
       LEFT JOIN client_provider USING (client_id)
 WHERE urn IS NULL OR client_id IS NOT NULL
 ORDER BY organisation.name, organisation_id, client_id
"""

# Give a member of staff an account.
ADD_STAFF = """
INSERT INTO staff (staff_id, username, password_hash, roles, qualifications, authorities,
                   created_at, issuer, subject, organisation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

# Say who a member of staff is at a provider.
SET_SUBJECT = """
UPDATE staff SET issuer = $2, subject = $3 WHERE username = $1 AND disabled_at IS NULL
RETURNING username
"""

# Let a member of staff in no more. Who comes back one day gets another account.
DISABLE_STAFF = """
UPDATE staff SET disabled_at = $2, issuer = NULL, subject = NULL
 WHERE username = $1 AND disabled_at IS NULL
RETURNING username
"""

# Which of some staff are let in no more.
ENDED_STAFF = "SELECT staff_id FROM staff WHERE staff_id = ANY ($1) AND disabled_at IS NOT NULL"

# Where some staff are written to who sign in with an address and are let in still.
STAFF_ADDRESSES = """
SELECT staff_id, username AS address, authorities FROM staff
 WHERE staff_id = ANY ($1) AND username LIKE '%@%' AND disabled_at IS NULL
"""

# Whether anybody has an account yet.
ANY_ACCOUNT = "SELECT EXISTS (SELECT FROM client) OR EXISTS (SELECT FROM staff)"


@dataclass(frozen=True, slots=True)
class Organisation:
    """`agency` is a code of contracts.codes; full reasons may be emailed to `email_domain`."""

    organisation_id: UUID
    name: str
    agency: str
    email_domain: str | None


@dataclass(frozen=True, slots=True)
class Client:
    """`public_keys` are what its assertions are verified with (RFC 7517); `authority` is whose case
    system it is, if it is one."""

    client_id: str
    organisation_id: UUID
    secret_digest: bytes
    scopes: tuple[str, ...]
    old_secret_digest: bytes | None = None
    old_secret_until: datetime | None = None
    public_keys: tuple[Mapping[str, Any], ...] = ()
    authority: str | None = None

    def digests(self, now: datetime) -> tuple[bytes, ...]:
        """Of the secrets that hold now: the one that was replaced holds for a while."""
        if self.old_secret_digest and self.old_secret_until and now < self.old_secret_until:
            return self.secret_digest, self.old_secret_digest
        return (self.secret_digest,)

    def caller(self, scopes: frozenset[str]) -> Caller:
        """It, with some of its scopes."""
        return Caller(
            kind="partner",
            id=self.organisation_id,
            name=self.client_id,
            organisation_id=self.organisation_id,
            authorities=frozenset({self.authority} if self.authority else ()),
            scopes=scopes,
        )


@dataclass(frozen=True, slots=True)
class Staff:
    """`issuer` and `subject` are who they are at a provider; without a password they sign in there
    alone. `organisation_id` is the partner's whose person they are."""

    staff_id: UUID
    username: str
    password_hash: str | None
    roles: tuple[str, ...]
    qualifications: tuple[str, ...]
    authorities: tuple[str, ...]
    issuer: str | None = None
    subject: str | None = None
    organisation_id: UUID | None = None

    def caller(self, roles: Iterable[str], authorities: Iterable[str]) -> Caller:
        """Them, with some of their roles and authorities. Of a partner organisation: one of its
        partners, who may send and read, and do the work that they take on."""
        if self.organisation_id is not None:
            return Caller(
                kind="partner",
                id=self.staff_id,
                name=self.username,
                organisation_id=self.organisation_id,
                roles=frozenset(roles),
                scopes=frozenset({REFERRAL_CREATE, REFERRAL_READ, CASE_LEAD}),
            )
        return Caller(
            kind="staff",
            id=self.staff_id,
            name=self.username,
            authorities=frozenset(authorities),
            roles=frozenset(roles),
            qualifications=frozenset(self.qualifications),
        )


async def client(connection: Connection, client_id: str) -> Client | None:
    """The client, if it is not disabled."""
    row = await connection.fetchrow(READ_CLIENT, client_id)
    if row is None:
        return None
    keys = tuple(from_json(row[6]))
    return Client(row[0], row[1], row[2], tuple(row[3]), row[4], row[5], keys, row[7])


async def staff(connection: Connection, username: str) -> Staff | None:
    """The member of staff, if their account is not disabled."""
    return _staff(await connection.fetchrow(READ_STAFF, username))


async def staff_by_subject(connection: Connection, issuer: str, subject: str) -> Staff | None:
    """The member of staff who is `subject` at a provider, if their account is not disabled."""
    return _staff(await connection.fetchrow(READ_STAFF_BY_SUBJECT, issuer, subject))


def _staff(row: Any) -> Staff | None:
    if row is None:
        return None
    return Staff(
        row[0], row[1], row[2], tuple(row[3]), tuple(row[4]), tuple(row[5]),
        organisation_id=row[6],
    )  # fmt: skip


async def staff_names(
    connection: Connection, ids: Sequence[UUID], usernames: Sequence[str]
) -> list[tuple[UUID, str]]:
    """(id, user name) of some staff."""
    rows = await connection.fetch(STAFF_NAMES, list(ids), list(usernames))
    return [tuple(row) for row in rows]


async def organisation(connection: Connection, organisation_id: UUID) -> Organisation | None:
    """One organisation."""
    row = await connection.fetchrow(READ_ORGANISATION, organisation_id)
    return Organisation(*row) if row else None


async def organisations(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Organisation]:
    """Some organisations by id."""
    rows = await connection.fetch(READ_ORGANISATIONS, list(ids))
    return {row["organisation_id"]: Organisation(*row) for row in rows}


async def add_organisation(connection: Connection, added: Organisation, now: datetime) -> None:
    """Register an organisation."""
    await connection.execute(
        ADD_ORGANISATION, added.organisation_id, added.name, added.agency, added.email_domain, now
    )


async def set_email_domain(
    connection: Connection, organisation_id: UUID, email_domain: str
) -> None:
    """Say to which domain full reasons may be emailed."""
    await connection.execute(SET_EMAIL_DOMAIN, organisation_id, email_domain)


async def set_lead(connection: Connection, client_id: str, lead_email: str | None) -> bool:
    """Say where the leads of a client's organisation are written to. Whether there is such a
    client."""
    return await connection.fetchval(SET_LEAD, client_id, lead_email) is not None


async def add_client(connection: Connection, added: Client, now: datetime) -> None:
    """Give an organisation a client. Raises asyncpg.UniqueViolationError for a known client id."""
    await connection.execute(
        ADD_CLIENT,
        added.client_id,
        added.organisation_id,
        added.secret_digest,
        list(added.scopes),
        now,
        added.authority,
    )


async def rotate(
    connection: Connection, client_id: str, secret_digest: bytes, old_until: datetime
) -> bool:
    """Give a client another secret. Whether there is such a client."""
    return await connection.fetchval(ROTATE, client_id, secret_digest, old_until) is not None


async def set_keys(
    connection: Connection, client_id: str, keys: Sequence[Mapping[str, Any]]
) -> bool:
    """Say with which keys a client signs. Whether there is such a client."""
    kept = to_json(list(keys)).decode()
    return await connection.fetchval(SET_KEYS, client_id, kept) is not None


async def use_assertion(connection: Connection, client_id: str, jti: str, until: datetime) -> bool:
    """Note that an assertion was used; until when it would hold. Whether it was the first time."""
    digest = sha256(jti.encode()).digest()
    return await connection.fetchval(USE_ASSERTION, client_id, digest, until) is not None


async def forget_assertions(connection: Connection, now: datetime) -> None:
    """Forget assertions that do not hold any more."""
    await connection.execute(FORGET_ASSERTIONS, now)


async def disable(connection: Connection, client_id: str, now: datetime) -> bool:
    """Let a client in no more. Whether it was let in."""
    return await connection.fetchval(DISABLE, client_id, now) is not None


async def list_clients(connection: Connection) -> list[dict[str, Any]]:
    """Organisations with their clients; no secret and no digest."""
    return [_listed(row) for row in await connection.fetch(LIST_CLIENTS)]


def _listed(row: Any) -> dict[str, Any]:
    told = dict(row)
    named = ("issuer", "subject", "audience", "jwks_url", "scope_claim", "provider_key_names")
    provider = {name.removeprefix("provider_"): told.pop(name) for name in named}
    return {**told, "provider": provider if provider["issuer"] else None}


async def add_staff(connection: Connection, added: Staff, now: datetime) -> None:
    """Give a member of staff an account. Raises asyncpg.UniqueViolationError for a known name
    or subject."""
    await connection.execute(
        ADD_STAFF,
        added.staff_id,
        added.username,
        added.password_hash,
        list(added.roles),
        list(added.qualifications),
        list(added.authorities),
        now,
        added.issuer,
        added.subject,
        added.organisation_id,
    )


async def set_subject(connection: Connection, username: str, issuer: str, subject: str) -> bool:
    """Say who somebody is at a provider. Whether there is such an account. Raises
    asyncpg.UniqueViolationError where somebody else is that."""
    return await connection.fetchval(SET_SUBJECT, username, issuer, subject) is not None


async def disable_staff(connection: Connection, username: str, now: datetime) -> bool:
    """Let a member of staff in no more. Whether they were let in."""
    return await connection.fetchval(DISABLE_STAFF, username, now) is not None


async def ended_staff(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Which of some staff are let in no more."""
    return [row[0] for row in await connection.fetch(ENDED_STAFF, list(ids))]


async def staff_addresses(connection: Connection, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Where to write to those of some staff who sign in with an address, and for which authorities
    they work: none for people of partner organisations."""
    return [dict(row) for row in await connection.fetch(STAFF_ADDRESSES, list(ids))]


async def any_account(connection: Connection) -> bool:
    """Whether there is a client or a member of staff yet."""
    return bool(await connection.fetchval(ANY_ACCOUNT))
