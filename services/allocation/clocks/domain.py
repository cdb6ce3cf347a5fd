"""What events do to the clocks of one case, and what happens when one is due. Pure.

Starts and stops count at the time of the event that makes them, not when it was read: a stop that
is read late turns a breach into met (`corrected`). A stop that did come late is recorded, and the
breach stays a breach.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.change import Ids
from contracts.envelope import EventData
from contracts.events import (
    ClockBreached,
    ClockCancelled,
    ClockMet,
    ClockPaused,
    ClockRecalculated,
    ClockResumed,
    ClockStarted,
    ClockWarned,
    Outcome,
    Rag,
)
from policy.clocks import ClockRule, ClockTimes, Rerated, effects, recalculate, resume, start
from policy.pack import Pack
from policy.working_time import Calendar


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


OPEN = frozenset({State.RUNNING, State.PAUSED})


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock. `subject_id` is what it is for where a case can have several: a request, an
    allocation, a child. `stopped_at` of a breached clock says when it was stopped, too late."""

    clock_id: UUID
    name: str
    subject_id: UUID | None
    state: State
    times: ClockTimes
    pack_version: str
    warned_at: datetime | None = None
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    paused_since: datetime | None = None

    @property
    def fires_at(self) -> datetime | None:
        """When somebody has to look at it next; None when nobody does any more."""
        if self.state is not State.RUNNING:
            return None
        if self.warned_at is None and self.times.warn_at is not None:
            return self.times.warn_at
        return self.times.due_at


@dataclass(frozen=True, slots=True)
class Happened:
    """An event in the words of the clock rules. `trigger` names it; `children` gives each child's
    tags (outcome and duties) for clocks that run for each child."""

    trigger: str
    at: datetime
    received_at: datetime
    rag: Rag | None
    outcome: Outcome | None = None
    also: tuple[str, ...] = ()
    subject_id: UUID | None = None
    children: tuple[tuple[UUID, Rag, Outcome, tuple[str, ...]], ...] = ()


def happen(
    clocks: tuple[Clock, ...], happened: Happened, pack: Pack, ids: Ids
) -> tuple[tuple[Clock, ...], tuple[EventData, ...]]:
    """Stop, cancel, resume, pause and start clocks, in that order, as the pack's rules say."""
    found = effects(
        happened.trigger, happened.rag, happened.outcome, pack.clocks, also=happened.also
    )
    calendar = Calendar.of(pack.hours)
    rules = pack.clocks.rules
    events: list[EventData] = []
    after: list[Clock] = []
    stops, cancels = _names(found.stops), _names(found.cancels)
    resumes, pauses = _names(found.resumes), _names(found.pauses)
    for clock in clocks:
        changed: Clock = clock
        said: tuple[EventData, ...] = ()
        if _meant(clock, happened):
            if clock.name in stops:
                changed, said = _stop(clock, happened.at)
            elif clock.name in cancels and clock.state in OPEN:
                changed, said = _cancel(clock, happened.at, happened.trigger)
            elif clock.name in resumes and clock.state is State.PAUSED:
                changed, said = _resume(clock, happened.at, rules[clock.name], calendar)
            elif clock.name in pauses and clock.state is State.RUNNING:
                changed = replace(clock, state=State.PAUSED, paused_since=happened.at)
                said = (ClockPaused(**_said(changed), reason=happened.trigger),)
        after.append(changed)
        events.extend(said)
    for rule in found.starts:
        for subject in _subjects(rule, happened, pack):
            _start(after, events, rule, subject, happened, pack, calendar, ids)
    return tuple(after), tuple(events)


def rerate(
    clocks: tuple[Clock, ...], rag: Rag, at: datetime, pack: Pack
) -> tuple[tuple[Clock, ...], tuple[EventData, ...]]:
    """Move the open clocks whose period differs by colour (design, section 8)."""
    calendar = Calendar.of(pack.hours)
    events: list[EventData] = []
    after: list[Clock] = []
    for clock in clocks:
        changed = clock
        rule = pack.clocks.rules.get(clock.name)
        if rule is not None and clock.state in OPEN:
            times = recalculate(rule, clock.times, Rerated(rag, at), calendar=calendar)
            if times is not clock.times:
                changed = replace(clock, times=times, warned_at=None)
                events.append(_recalculated(changed, clock, "rerated"))
        after.append(changed)
    return tuple(after), tuple(events)


def fire(
    clocks: tuple[Clock, ...], now: datetime, pack: Pack
) -> tuple[tuple[Clock, ...], tuple[EventData, ...]]:
    """Warn of and breach what is due at `now`. A clock that is past due when it is looked at
    breaches at once, without a warning that would come too late."""
    events: list[EventData] = []
    after: list[Clock] = []
    for clock in clocks:
        changed = clock
        if clock.state is State.RUNNING and clock.times.due_at <= now:
            changed = replace(clock, state=State.BREACHED, breached_at=clock.times.due_at)
            events.append(
                ClockBreached(
                    **_said(changed), breached_at=clock.times.due_at, tell=_told(clock, pack)[1]
                )
            )
        elif clock.fires_at is not None and clock.fires_at <= now:
            changed = replace(clock, warned_at=now)
            events.append(ClockWarned(**_said(changed), tell=_told(clock, pack)[0]))
        after.append(changed)
    return tuple(after), tuple(events)


