"""Incidents that several agencies tell of: what is said of two referrals, and notifications of
domestic abuse in groups (practice rule 11), so that one night is talked about once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import IncidentLinked, IncidentUnlinked, Rag
from policy.loading import PackSet
from policy.ruleset import RAG_ORDER
from services.triage.domain.case import Case


def on_incident_linked(
    state: Case | None, event: Event[IncidentLinked], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Remember it: nothing that was suggested or decided follows from it."""
    del policy, ids, now
    return _said(state, event.data.other_referral_id, one=True)


def on_incident_unlinked(
    state: Case | None, event: Event[IncidentUnlinked], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Remember that they are two."""
    del policy, ids, now
    return _said(state, event.data.other_referral_id, one=False)


def _said(state: Case | None, other: UUID, *, one: bool) -> Change[Case] | None:
    if state is None:
        return None
    incidents = tuple(known for known in state.incidents if known != other)
    apart = tuple(known for known in state.apart if known != other)
    if one:
        incidents = (*incidents, other)
    else:
        apart = (*apart, other)
    return Change(replace(state, incidents=incidents, apart=apart))


@dataclass(frozen=True, slots=True)
class Notification:
    """One referral that tells of domestic abuse. `links` are earlier referrals about a child of
    it, `incidents` those that are said to tell of the same incident, `apart` those said not to."""

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
    incidents: tuple[UUID, ...] = ()
    apart: tuple[UUID, ...] = ()


def by_incident(
    notifications: Sequence[Notification], within: Mapping[str, timedelta]
) -> list[tuple[Notification, ...]]:
    """Groups, each in the order of receipt: the most severe first, then the oldest. Those belong
    together that are about one child and came within their authority's time of one another, unless
    somebody says otherwise; that somebody says do; and that are joined by such a one."""
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
        told_apart = earlier.referral_id in later.apart or later.referral_id in earlier.apart
        if later.authority == earlier.authority and near and not told_apart:
            leader[find(later.referral_id)] = find(earlier.referral_id)
    for one in ordered:
        for other in known.keys() & set(one.incidents):
            leader[find(one.referral_id)] = find(other)
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
