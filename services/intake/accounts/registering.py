"""Registering partner organisations, their clients, and local staff accounts."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from chassis.change import Ids
from chassis.database import Connection
from chassis.errors import DomainError, FieldError, InvalidInput
from chassis.identity import ROLES, SCOPES, SOCIAL_WORKER
from chassis.identity.secrets import hash_password, new_client_secret, secret_digest
from contracts.codes import AGENCIES
from services.intake.accounts import store

SHORTEST_PASSWORD = 12


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
    if not set(scopes) <= SCOPES.keys():
        raise _wrong("scopes", f"Scopes are {', '.join(sorted(SCOPES))}.")
    secret = new_client_secret()
    organisation = store.Organisation(ids(), name, agency, email_domain)
    await store.add_organisation(connection, organisation, now)
    try:
        await store.add_client(
            connection,
            store.Client(
                client_id,
                organisation.organisation_id,
                secret_digest(pepper, secret),
                tuple(scopes),
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
    password: str,
    roles: Sequence[str],
    qualifications: Sequence[str],
    authorities: Sequence[str],
    ids: Ids,
    now: datetime,
    hashed: str | None = None,
) -> None:
    """Give somebody a local account. `hashed` is the password's hash, where it was made before.
    Raises InvalidInput for an unknown role or qualification or
    a short password, DomainError for a known name."""
    if not set(roles) <= ROLES or not roles:
        raise _wrong("roles", f"Roles are {', '.join(sorted(ROLES))}.")
    if not set(qualifications) <= {SOCIAL_WORKER}:
        raise _wrong("qualifications", f"Qualifications are {SOCIAL_WORKER}.")
    if len(password) < SHORTEST_PASSWORD:
        raise _wrong("password", f"A password has {SHORTEST_PASSWORD} characters or more.")
    person = store.Staff(
        ids(),
        username,
        hashed or await hash_password(password),
        tuple(roles),
        tuple(qualifications),
        tuple(authorities),
    )
    try:
        await store.add_staff(connection, person, now)
    except asyncpg.UniqueViolationError as known:
        raise DomainError("username_known", "There is an account of that name.") from known


def _wrong(field: str, detail: str) -> InvalidInput:
    return InvalidInput("invalid_account", detail, errors=(FieldError(f"/{field}", detail),))
