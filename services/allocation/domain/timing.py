"""What happens to a case's clocks when something happens to it; the mechanics are in clocks/."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.change import Change, Ids
from contracts.envelope import EventData
from contracts.events import Outcome, Rag
from policy.clocks import KEYS, children_of, moment_of, subjects_of, trigger_of
from policy.loading import PackSet
from policy.working_time import LONDON
from services.allocation.clocks import domain as clockwork
from services.allocation.clocks.domain import Book, Happened
from services.allocation.domain.case import Case


def then(first: Change[Case], second: Change[Case]) -> Change[Case]:
    """Two changes as one, the second made from the first's state."""
    return Change(second.state, (*first.events, *second.events))


def happen(
    case: Case,
    trigger: str,
    at: datetime,
    policy: PackSet,
    ids: Ids,
    *,
    also: tuple[str, ...] = (),
    subject_id: UUID | None = None,
    only: tuple[UUID, ...] | None = None,
    children: tuple[tuple[UUID, Rag, Outcome, tuple[str, ...]], ...] = (),
    newly: frozenset[str] = frozenset(),
) -> Change[Case]:
    """What an event does to the clocks, named by whoever folds it. `subject_id` is what it is
    about: an allocation, a request; `only` the children whom it names, where it does; `newly` the
    tags that are news, where the rest is not."""
    happened = Happened(
        trigger=trigger,
        at=at,
        received_at=case.received_at,
        rag=case.rag,
        also=also,
        subjects=dict.fromkeys(KEYS, subject_id) if subject_id else {},
        everyone=case.children,
        children=only,
        rated=children,
        newly=newly,
    )
    return _applied(case, happened, policy, ids)


def hear(
    case: Case, data: EventData, recorded_at: datetime, policy: PackSet, ids: Ids
) -> Change[Case]:
    """What an event does to the clocks, read from the event itself: any event that a pack names.
    One that is allocation's own is heard in the change that says it, and not read back."""
    happened = Happened(
        trigger=trigger_of(data),
        at=moment_of(data, recorded_at),
        received_at=case.received_at,
        rag=case.rag,
        subjects=subjects_of(data),
        everyone=case.children,
        children=children_of(data),
    )
    return _applied(case, happened, policy, ids)


def recalculate(change: Change[Case], rag: Rag, at: datetime, policy: PackSet) -> Change[Case]:
    clocks, events = clockwork.rerate(change.state.clocks, rag, at, _book(change.state, policy, at))
    return Change(replace(change.state, clocks=clocks), (*change.events, *events))


def fire(state: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
    """Warn of, breach and escalate the clocks of a case that are due. None when none is after
    all."""
    del ids
    clocks, events = clockwork.fire(state.clocks, now, _book(state, policy, now))
    return Change(replace(state, clocks=clocks), events) if events else None


def run_out(state: Case, policy: PackSet, now: datetime) -> tuple[UUID, ...]:
    """What clocks that ask the next ran out for: the ids of offers."""
    book = _book(state, policy, now)
    found = []
    for clock in state.clocks:
        if clock.state is clockwork.State.BREACHED and clock.subject_id is not None:
            rule = book.rule(clock) or book.pack.clocks.rules.get(clock.name)
            if rule is not None and rule.at_breach == "ask_next" and clock.stopped_at is None:
                found.append(clock.subject_id)
    return tuple(found)


def bring_up_to_date(state: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
    """Count a case's open clocks again, by the calendar and the pack of today. None where that
    changes nothing at all."""
    del ids
    clocks, events = clockwork.bring_up_to_date(state.clocks, now, _book(state, policy, now))
    if all(after is before for after, before in zip(clocks, state.clocks, strict=True)):
        return None
    return Change(replace(state, clocks=clocks), events)


def _applied(case: Case, happened: Happened, policy: PackSet, ids: Ids) -> Change[Case]:
    book = _book(case, policy, happened.at)
    clocks, events = clockwork.happen(case.clocks, happened, book, ids)
    return Change(replace(case, clocks=clocks), events)


def _book(case: Case, policy: PackSet, at: datetime) -> Book:
    return Book(policy, case.authority, case.pack_version, at.astimezone(LONDON).date())
