"""What becomes of a message: claimed, then accepted, refused, put off, or not known.

A message is claimed (state `sending`, with a lease) in a transaction of its own before the mail
server is spoken to. A sender that dies leaves it claimed; when the lease has passed, nobody can
tell whether it went out, so it is `uncertain`, and is sent again under the same Message-ID.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from chassis.change import Change
from contracts.envelope import EventData
from contracts.events import MessageFailed, MessageSent, MessageUncertain
from services.notifications.domain.case import CHANNEL, Case, Message, State
from services.notifications.domain.outbox import cancelled

MOST_CUTS = 8
"""After so many conversations whose outcome is unknown, a person telephones instead."""

LOST_AGAIN_AFTER = timedelta(seconds=5)
"""How long a message waits after its second lost sender, doubled each time: a process that dies over
and over must not use up the conversations of what it carried."""

LONGEST_TRY = timedelta(days=3)
"""For how long a server may put a message off before it counts as failed."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it. `rendered` is what was sent, for the vault; `template` the version of the
    pack whose authority wrote its template itself."""

    rendered: str
    channel: str = CHANNEL
    template: str | None = None


@dataclass(frozen=True, slots=True)
class PutOff:
    """Not accepted, for now: try again after `delay`."""

    reason: str
    delay: timedelta


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be accepted: a person has to telephone."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The conversation was cut where nobody can tell. `rendered` may have been sent."""

    reason: str
    delay: timedelta
    rendered: str


@dataclass(frozen=True, slots=True)
class HeldBack:
    """It may not be sent as it is (design section 10): somebody has to complete it."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotBegun:
    """The claim is given back: no conversation took place. It counts as no attempt."""

    delay: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class NoLongerTrue:
    """What it would say is not so any more: it is not sent, and nobody need do anything."""


Outcome: TypeAlias = Accepted | PutOff | Refused | Unknown | HeldBack | NotBegun | NoLongerTrue


def claim(
    case: Case,
    wanted: Collection[UUID],
    token: UUID,
    lease: timedelta,
    now: datetime,
) -> Change[Case] | None:
    """Give the due messages among `wanted` to the sender that holds `token`, until `now` plus
    `lease`; declare uncertain those whose sender's lease has passed. None when there are none."""
    events: list[EventData] = []
    messages = []
    for message in case.messages:
        changed = message
        if message.due_at <= now and message.message_id in wanted:
            if message.state is State.SENDING:
                changed, said = _uncertain(message, "sender_lost", _lost_for(message), now)
                events += said
            elif message.state in (State.QUEUED, State.UNCERTAIN):
                changed = replace(
                    message,
                    state=State.SENDING,
                    claim=token,
                    due_at=now + lease,
                    attempt=message.attempt + 1,
                )
        messages.append(changed)
    if all(new is old for new, old in zip(messages, case.messages, strict=True)):
        return None
    return Change(replace(case, messages=tuple(messages)), tuple(events))


def record(
    case: Case, message_id: UUID, token: UUID, outcome: Outcome, now: datetime
) -> Change[Case]:
    """Write down what became of a claimed message. What was not known may still be learned late,
    from the sender that was given up; once another sender has claimed the message, or it was
    cancelled, the earlier sender's word changes nothing."""
    message = next(each for each in case.messages if each.message_id == message_id)
    if message.claim != token or message.state not in (State.SENDING, State.UNCERTAIN):
        return Change(case)
    changed, events = _followed(message, outcome, now)
    messages = tuple(changed if each is message else each for each in case.messages)
    return Change(replace(case, messages=messages), tuple(events))


def _followed(
    message: Message, outcome: Outcome, now: datetime
) -> tuple[Message, Sequence[EventData]]:
    match outcome:
        case Accepted(rendered, channel, template):
            sent = replace(
                message,
                state=State.SENT,
                claim=None,
                sent_at=now,
                reason=None,
                rendered=rendered,
                channel=channel,
                template=template,
            )
            return sent, (told(MessageSent, sent, sent_at=now),)
        case PutOff(reason, delay):
            if now - message.queued_at >= LONGEST_TRY:
                return _failed(message, reason)
            waiting = replace(
                message, state=State.QUEUED, claim=None, due_at=now + delay, reason=reason
            )
            return waiting, ()
        case Refused(reason):
            return _failed(message, reason)
        case Unknown(reason, delay, rendered):
            if message.state is State.UNCERTAIN:
                return replace(message, rendered=rendered), ()
            return _uncertain(replace(message, rendered=rendered), reason, delay, now)
        case HeldBack(reason):
            held = replace(message, state=State.HELD, claim=None, reason=reason)
            return held, (told(MessageFailed, held, reason=f"held_{reason}"),)
        case NoLongerTrue():
            return cancelled(message, "no_longer_true"), ()
        case NotBegun(delay):
            waiting = replace(
                message,
                state=State.UNCERTAIN if message.cuts else State.QUEUED,
                claim=None,
                due_at=now + delay,
                attempt=message.attempt - 1,
            )
            return waiting, ()


def _lost_for(message: Message) -> timedelta:
    return LOST_AGAIN_AFTER * (1 << (message.cuts - 1)) if message.cuts else timedelta(0)


def _uncertain(
    message: Message, reason: str, delay: timedelta, now: datetime
) -> tuple[Message, Sequence[EventData]]:
    cut = replace(
        message,
        state=State.UNCERTAIN,
        cuts=message.cuts + 1,
        due_at=now + delay,
        reason=reason,
    )
    events = (told(MessageUncertain, cut),)
    if cut.cuts >= MOST_CUTS:
        failed, more = _failed(cut, "outcome_unknown")
        return failed, (*events, *more)
    return cut, events


def _failed(message: Message, reason: str) -> tuple[Message, Sequence[EventData]]:
    failed = replace(message, state=State.FAILED, claim=None, reason=reason)
    return failed, (told(MessageFailed, failed, reason=reason),)


def told(kind: Callable[..., EventData], message: Message, **more: object) -> EventData:
    """An event about a message, with what every one of them says."""
    return kind(
        message_id=message.message_id,
        kind=message.kind,
        channel=message.channel,
        audience=message.audience,
        attempt=message.attempt,
        **more,
    )
