"""Notifications of domestic abuse, grouped by incident (practice rule 11): two agencies that tell of
one night are talked about once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.events import Rag
from policy.ruleset import RAG_ORDER


@dataclass(frozen=True, slots=True)
class Notification:
    """One referral that tells of domestic abuse. `links` are earlier referrals about a child of
    it."""

    referral_id: UUID
    authority: str
    reference: str
    received_at: datetime
    source_agency: str
    status: str
    rag: Rag
    children: int
    links: tuple[UUID, ...]
    discussed_at: datetime | None = None


def by_incident(
    notifications: Sequence[Notification], within: Mapping[str, timedelta]
) -> list[tuple[Notification, ...]]:
    """Groups, each in the order of receipt: the most severe first, then the oldest. Those belong
    together that are about one child and came within their authority's time of one another, or are
    joined by such a one."""
    known = {one.referral_id: one for one in notifications}
    leader = {one: one for one in known}

    def find(one: UUID) -> UUID:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    ordered = sorted(notifications, key=lambda one: (one.received_at, one.referral_id))
    for later, earlier in _pairs(ordered, known):
        near = abs(later.received_at - earlier.received_at) <= within[later.authority]
        if later.authority == earlier.authority and near:
            leader[find(later.referral_id)] = find(earlier.referral_id)
    groups: dict[UUID, list[Notification]] = {}
    for one in ordered:
        groups.setdefault(find(one.referral_id), []).append(one)
    return sorted(map(tuple, groups.values()), key=_order)


def _pairs(
    notifications: Sequence[Notification], known: Mapping[UUID, Notification]
) -> Iterable[tuple[Notification, Notification]]:
    """Each notification, in order of receipt, with those of the list that are about the same child.
    Two that are linked to one that is not in the list are about the same child too: each is
    compared with the one before it."""
    by_link: dict[UUID, Notification] = {}
    for one in notifications:
        for link in one.links:
            if link in known:
                yield one, known[link]
            if link in by_link:
                yield one, by_link[link]
            by_link[link] = one


def _order(group: Sequence[Notification]) -> tuple[int, datetime, UUID]:
    first = group[0]
    return (-max(RAG_ORDER[one.rag] for one in group), first.received_at, first.referral_id)
