"""What the kernel is given: a service and its store, and the commands that people send it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from chassis.audit import AuditEntry
from chassis.change import Change, Decide, Handler, Ids
from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.http.claims import Claim
from chassis.stream.bell import Bell
from chassis.stream.faults import Faults, no_faults
from chassis.stream.kernel import keeping
from chassis.stream.port import Appender
from chassis.stream.store import append as append_to_log
from contracts.envelope import EventData
from contracts.registry import type_of
from policy.loading import PackSet

S = TypeVar("S")

Sweep = Callable[[S, PackSet, Ids, datetime], "Change[S] | None"]
"""Looks at one case when its time has come. None: nothing is due after all."""


@dataclass(frozen=True, slots=True)
class Saved(Generic[S]):
    """One case to save: the state before (None for a new case) and after."""

    referral_id: UUID
    authority: str
    previous: S | None
    state: S
    now: datetime


class Store(Protocol[S]):
    """A service's state, for many referrals at a time."""

    async def load(self, connection: Connection, ids: Sequence[UUID]) -> dict[UUID, S]:
        """The states of those of `ids` that exist."""
        ...

    async def save(self, connection: Connection, changes: Sequence[Saved[S]]) -> None:
        """Write `changes`, each referral once, in order of id."""
        ...


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """What the kernel needs to know of a service. `source` names it and its epoch in events.
    `hurried`: people wait for what it answers, so that it gathers events for less time."""

    name: str
    source: str
    database: Database
    store: Store[S]
    handlers: Mapping[type[EventData], Handler[S]]
    policy: PackSet
    clock: Clock
    ids: Ids
    bell: Bell
    append: Appender = append_to_log
    faults: Faults = no_faults
    hurried: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """The event types that the service answers, or keeps as every service does."""
        answered = [type_of(data).type for data in self.handlers]
        return tuple(dict.fromkeys((*answered, *keeping.types(self.name))))


@dataclass(frozen=True, slots=True)
class Command(Generic[S]):
    """What somebody wants done to one referral. Answered after the commit."""

    referral_id: UUID
    authority: str
    decide: Decide[S]
    audit: AuditEntry | None = None
    claim: Claim | None = None
    status: int = 200
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON answer of a command, as it is stored beside its idempotency key."""

    status: int
    body: bytes
    replayed: bool = False
