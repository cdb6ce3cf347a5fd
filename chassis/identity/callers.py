"""Callers: partner systems, staff, and the house's own services."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ROLES = frozenset(
    {"practitioner", "manager", "duty", "coordinator", "panel_chair", "analyst", "operator"}
)
LEAD = "safeguarding_lead"
REFERRER_ROLES = frozenset({"referrer", LEAD})
"""Of people of partner organisations, who sign in to see what they sent; a lead sees what the whole
organisation sent (practice rule 14)."""

SOCIAL_WORKER = "social_worker"

Kind = Literal["partner", "staff", "service"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a request, as their access token says. `name` is a client id, a user name or
    a service's name. Staff see the referrals of their `authorities`; a partner sees those of its
    organisation. A person of a partner organisation is a partner with roles."""

    kind: Kind
    id: UUID
    name: str
    organisation_id: UUID | None = None
    authorities: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    qualifications: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    on_behalf_of: UUID | None = None

    @property
    def is_referrer(self) -> bool:
        """Whether it is a person of a partner organisation, and not its system."""
        return self.kind == "partner" and bool(self.roles)

    @property
    def sees_own_alone(self) -> bool:
        """Whether they see what they sent themselves, and no more of their organisation's."""
        return self.is_referrer and LEAD not in self.roles

    @property
    def person(self) -> UUID | None:
        """The account of somebody who signs in; None for a system."""
        return self.id if self.kind == "staff" or self.is_referrer else None

    @property
    def system_of(self) -> UUID | None:
        """The organisation whose system it is; None for a person, who speaks for themselves."""
        return None if self.person else self.organisation_id
