"""What becomes of a message after a provider took it: it arrives, or it comes back, for now or for
good. Whoever did not get one is telephoned: until they were told, nobody has kept the promise to tell
them."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.change import Change
from chassis.errors import DomainError, NotFound
from contracts.events import MessageBounced, MessageDelivered
from policy.loading import PackSet
from services.notifications.domain.case import About, Audience, Case, Message, State
from services.notifications.domain.following import LONGEST_TRY, told
from services.notifications.domain.nudging import nudge
from services.notifications.domain.outbox import known

UNTOLD = frozenset({State.FAILED, State.HELD})
OUTSIDE = frozenset({Audience.REFERRER, Audience.AGENCY})
# What a digest says of it, in the place of a clock's name.
TELEPHONE = "telephone"

AGAIN_AFTER = timedelta(minutes=30)
"""How long a message waits that came back for now, doubled each time: a full mailbox is emptied, a
telephone switched on."""


def arrived(state: Case | None, message_id: UUID, now: datetime) -> Change[Case]:
    """The recipient's own mail server, or telephone, has it. Said twice it counts once. Raises
    NotFound."""
    case, message = _found(state, message_id)
    if message.delivered_at is not None or message.state is not State.SENT:
        return Change(case)
    there = replace(message, delivered_at=now)
    return Change(_with(case, there), (told(MessageDelivered, there),))


def returned(
    state: Case | None, message_id: UUID, reason: str, policy: PackSet, now: datetime
) -> Change[Case]:
    """It came back, for good: `reason` is a code. What was cancelled or failed already stays as it
    is. Raises NotFound."""
    case, message = _found(state, message_id)
    if message.state not in {State.SENT, State.UNCERTAIN}:
        return Change(case)
    back = replace(message, state=State.FAILED, claim=None, reason=f"bounced_{reason}")
    change = Change(_with(case, back), (told(MessageBounced, back, reason=reason),))
    return untold(case, change, policy, now)


def given_back(
    state: Case | None, message_id: UUID, turn: int, reason: str, policy: PackSet, now: datetime
) -> Change[Case]:
    """It came back for now: it goes again, for as long as a server may put it off, and then counts as
    come back. `turn` says how often it had come back when it went, and `reason` is a code; what is
    said again of an earlier turn changes nothing. Raises NotFound."""
    case, message = _found(state, message_id)
    if turn != message.returns:
        return Change(case)
    # A referral that was restricted since is spoken of by telephone only (practice rule 10).
    if now - message.queued_at >= LONGEST_TRY or case.restricted:
        return returned(state, message_id, reason, policy, now)
    if message.state is not State.SENT:
        return Change(case)
    waiting = replace(
        message,
        state=State.QUEUED,
        reason=f"bounced_{reason}",
        due_at=now + AGAIN_AFTER * (1 << message.returns),
        returns=message.returns + 1,
    )
    return Change(_with(case, waiting))


def untold(before: Case, change: Change[Case], policy: PackSet, now: datetime) -> Change[Case]:
    """`change` with a line in the digest of whoever has the referral, for each message to somebody
    outside that it leaves failed or held: they have to be telephoned."""
    earlier = {one.message_id: one.state for one in before.messages}
    case = change.state
    for one in case.messages:
        is_new = one.state in UNTOLD and earlier.get(one.message_id) not in UNTOLD
        if is_new and one.audience in OUTSIDE:
            case = nudge(
                case, one.message_id, one.message_id, TELEPHONE, About.BREACHED, now, None, policy,
                now,
            )  # fmt: skip
    return Change(case, change.events)


def told_otherwise(
    state: Case | None, message_id: UUID, how: str, by: UUID, now: datetime
) -> Change[Case]:
    """Somebody of the hub has told them in another way. The first who says so counts. Raises
    NotFound, DomainError where the message went."""
    case, message = _found(state, message_id)
    if message.told_at is not None:
        return Change(case)
    if message.state not in UNTOLD or message.audience not in OUTSIDE:
        raise DomainError("message_not_undelivered", "This message is not one that did not arrive.")
    done = replace(message, told_at=now, told_how=how, told_by=by)
    case = _with(case, done)
    return Change(replace(case, settled=(*case.settled, message_id)))


def _found(state: Case | None, message_id: UUID) -> tuple[Case, Message]:
    case = known(state)
    for message in case.messages:
        if message.message_id == message_id:
            return case, message
    raise NotFound("message_not_found", "There is no such message.")


def _with(case: Case, changed: Message) -> Case:
    messages = tuple(
        changed if one.message_id == changed.message_id else one for one in case.messages
    )
    return replace(case, messages=messages)
