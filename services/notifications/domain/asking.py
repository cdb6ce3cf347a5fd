"""Messages to those whom the hub asks for information: the link, a reminder when time runs short,
and nothing more once it is answered or taken back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.change import Change, Ids
from contracts.envelope import Event
from contracts.events import (
    ClockWarned,
    InformationReceived,
    InformationRequested,
    InformationWithdrawn,
)
from policy.loading import PackSet
from services.notifications.domain.case import ASKING, Audience, Case, Kind, State
from services.notifications.domain.outbox import cancelled, known, queued

WRITTEN = "written_confirmation"
"""The clock that waits for the form of what was telephoned."""


def on_requested(
    state: Case | None, event: Event[InformationRequested], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Send the link, where somebody is to answer by one."""
    del policy
    asked = event.data
    if not asked.by_link:
        return None
    audience = Audience.REFERRER if asked.agency is None else Audience.AGENCY
    return queued(
        known(state),
        event.id,
        Kind.INFORMATION_WANTED,
        audience,
        ids,
        now,
        about=asked.request_id,
        details=_due(asked.by),
        traceparent=event.traceparent,
    )


def on_warned(
    state: Case | None, event: Event[ClockWarned], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """Remind whoever was sent a link, where the clock's rule says so; and whoever telephoned, that
    it is wanted in writing."""
    del policy
    case = known(state)
    clock = event.data
    if clock.name == WRITTEN and Audience.REFERRER.value in clock.tell and not case.public:
        return queued(
            case,
            event.id,
            Kind.WRITTEN_WANTED,
            Audience.REFERRER,
            ids,
            now,
            details={"clock_id": str(clock.clock_id), **_due(clock.due_at)},
            traceparent=event.traceparent,
        )
    sent = next(
        (
            one
            for one in case.messages
            if one.kind is Kind.INFORMATION_WANTED and one.about == clock.subject_id
        ),
        None,
    )
    if clock.subject_id is None or sent is None or sent.audience.value not in clock.tell:
        return None
    return queued(
        case,
        event.id,
        Kind.INFORMATION_REMINDER,
        sent.audience,
        ids,
        now,
        about=clock.subject_id,
        details=_due(clock.due_at),
        traceparent=event.traceparent,
    )


def on_received(
    state: Case | None, event: Event[InformationReceived], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """What was not sent yet is not sent."""
    del policy, ids, now
    return _unasked(known(state), event.data.request_id, "answered")


def on_taken_back(
    state: Case | None, event: Event[InformationWithdrawn], policy: PackSet, ids: Ids, now: datetime
) -> Change[Case] | None:
    """What was not sent yet is not sent."""
    del policy, ids, now
    return _unasked(known(state), event.data.request_id, "taken_back")


def _unasked(case: Case, request_id: UUID, reason: str) -> Change[Case] | None:
    messages = tuple(
        cancelled(one, reason)
        if one.kind in ASKING and one.about == request_id and one.state is State.QUEUED
        else one
        for one in case.messages
    )
    return None if messages == case.messages else Change(replace(case, messages=messages))


def _due(at: datetime | None) -> Mapping[str, str]:
    return {"due_at": at.isoformat()} if at else {}
