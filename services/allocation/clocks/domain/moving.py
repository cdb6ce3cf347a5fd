"""What moves the due time of an open clock: a re-rating, another pack, another calendar."""

from dataclasses import replace
from datetime import datetime

from contracts.envelope import EventData
from contracts.events import ClockRecalculated, ClockResumed, Rag
from policy.clocks import ClockTimes, Rerated, recalculate, resume
from services.allocation.clocks.domain.book import Book
from services.allocation.clocks.domain.clock import OPEN, Clock, State, said


def rerate(
    clocks: tuple[Clock, ...], rag: Rag, at: datetime, book: Book
) -> tuple[tuple[Clock, ...], tuple[EventData, ...]]:
    """Move the open clocks whose period differs by colour (design, section 8), and let run again
    what doesn't pause for the new colour."""
    events: list[EventData] = []
    after: list[Clock] = []
    for clock in clocks:
        changed = clock
        rule = book.rule(clock)
        if rule is not None and clock.state in OPEN:
            calendar = book.calendar(clock.pack_version)
            if clock.paused_since is not None and not rule.pauses_for(rag):
                since, until = clock.paused_since, max(at, clock.paused_since)
                times = resume(rule, clock.times, since, until, calendar)
                changed = replace(clock, state=State.RUNNING, times=times, paused_since=None)
                events.append(ClockResumed(**said(changed)))
            times = recalculate(rule, changed.times, Rerated(rag, at), calendar=calendar)
            if times is not changed.times:
                changed, moved = move(changed, times, "rerated")
                events.append(moved)
        after.append(changed)
    return tuple(after), tuple(events)


def bring_up_to_date(
    clocks: tuple[Clock, ...], now: datetime, book: Book
) -> tuple[tuple[Clock, ...], tuple[EventData, ...]]:
    """Count the open clocks of a case again: by the calendar as it is known now, and by the pack
    in force now where that is shorter. What is past due stays as it is."""
    events: list[EventData] = []
    after: list[Clock] = []
    for clock in clocks:
        changed = clock
        if clock.state in OPEN and (clock.state is State.PAUSED or clock.times.due_at > now):
            times, version, because = _counted_again(clock, book)
            changed = replace(
                clock, times=times, pack_version=version, compared_with=book.current.version
            )
            if times.due_at != clock.times.due_at:
                changed, moved = move(replace(changed, times=clock.times), times, because)
                events.append(moved)
            if changed == clock:
                changed = clock
        after.append(changed)
    return tuple(after), tuple(events)


def move(clock: Clock, times: ClockTimes, because: str) -> tuple[Clock, ClockRecalculated]:
    """A clock with other times, and the event that says so. It warns anew."""
    changed = replace(clock, times=times, warned_at=None, moved_because=because)
    event = ClockRecalculated(**said(changed), previous_due_at=clock.times.due_at, reason=because)
    return changed, event


def _counted_again(clock: Clock, book: Book) -> tuple[ClockTimes, str, str]:
    """The times, the version of the pack that gave them, and what changed them last."""
    times, version, because = clock.times, clock.pack_version, "calendar"
    rule, calendar = book.rule(clock), book.calendar(version)
    if rule is not None and calendar.version != times.calendar_version:
        times = recalculate(rule, times, "calendar", calendar=calendar)
        # A colour that the rule has no period for leaves the times alone: they were looked at.
        times = replace(times, calendar_version=calendar.version)
    current = book.current
    other = current.clocks.rules.get(clock.name)
    if other is not None and current.version not in {version, clock.compared_with}:
        found = recalculate(other, times, "pack", calendar=book.calendar(current.version))
        if found is not times:
            times, version, because = found, current.version, "pack"
    return times, version, because
