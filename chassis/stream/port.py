"""The port that every event stream passes through. tests/integration/stream holds the
conformance suite that an implementation passes before it is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from chassis.database import Connection


class Received(NamedTuple):
    """One event as it stands in the stream. `position` rises along its `partition`; all events of
    a referral are in one partition. A stream that is not divided has partition 0 alone."""

    position: int
    source: str
    referral_id: UUID
    sequence: int
    type: str
    authority: str
    time: datetime
    body: str
    partition: int = 0


Places = Mapping[int, int]
"""A position for each partition: everything up to it was seen."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read in one go, in order. It passes the stream from `after` up to `until`, which is
    beyond the last event where the rest was of types that the consumer does not answer."""

    events: tuple[Received, ...]
    after: Places
    until: Places

    @property
    def passed(self) -> int:
        """How far the batch goes along the stream."""
        return sum(self.until[one] - self.after[one] for one in self.until)

    def halves(self) -> tuple["Batch", "Batch"]:
        """The batch as two, each with its own events, together passing the same positions."""
        first = self.events[: len(self.events) // 2]
        border = {**self.after, **{event.partition: event.position for event in first}}
        rest = self.events[len(first) :]
        return Batch(first, self.after, border), Batch(rest, border, self.until)


class EventSource(Protocol):
    """Reads the stream for one consumer."""

    async def read(self, limit: int) -> Batch | None:
        """The next events after those that were read last, at most `limit`, or None when there are
        none now. A new source, or one that was rewound, goes on after what was settled last.
        Waits for nothing. Raises Unavailable when the stream cannot be reached."""
        ...

    async def settle(self, connection: Connection, batch: Batch) -> None:
        """Record, in the transaction of the effects, that the batch was handled. Batches are
        settled in the order in which they were read.
        Raises Superseded when another instance of the consumer did so first."""
        ...

    async def settled(self, batch: Batch) -> None:
        """The transaction is committed."""
        ...

    async def rewind(self) -> None:
        """Forget what was read and is not settled: it is read again."""
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


class Outgoing(NamedTuple):
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
