"""Registering partner organisations, their clients, and local staff accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from email_validator import EmailNotValidError, validate_email

from chassis.change import Ids
from chassis.database import Connection
from chassis.errors import DomainError, FieldError, InvalidInput, NotFound
from chassis.identity import REFERRER_ROLES, ROLES, SCOPES, SOCIAL_WORKER
from chassis.identity.scopes import CASE_SYSTEM
from chassis.identity.secrets import hash_password, new_client_secret, secret_digest
from contracts.codes import AGENCIES
from services.intake.accounts import store
from services.intake.schools import store as schools

SHORTEST_PASSWORD = 12
COUNCIL = "local_authority_other"


async def add_partner(
    connection: Connection,
    *,
    client_id: str,
    name: str,
    agency: str,
    email_domain: str | None,
    scopes: Sequence[str],
    pepper: bytes,
    ids: Ids,
    now: datetime,
) -> str:
    """Register an organisation with one client. Returns the client's secret, which is kept
    nowhere. Raises InvalidInput for an unknown agency or scope, DomainError for a known client."""
    if agency not in AGENCIES:
        raise _wrong("agency", "There is no such kind of agency.")
    organisation = store.Organisation(ids(), name, agency, email_domain)
    await store.add_organisation(connection, organisation, now)
    return await _add_client(
        connection, organisation.organisation_id, client_id, scopes, pepper, now
    )


async def add_school(
    connection: Connection,
    *,
    client_id: str,
    urn: str,
    email_domain: str | None,
    scopes: Sequence[str],
    pepper: bytes,
    now: datetime,
) -> str:
    """Give a school of the register a client. Returns its secret, which is kept nowhere. Raises
    InvalidInput for a school that isn't there or has closed, and as `add_partner` does."""
    known = await schools.by_urn(connection, urn)
    if known is None:
        raise _wrong("urn", "The register that was imported has no such open school.")
    if email_domain is not None:
        await store.set_email_domain(connection, known[0], email_domain)
    return await _add_client(connection, known[0], client_id, scopes, pepper, now)


async def add_client(
    connection: Connection,
    *,
    beside: str,
    client_id: str,
    scopes: Sequence[str],
    pepper: bytes,
    now: datetime,
) -> str:
    """Give the organisation of the client `beside` another client. Returns its secret, which is
    kept nowhere. Raises NotFound, InvalidInput, DomainError for a known client."""
    known = await store.client(connection, beside)
    if known is None:
        raise _unknown()
    return await _add_client(connection, known.organisation_id, client_id, scopes, pepper, now)


async def add_case_system(
    connection: Connection,
    *,
    client_id: str,
    name: str,
    authority: str,
    pepper: bytes,
    ids: Ids,
    now: datetime,
) -> str:
    """Give an authority's case system a client: it takes over what was decided there, and nothing
    else. Returns its secret, which is kept nowhere. Raises DomainError for a known client."""
    organisation = store.Organisation(ids(), name, COUNCIL, None)
    await store.add_organisation(connection, organisation, now)
    return await _keep_client(
        connection, organisation.organisation_id, client_id, (CASE_SYSTEM,), pepper, now, authority
    )


async def rotate(
    connection: Connection, client_id: str, *, overlap: timedelta, pepper: bytes, now: datetime
) -> tuple[str, datetime]:
    """Give a client another secret: it, and until when the one that it had holds too. What was
    replaced before ends now. Raises NotFound."""
    secret, until = new_client_secret(), now + overlap
    if not await store.rotate(connection, client_id, secret_digest(pepper, secret), until):
        raise _unknown()
    return secret, until


async def register_keys(
    connection: Connection,
    client_id: str,
    keys: Sequence[Mapping[str, Any]],
    *,
    end_secret: bool,
    pepper: bytes,
    now: datetime,
) -> list[str]:
    """Say with which public keys a client signs its assertions (RFC 7523), in place of those that
    it had; what each is called. `end_secret`: its secrets hold no more. Raises NotFound, and
    InvalidInput where it would be left with nothing to prove itself by."""
    if end_secret:
        if not keys:
            raise _wrong("keys", "A client without a secret needs a key.")
        # One that nobody was told.
        await rotate(connection, client_id, overlap=timedelta(), pepper=pepper, now=now)
    if not await store.set_keys(connection, client_id, keys):
        raise _unknown()
    return [one["kid"] for one in keys]


async def set_lead(connection: Connection, client_id: str, lead_email: str | None) -> None:
    """Say where the safeguarding leads of a client's organisation read the week's summary; None:
    nowhere. Raises NotFound, InvalidInput."""
    if lead_email is not None:
        try:
            lead_email = validate_email(lead_email, check_deliverability=False).normalized
        except EmailNotValidError:
            raise _wrong("lead_email", "This is not an email address.") from None
    if not await store.set_lead(connection, client_id, lead_email):
        raise _unknown()


