"""Who may see a restricted referral. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

HUB = frozenset({"practitioner", "manager", "duty"})
"""Whoever works in the hub is told that a restricted record bears on a child (practice rule 18)."""


@dataclass(frozen=True, slots=True)
class Seer:
    """Somebody who looks, at a time in UTC."""

    staff_id: UUID
    roles: tuple[str, ...]
    at: datetime

    @property
    def in_hub(self) -> bool:
        return not HUB.isdisjoint(self.roles)


@dataclass(frozen=True, slots=True)
class Restriction:
    """Who may see a referral: staff with one of `roles`, and `allowed` by name; never who is
    `denied`. `opened` are those who broke the glass, each with the time until which they may."""

    roles: frozenset[str]
    allowed: frozenset[UUID] = frozenset()
    denied: frozenset[UUID] = frozenset()
    opened: tuple[tuple[UUID, datetime], ...] = ()

    def shows(self, seer: Seer) -> bool:
        """Whether this person may see it now."""
        if seer.staff_id in self.denied:
            return False
        return (
            not self.roles.isdisjoint(seer.roles)
            or seer.staff_id in self.allowed
            or any(who == seer.staff_id and seer.at < until for who, until in self.opened)
        )

    @property
    def names_somebody(self) -> bool:
        """Whether anybody is left who may see it."""
        return bool(self.roles or self.allowed - self.denied)


def restriction(
    roles: Iterable[str], allowed: Iterable[UUID] = (), denied: Iterable[UUID] = ()
) -> Restriction:
    """A restriction of these lists."""
    return Restriction(frozenset(roles), frozenset(allowed), frozenset(denied))
