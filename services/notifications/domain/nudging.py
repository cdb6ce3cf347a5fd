"""Clocks that run short, run out, and go on being overdue. Who owns one is nudged before, in one
email for all that came in a quarter of an hour; duty and the manager are alerted at a breach; and
the pack's ladder is climbed until somebody stops the clock.

What is restricted goes to the manager alone (practice rule 18).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import (
    ClockBreached,
    ClockCancelled,
    ClockEscalated,
    ClockMet,
    ClockPaused,
    ClockRecalculated,
    ClockWarned,
    Rag,
)
from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import LONDON, Calendar, is_open, opens_next
from services.notifications.domain import asking
from services.notifications.domain.case import About, Audience, Case, Kind, Nudge, State
from services.notifications.domain.outbox import cancelled, known, queued_each
from services.notifications.domain.queueing import on_breached, on_met

QUARTER = timedelta(minutes=15)
DUTY, MANAGER = "duty", "manager"
# Roles of a clock's rule that are reached through the team that has the referral.
IN_TEAMS = frozenset({"practitioner", "coordinator", "lead_professional", "panel_chair"})

Spoken: TypeAlias = Event[ClockWarned] | Event[ClockBreached] | Event[ClockEscalated]
Stopped: TypeAlias = Event[ClockCancelled] | Event[ClockPaused] | Event[ClockRecalculated]


def on_warned(
    state: Case | None, event: Event[ClockWarned], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Remind whoever was asked by a link; nudge the hub's own."""
    reminded = asking.on_warned(state, event, policy, ids, now) or Change(known(state))
    clock = event.data
    roles = [role for role in clock.tell if role in {DUTY, MANAGER} | IN_TEAMS]
    return _nudged(reminded, event, About.WARNED, roles, policy, now)


