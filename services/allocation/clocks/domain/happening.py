"""What an event does to the clocks of one case."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from chassis.change import Ids
from contracts.envelope import EventData
from contracts.events import (
    ClockBreached,
    ClockCancelled,
    ClockMet,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    Outcome,
    Rag,
)
from policy.clocks import ClockRule, Effects, effects, resume, start
from services.allocation.clocks.domain.book import Book
from services.allocation.clocks.domain.clock import OPEN, Clock, State, said
from services.allocation.clocks.domain.moving import move


@dataclass(frozen=True, slots=True)
class Happened:
    """An event in the words of the clock rules. `trigger` names it. `subjects` are the ids that
    it carries, by their fields. `children` are those it names, None for all of `everyone`;
    `rated` gives the tags of each (outcome and duties) where they differ. `newly`: the event was
    heard before, and no more than these tags of it is news."""

    trigger: str
    at: datetime
    received_at: datetime
    rag: Rag | None
    outcome: Outcome | None = None
    also: tuple[str, ...] = ()
    subjects: Mapping[str, UUID] = field(default_factory=dict)
    everyone: tuple[UUID, ...] = ()
    children: tuple[UUID, ...] | None = None
    rated: tuple[tuple[UUID, Rag, Outcome, tuple[str, ...]], ...] = ()
    newly: frozenset[str] = frozenset()


NOTHING = Effects()


def happen(
    clocks: tuple[Clock, ...], happened: Happened, book: Book, ids: Ids
) -> tuple[tuple[Clock, ...], tuple[EventData, ...]]:
    """Stop, cancel, resume, pause and start clocks, in that order, as the pack's rules say."""
    pack = book.pack
    found = effects(
        happened.trigger,
        happened.rag,
        happened.outcome,
        pack.clocks,
        also=happened.also,
        newly=happened.newly,
    )
    if found == NOTHING:
        return clocks, ()
    rules = pack.clocks.rules
    events: list[EventData] = []
    after: list[Clock] = []
    stops, cancels = _names(found.stops), _names(found.cancels)
    resumes, pauses = _names(found.resumes), _names(found.pauses)
    for clock in clocks:
        changed: Clock = clock
        heard: tuple[EventData, ...] = ()
        if _meant(clock, rules.get(clock.name), happened):
            if clock.name in stops:
                changed, heard = _stop(clock, happened.at)
            elif clock.name in cancels:
                changed, heard = _cancel(clock, happened.at, happened.trigger)
            elif clock.name in resumes and clock.state is State.PAUSED:
                changed, heard = _resume(clock, happened.at, book)
            elif clock.name in pauses and clock.state is State.RUNNING:
                changed = replace(clock, state=State.PAUSED, paused_since=happened.at)
                heard = (ClockPaused(**said(changed), reason=happened.trigger),)
        after.append(changed)
        events.extend(heard)
    for rule in found.starts:
        for subject in _subjects(rule, happened, book):
            _start(after, events, rule, subject, happened, book, ids)
    return tuple(after), tuple(events)


def cancel_all(
    clocks: tuple[Clock, ...], at: datetime, reason: str, about: Collection[UUID] | None = None
) -> tuple[tuple[Clock, ...], tuple[EventData, ...]]:
    """Cancel every open clock of a case that has ended, or of what has ended of it (`about`); what
    was breached climbs no further."""
    after: list[Clock] = []
    events: list[EventData] = []
    for clock in clocks:
        meant = about is None or clock.subject_id in about
        changed, heard = _cancel(clock, at, reason) if meant else (clock, ())
        events.extend(heard)
        after.append(changed)
    return tuple(after), tuple(events)


def _names(rules: Iterable[ClockRule]) -> Collection[str]:
    return {rule.name for rule in rules}


def _meant(clock: Clock, rule: ClockRule | None, happened: Happened) -> bool:
    """Whether an event is about this clock: one that names a subject is about that one alone."""
    if clock.subject_id is None or rule is None:
        return True
    if rule.subject == "child":
        return happened.children is None or clock.subject_id in happened.children
    named = happened.subjects.get(rule.key or "")
    return named is None or named == clock.subject_id


def _subjects(rule: ClockRule, happened: Happened, book: Book) -> tuple[UUID | None, ...]:
    if rule.subject == "referral":
        return (None,)
    if rule.subject != "child":
        return (happened.subjects.get(rule.key or ""),)
    if happened.rated:
        rules = book.pack.clocks
        return tuple(
            child_id
            for child_id, rag, outcome, also in happened.rated
            if rule in effects(happened.trigger, rag, outcome, rules, also=also).starts
        )
    return happened.everyone if happened.children is None else happened.children


def _start(
    after: list[Clock],
    events: list[EventData],
    rule: ClockRule,
    subject_id: UUID | None,
    happened: Happened,
    book: Book,
    ids: Ids,
) -> None:
    at = happened.received_at if rule.counts_from == "receipt" else happened.at
    times = start(rule, at, happened.rag, book.calendar(book.version))
    for place, clock in enumerate(after):
        same = clock.name == rule.name and clock.subject_id == subject_id
        if same and clock.state in OPEN:
            if rule.if_running == "restart":
                again = replace(clock, pack_version=book.version)
                after[place], moved = move(again, times, "restarted")
                events.append(moved)
            return
    clock = Clock(
        ids(),
        rule.name,
        subject_id,
        State.RUNNING,
        times,
        book.version,
        compared_with=book.current.version,
    )
    after.append(clock)
    events.append(ClockStarted(**said(clock), warn_at=times.warn_at))


def _stop(clock: Clock, at: datetime) -> tuple[Clock, tuple[EventData, ...]]:
    due_at = clock.times.due_at
    if clock.state in OPEN:
        changed = replace(clock, state=State.MET, stopped_at=at, paused_since=None)
        met = ClockMet(**said(changed), met_at=at)
        if at <= due_at:
            return changed, (met,)
        # It was breached before it was stopped, though nobody had fired it yet.
        breach = ClockBreached(**said(changed), breached_at=due_at)
        return replace(changed, state=State.BREACHED, breached_at=due_at), (breach, met)
    if clock.state is State.BREACHED and clock.stopped_at is None:
        changed = replace(clock, stopped_at=at, escalate_at=None)
        if at <= due_at:
            changed = replace(changed, state=State.MET, breached_at=None)
            return changed, (ClockMet(**said(changed), met_at=at, corrected=True),)
        return changed, (ClockMet(**said(changed), met_at=at),)
    return clock, ()


def _cancel(clock: Clock, at: datetime, reason: str) -> tuple[Clock, tuple[EventData, ...]]:
    if clock.state in OPEN:
        changed = replace(clock, state=State.CANCELLED, stopped_at=at, paused_since=None)
        return changed, (ClockCancelled(**said(changed), reason=reason),)
    if clock.escalate_at is not None:
        return replace(clock, escalate_at=None), ()
    return clock, ()


def _resume(clock: Clock, at: datetime, book: Book) -> tuple[Clock, tuple[EventData, ...]]:
    assert clock.paused_since is not None
    rule = book.rule(clock)
    if rule is None:
        return clock, ()
    # An answer that happened before the question was read held nothing up.
    until = max(at, clock.paused_since)
    calendar = book.calendar(clock.pack_version)
    times = resume(rule, clock.times, clock.paused_since, until, calendar)
    changed = replace(
        clock, state=State.RUNNING, times=times, paused_since=None, moved_because="resumed"
    )
    return changed, (ClockResumed(**said(changed)),)