def cancel_all(
    clocks: tuple[Clock, ...], at: datetime, reason: str
) -> tuple[tuple[Clock, ...], tuple[EventData, ...]]:
    """Cancel every open clock of a case that has ended."""
    after: list[Clock] = []
    events: list[EventData] = []
    for clock in clocks:
        changed: Clock = clock
        if clock.state in OPEN:
            changed, said = _cancel(clock, at, reason)
            events.extend(said)
        after.append(changed)
    return tuple(after), tuple(events)


def _names(rules: Iterable[ClockRule]) -> Collection[str]:
    return {rule.name for rule in rules}


def _meant(clock: Clock, happened: Happened) -> bool:
    """Whether an event is about this clock: one that names a subject is about that one alone."""
    return (
        clock.subject_id is None
        or happened.subject_id is None
        or clock.subject_id == happened.subject_id
    )


def _subjects(rule: ClockRule, happened: Happened, pack: Pack) -> tuple[UUID | None, ...]:
    if rule.subject == "referral":
        return (None,)
    if rule.subject != "child":
        return (happened.subject_id,)
    return tuple(
        child_id
        for child_id, rag, outcome, also in happened.children
        if rule in effects(happened.trigger, rag, outcome, pack.clocks, also=also).starts
    )


def _start(
    after: list[Clock],
    events: list[EventData],
    rule: ClockRule,
    subject_id: UUID | None,
    happened: Happened,
    pack: Pack,
    calendar: Calendar,
    ids: Ids,
) -> None:
    at = happened.received_at if rule.counts_from == "receipt" else happened.at
    times = start(rule, at, happened.rag, calendar)
    for place, clock in enumerate(after):
        same = clock.name == rule.name and clock.subject_id == subject_id
        if same and clock.state in OPEN:
            if rule.if_running == "restart":
                after[place] = replace(clock, times=times, warned_at=None)
                events.append(_recalculated(after[place], clock, "restarted"))
            return
    clock = Clock(ids(), rule.name, subject_id, State.RUNNING, times, pack.version)
    after.append(clock)
    events.append(ClockStarted(**_said(clock), warn_at=times.warn_at))


def _stop(clock: Clock, at: datetime) -> tuple[Clock, tuple[EventData, ...]]:
    due_at = clock.times.due_at
    if clock.state in OPEN:
        changed = replace(clock, state=State.MET, stopped_at=at, paused_since=None)
        met = ClockMet(**_said(changed), met_at=at)
        if at <= due_at:
            return changed, (met,)
        # It was breached before it was stopped, though nobody had fired it yet.
        breach = ClockBreached(**_said(changed), breached_at=due_at)
        return replace(changed, state=State.BREACHED, breached_at=due_at), (breach, met)
    if clock.state is State.BREACHED and clock.stopped_at is None:
        if at <= due_at:
            changed = replace(clock, state=State.MET, stopped_at=at, breached_at=None)
            return changed, (ClockMet(**_said(changed), met_at=at, corrected=True),)
        changed = replace(clock, stopped_at=at)
        return changed, (ClockMet(**_said(changed), met_at=at),)
    return clock, ()


def _cancel(clock: Clock, at: datetime, reason: str) -> tuple[Clock, tuple[EventData, ...]]:
    changed = replace(clock, state=State.CANCELLED, stopped_at=at, paused_since=None)
    return changed, (ClockCancelled(**_said(changed), reason=reason),)


def _resume(
    clock: Clock, at: datetime, rule: ClockRule, calendar: Calendar
) -> tuple[Clock, tuple[EventData, ...]]:
    assert clock.paused_since is not None
    times = resume(rule, clock.times, clock.paused_since, at, calendar)
    changed = replace(clock, state=State.RUNNING, times=times, paused_since=None)
    return changed, (ClockResumed(**_said(changed)),)


def _recalculated(clock: Clock, before: Clock, reason: str) -> ClockRecalculated:
    return ClockRecalculated(**_said(clock), previous_due_at=before.times.due_at, reason=reason)


def _told(clock: Clock, pack: Pack) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rule = pack.clocks.rules.get(clock.name)
    return (rule.tell.warned, rule.tell.breached) if rule else ((), ("manager",))


def _said(clock: Clock) -> dict[str, Any]:
    """The fields that every event about a clock has."""
    return {
        "clock_id": clock.clock_id,
        "name": clock.name,
        "due_at": clock.times.due_at,
        "started_at": clock.times.started_at,
        "calendar_version": clock.times.calendar_version,
        "explanation": clock.times.explanation,
        "rag": clock.times.rag,
        "subject_id": clock.subject_id,
    }
