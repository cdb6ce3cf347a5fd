"""What notifications says of messages."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import EventData


class MessageEvent(EventData):
    """`kind` is a message kind of design section 10; `audience` is whom it is for, as a code."""

    message_id: UUID
    kind: str
    channel: str
    audience: str
    attempt: int = 0


class MessageQueued(MessageEvent):
    pass


class MessageSent(MessageEvent):
    sent_at: datetime


class MessageDelivered(MessageEvent):
    pass


class MessageBounced(MessageEvent):
    reason: str


class MessageFailed(MessageEvent):
    reason: str


class MessageUncertain(MessageEvent):
    """The conversation with the mail server was cut where its outcome cannot be known."""
