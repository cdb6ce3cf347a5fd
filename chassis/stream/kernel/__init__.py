"""The one way in which a service changes: events, commands and due times in batches.

A batch is one transaction. In this order it claims idempotency keys, locks the marks and with
them the cases (each by id), loads the cases at once, folds what came through the service's pure
domain, saves at once, writes the audit entries, and appends the new events last, under the append
lock. Taking locks in any other order deadlocks.

Python and PostgreSQL work at the same time. Events are folded referral by referral in order of id;
while the next hundred are folded the last hundred are saved, in the same transaction. While a full
batch is answered the next one is read and parsed.

The mark of a service's own source is the lock of the case: everything that changes a referral in
a service holds that row. It also counts the sequence of the events that the service appends.

Failure. A refusal by the domain (DomainError) or a fault in it comes before any write: an event is
parked with the later events of its referral behind it, a command is answered with the refusal. A
database error that lies in the data, or a fault in loading or saving, halves the batch until the
culprit stands alone. A database that is away, or lacks what all need (a table, room on its disk),
parks nothing: the batch is read again.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar
from uuid import UUID

from chassis.stream.kernel.batch import BatchOf
from chassis.stream.kernel.commands import Commands
from chassis.stream.kernel.events import Events
from chassis.stream.kernel.service import Answer, Command, Saved, Service, Store, Sweep
from chassis.stream.kernel.sweeps import Sweeps
from chassis.stream.port import Batch, EventSource

__all__ = ["Answer", "Command", "Kernel", "Saved", "Service", "Store", "Sweep"]

S = TypeVar("S")


class Kernel(Generic[S]):
    """Runs one service: the three ways in, over one way through."""

    def __init__(self, service: Service[S]) -> None:
        self.service = service
        batch = BatchOf(service)
        self._events = Events(batch)
        self._commands = Commands(batch)
        self._sweeps = Sweeps(batch)

    async def read(self, source: EventSource, limit: int) -> Batch | None:
        """The next batch of at most `limit` events, or None when there are none now. May be called
        while the batch before it is answered. Raises Unavailable."""
        return await self._events.read(source, limit)

    async def answer_events(self, source: EventSource, batch: Batch) -> None:
        """Answer a batch of events, all of it, in order.

        Raises DatabaseAway, UnknownVersion or Superseded with the source rewound: read again.
        """
        try:
            await self._events.answer(source, batch)
        except BaseException:
            await source.rewind()
            raise

    async def replay(self) -> int:
        """Try again the parked events that an operator asked for. Returns how many referrals."""
        return await self._events.replay()

    async def submit(self, command: Command[S]) -> Answer:
        """Do what `command` asks, and answer after the commit. Raises DomainError where it is
        refused, DatabaseAway where PostgreSQL cannot be reached; the same idempotency key may
        then be sent again."""
        return await self._commands.submit(command)

    async def run_commands(self) -> None:
        """Serve `submit` until cancelled."""
        await self._commands.run()

    async def sweep(
        self, due: Mapping[UUID, str], handle: Sweep[S], failed: set[UUID] | None = None
    ) -> int:
        """Let `handle` look at the cases of `due` (referral id to authority) that nobody else is
        working on. Returns how many were looked at; those at which it fails are added to
        `failed`. Raises DatabaseAway."""
        return await self._sweeps.sweep(due, handle, failed)
