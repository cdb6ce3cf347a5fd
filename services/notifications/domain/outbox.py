"""A message as it is made, left alone or cancelled in a case."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import NotFound
from contracts.events import MessageQueued
from services.notifications.domain.case import CHANNEL, Audience, Case, Kind, Message, State


def known(state: Case | None) -> Case:
    """The case. Raises NotFound."""
    if state is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return state


def cancelled(message: Message, reason: str) -> Message:
    """The message as it stands when it is not to be sent any more."""
    return replace(message, state=State.CANCELLED, claim=None, reason=reason)


def queued(
    case: Case,
    cause: UUID,
    kind: Kind,
    audience: Audience,
    ids: Ids,
    now: datetime,
    *,
    about: UUID | None = None,
    details: Mapping[str, str] | None = None,
    traceparent: str | None = None,
) -> Change[Case]:
    """`case` with one more message, unless it has it, or is erased."""
    has_it = any(
        (message.cause, message.kind, message.audience) == (cause, kind, audience)
        for message in case.messages
    )
    if has_it or case.erased:
        return Change(case)
    message = Message(
        message_id=ids(),
        kind=kind,
        audience=audience,
        cause=cause,
        state=State.QUEUED,
        queued_at=now,
        due_at=now,
        about=about,
        details=details,
        traceparent=traceparent,
    )
    event = MessageQueued(
        message_id=message.message_id, kind=kind, channel=CHANNEL, audience=audience
    )
    return Change(replace(case, messages=(*case.messages, message)), (event,))


def queued_each(
    case: Case,
    cause: UUID,
    kind: Kind,
    audiences: Sequence[Audience],
    ids: Ids,
    now: datetime,
    *,
    details: Mapping[str, str],
    traceparent: str | None = None,
) -> Change[Case]:
    """As `queued`, for each of several audiences."""
    change: Change[Case] = Change(case)
    for audience in audiences:
        more = queued(
            change.state, cause, kind, audience, ids, now, details=details, traceparent=traceparent
        )
        change = Change(more.state, (*change.events, *more.events))
    return change
