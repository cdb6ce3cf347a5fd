"""The port that every event stream passes through. tests/integration/stream holds the
conformance suite that an implementation passes before it is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chassis.database import Connection


@dataclass(frozen=True, slots=True)
class Received:
    """One event as it stands in the stream. `position` rises along the stream."""

    position: int
    source: str
    referral_id: UUID
    sequence: int
    type: str
    authority: str
    time: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read in one go, in order. `last` is the position up to which all was seen: it is
    beyond the last event where the rest was of types that the consumer does not answer."""

    events: tuple[Received, ...]
    first: int
    last: int

    def halves(self) -> tuple["Batch", "Batch"]:
        """The batch as two, each with its own events, together passing the same positions."""
        middle = len(self.events) // 2
        border = self.events[middle - 1].position
        return (
            Batch(self.events[:middle], self.first, border),
            Batch(self.events[middle:], border, self.last),
        )


class EventSource(Protocol):
    """Reads the stream for one consumer."""

    async def read(self, limit: int) -> Batch | None:
        """The next events, at most `limit`, or None when there are none now. Waits for nothing.
        Raises Unavailable when the stream cannot be reached."""
        ...

    async def settle(self, connection: Connection, batch: Batch) -> None:
        """Record, in the transaction of the effects, that the batch was handled.
        Raises Superseded when another instance of the consumer did so first."""
        ...

    async def settled(self, batch: Batch) -> None:
        """The transaction is committed."""
        ...

    async def lag(self) -> "Lag":
        """How far behind the consumer is."""
        ...


@dataclass(frozen=True, slots=True)
class Lag:
    """`events` not yet handled, and how many `seconds` ago the oldest of them was appended."""

    events: int
    seconds: float


class Superseded(Exception):
    """Another instance of this consumer settled these events first: read again."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event ready to append: the whole CloudEvent is in `body`."""

    source: str
    referral_id: UUID
    sequence: int
    type: str
    authority: str
    time: datetime
    body: str


class Appender(Protocol):
    """Appends events as the last act of a transaction."""

    async def __call__(self, connection: Connection, events: Sequence[Outgoing]) -> None: ...
