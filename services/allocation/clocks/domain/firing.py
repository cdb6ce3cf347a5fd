"""What a clock does when its time has come: it warns, it is breached, it climbs its ladder."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.envelope import EventData
from contracts.events import ClockBreached, ClockEscalated, ClockWarned
from policy.clocks import ClockRule, escalates_next, warns_next
from policy.working_time import is_open
from services.allocation.clocks.domain.book import Book
from services.allocation.clocks.domain.clock import Clock, State, said

Fired = tuple[Clock, tuple[EventData, ...]]


class _Step(NamedTuple):
    """Whom to tell, how where that is said, and when the next step is due."""

    tell: tuple[str, ...]
    by: str | None
    then: datetime | None


def fire(
    clocks: tuple[Clock, ...], now: datetime, book: Book
) -> tuple[tuple[Clock, ...], tuple[EventData, ...]]:
    """Warn of, breach and escalate what is due at `now`. A clock that is past due when it is
    looked at breaches at once, without a warning that would come too late."""
    pack = book.pack
    events: list[EventData] = []
    after: list[Clock] = []
    for clock in clocks:
        changed: Clock = clock
        heard: tuple[EventData, ...] = ()
        if clock.fires_at is not None and clock.fires_at <= now:
            rule = book.rule(clock) or pack.clocks.rules.get(clock.name)
            if clock.state is State.RUNNING and clock.times.due_at > now:
                changed, heard = _warn(clock, now, rule, book)
            else:
                changed, heard = _breach(clock, rule, book)
                changed, steps = _climb(changed, now, rule, book)
                heard = (*heard, *steps)
        after.append(changed)
        events.extend(heard)
    return tuple(after), tuple(events)


def _warn(clock: Clock, now: datetime, rule: ClockRule | None, book: Book) -> Fired:
    times = clock.times
    if rule is not None:
        following = warns_next(rule, times, now, book.calendar(clock.pack_version))
        if following is not None:
            times = replace(times, warn_at=following)
    changed = replace(clock, warned_at=now, times=times)
    return changed, (ClockWarned(**said(clock), tell=rule.tell.warned if rule else ()),)


def _breach(clock: Clock, rule: ClockRule | None, book: Book) -> Fired:
    if clock.state is State.BREACHED:
        return clock, ()
    due_at = clock.times.due_at
    first = due_at if rule and rule.tell.ladder else None
    if rule and rule.tell.escalates:
        first = escalates_next(rule, due_at, 0, book.calendar(clock.pack_version))
    changed = replace(clock, state=State.BREACHED, breached_at=due_at, escalate_at=first)
    tell = rule.tell.breached if rule else ("manager",)
    return changed, (ClockBreached(**said(changed), breached_at=due_at, tell=tell),)


def _climb(clock: Clock, now: datetime, rule: ClockRule | None, book: Book) -> Fired:
    """Every step of the ladder that is due, once each. The last step of the duty ladder is
    repeated until a person accepts; repeats that nobody was there to make are made once."""
    events: list[EventData] = []
    while rule and clock.escalate_at is not None and clock.escalate_at <= now:
        assert clock.breached_at is not None
        step = _step(clock, clock.breached_at, now, rule, book)
        clock = replace(clock, escalated=clock.escalated + 1, escalate_at=step.then)
        events.append(
            ClockEscalated(
                **said(clock),
                breached_at=clock.breached_at,
                step=clock.escalated,
                tell=step.tell,
                by=step.by,
            )
        )
    return clock, tuple(events)


def _step(clock: Clock, breached_at: datetime, now: datetime, rule: ClockRule, book: Book) -> _Step:
    taken = clock.escalated
    calendar = book.calendar(clock.pack_version)
    if not rule.tell.ladder:
        rungs = rule.tell.escalates
        then = escalates_next(rule, breached_at, taken + 1, calendar)
        return _Step(rungs[min(taken, len(rungs) - 1)].tell, None, then)
    duty = book.pack.allocation.duty
    ladder = duty.ladder if is_open(calendar, now) else duty.out_of_hours_ladder
    step = ladder[min(taken, len(ladder) - 1)]
    if taken + 1 < len(ladder):
        then = breached_at + timedelta(minutes=ladder[taken + 1].after_minutes)
    else:
        then = now + timedelta(minutes=duty.repeat_minutes)
    return _Step((step.tell,), step.by, then)
