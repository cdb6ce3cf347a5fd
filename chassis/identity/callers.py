"""Callers: partner systems, staff, and the house's own services."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ROLES = frozenset(
    {"practitioner", "manager", "duty", "coordinator", "panel_chair", "analyst", "operator"}
)
SOCIAL_WORKER = "social_worker"

Kind = Literal["partner", "staff", "service"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a request, as their access token says. `name` is a client id, a user name or
    a service's name. Staff see the referrals of their `authorities`; a partner sees those of its
    organisation."""

    kind: Kind
    id: UUID
    name: str
    organisation_id: UUID | None = None
    authorities: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    qualifications: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    on_behalf_of: UUID | None = None