def on_breach(
    state: Case | None, event: Event[ClockBreached], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Duty and the manager get an alert each; the teams that the rule names, a line."""
    alerted = on_breached(state, event, policy, ids, now) or Change(known(state))
    change = Change(_settled(alerted.state, event.data.clock_id), alerted.events)
    roles = [role for role in event.data.tell if role in IN_TEAMS]
    return _nudged(change, event, About.BREACHED, roles, policy, now)


def on_escalated(
    state: Case | None, event: Event[ClockEscalated], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """The next step of a ladder. Steps of the duty ladder (those with a channel) are alerts, each
    to whom the pack names there. A repeat takes the place of one that was not sent yet."""
    clock = event.data
    details = {
        "clock": clock.name,
        "clock_id": str(clock.clock_id),
        "due_at": clock.due_at.isoformat(),
        "step": str(clock.step),
        **({"person": clock.tell[0], "by": clock.by} if clock.by else {}),
    }
    case = known(state)
    if clock.by:
        case = _unsent(case, clock.clock_id, "superseded", clock.tell[0])
        audiences = [Audience.DUTY]
    else:
        audiences = [one for one in (Audience.DUTY, Audience.MANAGER) if one.value in clock.tell]
    change = queued_each(
        case,
        event.id,
        Kind.ESCALATION,
        audiences,
        ids,
        now,
        details=details,
        traceparent=event.traceparent,
    )
    roles = [] if clock.by else [role for role in clock.tell if role in IN_TEAMS]
    return _nudged(change, event, About.ESCALATED, roles, policy, now)


def on_stopped(
    state: Case | None, event: Event[ClockMet], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Somebody has done it: what was not sent yet about it is not sent."""
    met = on_met(state, event, policy, ids, now) or Change(known(state))
    case = _unsent(met.state, event.data.clock_id, "accepted")
    return Change(_settled(case, event.data.clock_id), met.events)


def on_moved(
    state: Case | None, event: Stopped, policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """A clock that stands still, is not needed, or is due at another time: it warns anew."""
    clock_id = event.data.clock_id
    case = known(state)
    if isinstance(event.data, ClockCancelled):
        case = _unsent(case, clock_id, "cancelled")
    return Change(_settled(case, clock_id))


def nudge(
    case: Case,
    cause: UUID,
    subject_id: UUID,
    name: str,
    about: About,
    due_at: datetime,
    rag: Rag | None,
    policy: PackSet,
    now: datetime,
) -> Case:
    """`case` with a line for the team that has it. `subject_id` is what it is about: a clock, or
    something else that can be settled."""
    pack = _pack(policy, case.authority, now)
    recipient = _recipient(case, "practitioner", pack)
    at = goes_at(now, due_at, rag, pack.calendar if pack else None, duty=False)
    line = Nudge(cause, subject_id, name, about, recipient, due_at, rag, at)
    return replace(case, nudges=(*case.nudges, line))


def goes_at(
    now: datetime, due_at: datetime, rag: Rag | None, calendar: Calendar | None, *, duty: bool
) -> datetime:
    """When a line goes out: what is Red, or is about to be due, at once; anything else at the end
    of the quarter of an hour. While the hub is closed only duty reads, so others wait until it
    opens, unless that is too late. Without a calendar the hub counts as open."""
    if rag is Rag.RED or now < due_at <= now + QUARTER:
        return now
    slot = now + QUARTER - (now - datetime.min.replace(tzinfo=UTC)) % QUARTER
    if duty or calendar is None or is_open(calendar, slot):
        return slot
    opens = opens_next(calendar, slot)
    return slot if now < due_at <= opens else opens


def _nudged(
    change: Change[Case],
    event: Spoken,
    about: About,
    roles: Sequence[str],
    policy: PackSet,
    now: datetime,
) -> Change[Case] | None:
    """`change` with a line for each recipient that has these roles."""
    case, clock = change.state, event.data
    pack = _pack(policy, case.authority, now)
    recipients = dict.fromkeys(_recipient(case, role, pack) for role in roles)
    nudges = tuple(
        Nudge(
            event.id,
            clock.clock_id,
            clock.name,
            about,
            recipient,
            clock.due_at,
            clock.rag,
            goes_at(
                now,
                clock.due_at,
                clock.rag,
                pack.calendar if pack else None,
                duty=recipient == DUTY,
            ),
        )
        for recipient in recipients
    )
    if not nudges and not change.events and not case.settled:
        return None
    return Change(replace(case, nudges=(*case.nudges, *nudges)), change.events)


def _recipient(case: Case, role: str, pack: Pack | None) -> str:
    if case.restricted:
        return MANAGER
    if role in {DUTY, MANAGER}:
        return role
    return f"team:{_team(case, pack)}"


def _team(case: Case, pack: Pack | None) -> str:
    """The team or panel that has the referral; the hub's own while none has."""
    if pack is None:
        return ""
    section = pack.allocation
    held = (offer.assignee for offer in reversed(case.offers))
    known_here = section.teams.keys() | section.panels.keys()
    return next((code for code in held if code in known_here), section.otherwise)


def _pack(policy: PackSet, authority: str, now: datetime) -> Pack | None:
    try:
        return policy.current(authority, now.astimezone(LONDON).date())
    except KeyError:
        return None


def _unsent(case: Case, clock_id: UUID, reason: str, person: str | None = None) -> Case:
    """`case` without what was not sent yet about a clock (steps, apologies, a reminder), or without
    the steps to one person."""

    def is_meant(details: dict[str, str]) -> bool:
        return details.get("clock_id") == str(clock_id) and (
            person is None or details.get("person") == person
        )

    messages = tuple(
        cancelled(one, reason)
        if one.kind in (Kind.ESCALATION, Kind.DELAY, Kind.WRITTEN_WANTED)
        and one.state is State.QUEUED
        and is_meant(dict(one.details or {}))
        else one
        for one in case.messages
    )
    return case if messages == case.messages else replace(case, messages=messages)


def _settled(case: Case, clock_id: UUID) -> Case:
    return replace(
        case,
        nudges=tuple(one for one in case.nudges if one.clock_id != clock_id),
        settled=(*case.settled, clock_id),
    )