async def disable(connection: Connection, client_id: str, now: datetime) -> None:
    """Let a client in no more; a token that it has holds until it ends. Raises NotFound."""
    if not await store.disable(connection, client_id, now):
        raise _unknown()


async def _add_client(
    connection: Connection,
    organisation_id: UUID,
    client_id: str,
    scopes: Sequence[str],
    pepper: bytes,
    now: datetime,
) -> str:
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise _wrong("scopes", f"Scopes are {', '.join(sorted(SCOPES))}.")
    return await _keep_client(connection, organisation_id, client_id, scopes, pepper, now)


async def _keep_client(
    connection: Connection,
    organisation_id: UUID,
    client_id: str,
    scopes: Sequence[str],
    pepper: bytes,
    now: datetime,
    authority: str | None = None,
) -> str:
    secret = new_client_secret()
    try:
        await store.add_client(
            connection,
            store.Client(
                client_id,
                organisation_id,
                secret_digest(pepper, secret),
                tuple(scopes),
                authority=authority,
            ),
            now,
        )
    except asyncpg.UniqueViolationError as known:
        raise DomainError("client_known", "There is a client of that name.") from known
    return secret


async def add_staff(
    connection: Connection,
    *,
    username: str,
    password: str | None,
    roles: Sequence[str],
    qualifications: Sequence[str],
    authorities: Sequence[str],
    ids: Ids,
    now: datetime,
    hashed: str | None = None,
    at: tuple[str, str] | None = None,
    beside: str | None = None,
) -> None:
    """Give somebody an account. `hashed` is the password's hash, where it was made before; `at` is
    who they are at a provider, (issuer, subject), and whoever has that needs no password; `beside`
    is a client of the partner organisation that they work for, where it is not the hub.
    Raises InvalidInput for an unknown role or qualification or
    a short password, DomainError for a known name or subject."""
    allowed = ROLES if beside is None else REFERRER_ROLES
    if not set(roles) <= allowed or not roles:
        raise _wrong("roles", f"Roles are {', '.join(sorted(allowed))}.")
    organisation_id = await _employer(connection, username, authorities, beside)
    if not set(qualifications) <= {SOCIAL_WORKER}:
        raise _wrong("qualifications", f"Qualifications are {SOCIAL_WORKER}.")
    if len(password or "") < SHORTEST_PASSWORD and (password is not None or at is None):
        raise _wrong("password", f"A password has {SHORTEST_PASSWORD} characters or more.")
    issuer, subject = at or (None, None)
    person = store.Staff(
        ids(),
        username,
        hashed or (await hash_password(password) if password else None),
        tuple(roles),
        tuple(qualifications),
        tuple(authorities),
        issuer,
        subject,
        organisation_id,
    )
    try:
        await store.add_staff(connection, person, now)
    except asyncpg.UniqueViolationError as known:
        raise _known(known) from known


async def _employer(
    connection: Connection, username: str, authorities: Sequence[str], beside: str | None
) -> UUID | None:
    """The organisation of somebody who refers; None for the hub's own staff. No client's id looks
    like an email address, so that nobody is taken for a system. Raises InvalidInput, NotFound."""
    if beside is None:
        return None
    try:
        validate_email(username, check_deliverability=False)
    except EmailNotValidError:
        raise _wrong("username", "Who refers signs in with their email address at work.") from None
    if authorities:
        raise _wrong("authorities", "Who refers belongs to an organisation and to no authority.")
    known = await store.client(connection, beside)
    if known is None:
        raise _unknown()
    return known.organisation_id


async def link_staff(connection: Connection, username: str, issuer: str, subject: str) -> None:
    """Say who somebody with an account is at a provider. Raises NotFound, DomainError where
    somebody else is that."""
    try:
        if not await store.set_subject(connection, username, issuer, subject):
            raise _nobody()
    except asyncpg.UniqueViolationError as known:
        raise _known(known) from known


async def disable_staff(connection: Connection, username: str, now: datetime) -> None:
    """Let somebody in no more; the console ends their sessions as soon as it hears. Raises
    NotFound."""
    if not await store.disable_staff(connection, username, now):
        raise _nobody()


def _known(found: asyncpg.UniqueViolationError) -> DomainError:
    if found.constraint_name == "staff_subject":
        return DomainError("subject_known", "Somebody else has that identity at the provider.")
    return DomainError("username_known", "There is an account of that name.")


def _nobody() -> NotFound:
    return NotFound("staff_not_found", "There is no such account, or it is disabled.")


def _unknown() -> NotFound:
    return NotFound("client_not_found", "There is no such client, or it is disabled.")


def _wrong(field: str, detail: str) -> InvalidInput:
    return InvalidInput("invalid_account", detail, errors=(FieldError(f"/{field}", detail),))
