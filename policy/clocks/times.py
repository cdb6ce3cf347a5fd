"""When a clock is due and when it warns, from its start to its last recalculation. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from contracts.events import Outcome, Rag
from policy.clocks.periods import Period
from policy.clocks.rules import ClockRule, ClocksSection, Effect
from policy.clocks.triggers import parts
from policy.working_time import (
    LONDON,
    Calendar,
    Due,
    ahead,
    before_school,
    due,
    is_open,
    opens_next,
    part_way,
    shifted,
    when,
)

_URGENCY = {Rag.RED: 3, Rag.AMBER: 2, Rag.GREEN: 1, Rag.NONE: 0}
_BEFORE_RATING = 4


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """The times of one clock, all in UTC.

    `started_at`: when it first started; `counted_from`: where the period in force began (a
    re-rating that raises begins a new one); `rag`: the colour whose period that is. `pauses` are
    those that are over. Keep the version of the pack beside it: a recalculation that leaves the
    times as they are leaves that version in force for this clock.
    """

    started_at: datetime
    counted_from: datetime
    rag: Rag | None
    due_at: datetime
    warn_at: datetime | None
    explanation: str
    calendar_version: str
    pauses: tuple[tuple[datetime, datetime], ...] = ()


class _Basis(NamedTuple):
    """What the times of a clock are counted from; see ClockTimes."""

    started_at: datetime
    counted_from: datetime
    rag: Rag | None
    pauses: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Rerated:
    """The colour changed at a moment. A reason for a recalculation."""

    rag: Rag
    at: datetime


Why = Rerated | Literal["pack", "calendar"]


@dataclass(frozen=True, slots=True)
class Effects:
    """What one event does to clocks, to be applied in this order."""

    stops: tuple[ClockRule, ...] = ()
    cancels: tuple[ClockRule, ...] = ()
    resumes: tuple[ClockRule, ...] = ()
    pauses: tuple[ClockRule, ...] = ()
    starts: tuple[ClockRule, ...] = ()


def effects(
    trigger: str,
    rag: Rag | None,
    outcome: Outcome | None,
    rules: ClocksSection,
    *,
    also: Collection[str] = (),
    newly: frozenset[str] = frozenset(),
) -> Effects:
    """What an event does to clocks. `trigger` is its name, with tags where it has any:
    `case.milestone_recorded:plan`. `rag`, `outcome` and what is in `also` (other children's
    outcomes, parallel duties) are tags too. `newly`: only these tags are news, so that only
    triggers which name one of them count."""
    event, tags = parts(trigger)
    known = rules.by_event.get(event)
    if not known:
        return Effects()
    tags = tags.union((str(each) for each in (rag, outcome) if each is not None), also)
    found: dict[Effect, dict[str, ClockRule]] = {}
    for wanted, effect, rule in known:
        if newly and newly.isdisjoint(wanted):
            continue
        if wanted <= tags and _concerns(effect, rule, rag):
            found.setdefault(effect, {})[rule.name] = rule
    return Effects(**{effect: tuple(each.values()) for effect, each in found.items()})


def clocks_for(
    trigger: str,
    rag: Rag | None,
    outcome: Outcome | None,
    rules: ClocksSection,
    *,
    also: Collection[str] = (),
) -> tuple[ClockRule, ...]:
    """The clocks that an event starts."""
    return effects(trigger, rag, outcome, rules, also=also).starts


def start(rule: ClockRule, at: datetime, rag: Rag | None, calendar: Calendar) -> ClockTimes:
    """The times of a clock that starts at a moment: the event's, or the receipt of the referral
    where the rule counts from that. Raises ValueError if it has no period for the colour."""
    return _count(rule, _Basis(at, at, rag), calendar)


def falls_due(rule: ClockRule, at: datetime, rag: Rag | None, calendar: Calendar) -> datetime:
    """When a clock that `start` starts is due, for whoever wants nothing else of it. Raises
    ValueError as `start` does."""
    return _due(rule, at, _period(rule, rag), calendar).due_at


def warns_next(
    rule: ClockRule, times: ClockTimes, after: datetime, calendar: Calendar
) -> datetime | None:
    """The first moment after another at which a clock warns; None where there is none before it
    is due."""
    basis = _Basis(times.started_at, times.counted_from, times.rag, times.pauses)
    period = rule.period_for(times.rag)
    if period is None or len(rule.warn) < 2:
        return None
    bare = _due(rule, times.counted_from, period, calendar).due_at
    if rule.statutory:
        calendar = calendar.statutory
    found = _warnings(rule, basis, bare, period, calendar)
    return next((at for at in found if after < at < times.due_at), None)


def escalates_next(
    rule: ClockRule, breached_at: datetime, steps: int, calendar: Calendar
) -> datetime | None:
    """When the next step of a breached clock's own ladder is taken, once so many were; None after
    the last."""
    if steps >= len(rule.tell.escalates):
        return None
    after = rule.tell.escalates[steps].after
    return due(breached_at, after.amount, after.unit, after.count, calendar=calendar).due_at


def resume(
    rule: ClockRule,
    times: ClockTimes,
    paused_at: datetime,
    resumed_at: datetime,
    calendar: Calendar,
) -> ClockTimes:
    """The times after a pause: due later by the time that it lasted, open time for a clock that
    runs in working time."""
    pauses = (*times.pauses, (paused_at, resumed_at))
    basis = _Basis(times.started_at, times.counted_from, times.rag, pauses)
    return _count(rule, basis, calendar)


def recalculate(
    rule: ClockRule, times: ClockTimes, why: Why, *, calendar: Calendar, breached: bool = False
) -> ClockTimes:
    """The times after a re-rating, or by another pack's rule or another calendar.

    - A breach stays a breach.
    - Raised: the earlier of the old due time and the new period from the re-rating. Lowered: the
      new period from the start, if that is later. A clock with one period for every colour, as
      the statutory ones are, stands.
    - Another pack never lengthens an open clock.
    - Another calendar moves it either way: a bank holiday announced late is no working day.

    The same object comes back if nothing changes.
    """
    if breached:
        return times
    if isinstance(why, Rerated):
        return _rerated(rule, times, why, calendar)
    if rule.period_for(times.rag) is None:
        return times
    basis = _Basis(times.started_at, times.counted_from, times.rag, times.pauses)
    found = _count(rule, basis, calendar)
    if why == "pack":
        return found if found.due_at < times.due_at else times
    return times if found == times else found


def _concerns(effect: Effect, rule: ClockRule, rag: Rag | None) -> bool:
    if effect == "starts":
        return rule.period_for(rag) is not None
    return effect != "pauses" or rule.pauses_for(rag)


def _rerated(rule: ClockRule, times: ClockTimes, why: Rerated, calendar: Calendar) -> ClockTimes:
    if not rule.by_colour or rule.period_for(why.rag) is None:
        return times
    before = _BEFORE_RATING if times.rag is None else _URGENCY[times.rag]
    if _URGENCY[why.rag] > before:
        basis = _Basis(times.started_at, why.at, why.rag, times.pauses)
        found = _count(rule, basis, calendar)
        return found if found.due_at < times.due_at else times
    if _URGENCY[why.rag] < before:
        basis = _Basis(times.started_at, times.started_at, why.rag, times.pauses)
        found = _count(rule, basis, calendar)
        return found if found.due_at > times.due_at else times
    return times


def _count(rule: ClockRule, basis: _Basis, calendar: Calendar) -> ClockTimes:
    started_at, counted_from, rag, pauses = basis
    period = _period(rule, rag)
    found = _due(rule, counted_from, period, calendar)
    version = calendar.version
    if rule.statutory:
        calendar = calendar.statutory
    due_at, explanation = found.due_at, found.explanation
    due_at = _after_pauses(due_at, basis, period, calendar)
    warn_at = next(iter(_warnings(rule, basis, found.due_at, period, calendar)), None)
    if due_at != found.due_at:
        local = due_at.astimezone(LONDON)
        years = local.year != counted_from.astimezone(LONDON).year
        explanation = f"due {when(local, year=years)}: {found.because}{_paused(pauses)}"
    return ClockTimes(started_at, counted_from, rag, due_at, warn_at, explanation, version, pauses)


def _period(rule: ClockRule, rag: Rag | None) -> Period:
    period = rule.period_for(rag)
    if period is None:
        raise ValueError(f"{rule.name} has no period for {rag}")
    return period


def _due(rule: ClockRule, since: datetime, period: Period, calendar: Calendar) -> Due:
    if period.before_school is not None:
        return before_school(since, period.before_school, calendar=calendar)
    if rule.statutory:
        calendar = calendar.statutory
    if period.begins == "at_once" or is_open(calendar, since):
        return due(since, period.amount, period.unit, period.count, calendar=calendar)
    opening = opens_next(calendar, since)
    found = due(opening, period.amount, period.unit, period.count, calendar=calendar)
    came = f", the first opening after {when(since.astimezone(LONDON))}"
    return replace(found, explanation=found.explanation + came, because=found.because + came)


def _warnings(
    rule: ClockRule, basis: _Basis, due_at: datetime, period: Period, calendar: Calendar
) -> tuple[datetime, ...]:
    """When to warn of a clock that would be due at `due_at` if nothing had paused it, in order;
    without what would be no warning because it would not come before the due time, or not after
    the start."""
    since = basis.counted_from
    found: set[datetime] = set()
    for warn in rule.warn:
        if warn.part is not None:
            at = part_way(since, due_at, warn.part, period.unit, calendar=calendar)
        elif warn.before is not None:
            at = ahead(due_at, warn.before.amount, warn.before.unit, calendar=calendar)
        if since < at < due_at:
            found.add(_after_pauses(at, basis, period, calendar))
    return tuple(sorted(found))


def _after_pauses(at: datetime, basis: _Basis, period: Period, calendar: Calendar) -> datetime:
    for since, until in basis.pauses:
        begun = max(since, basis.counted_from)
        if begun < until and begun < at:
            at = shifted(at, begun, until, period.unit, calendar=calendar)
    return at


def _paused(pauses: tuple[tuple[datetime, datetime], ...]) -> str:
    return "".join(
        f", paused from {when(since.astimezone(LONDON))} to {when(until.astimezone(LONDON))}"
        for since, until in pauses
    )
