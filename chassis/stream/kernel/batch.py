"""What every batch does, whatever it is made of: lock and load its cases, save them, append the
new events; and which of its errors are whose."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.change import Change
from chassis.database import Connection, DatabaseAway
from chassis.errors import Unavailable
from chassis.stream import store
from chassis.stream.kernel.service import Saved, Service
from chassis.stream.port import Outgoing, Received, Superseded
from chassis.telemetry import metrics
from contracts.envelope import TYPE_PREFIX, Event, sequence_text
from contracts.registry import type_of
from policy.loading import UnknownVersion

S = TypeVar("S")
R = TypeVar("R")

TRIES = 5
"""How often a batch is run when PostgreSQL asks for another try (deadlock, serialisation)."""

AGAIN = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)

DATA = ("21", "22", "23", "44", "54", "P0")
"""The classes of SQLSTATE that lie in what was to be written: cardinality, data, constraints,
sizes, a trigger's refusal. All others lie in the house, and parking would mend nothing."""


@dataclass(slots=True)
class Folding(Generic[S]):
    """One referral while its batch is folded."""

    referral_id: UUID
    authority: str
    before: S | None
    state: S | None
    marks: dict[str, int]
    parked: bool
    was_parked: bool
    replayed: bool = False
    read: dict[str, int] = field(default_factory=dict)
    emitted: list[Outgoing] = field(default_factory=list)


@dataclass(slots=True)
class Run(Generic[S]):
    """What one transaction gathers between load and save."""

    now: datetime
    cases: dict[UUID, Folding[S]]
    parked: list[tuple[Received, str, str | None]] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    outcomes: list[tuple[str, str]] = field(default_factory=list)


class BatchOf(Generic[S]):
    """Batches of one service."""

    def __init__(self, service: Service[S]) -> None:
        self.service = service

    async def open(
        self, connection: Connection, pairs: Mapping[tuple[UUID, str], str], *, load: bool = True
    ) -> Run[S]:
        """Lock the cases of `pairs` (referral, source), given each one's authority, and load
        them. Without `load` they can only be parked."""
        service = self.service
        authorities = {referral: authority for (referral, _), authority in pairs.items()}
        wanted = {*pairs, *((referral, service.source) for referral in authorities)}
        marks = await store.lock_marks(connection, service.name, service.source, sorted(wanted))
        parked = {referral for (referral, _), (_, aside) in marks.items() if aside}
        states = await service.store.load(connection, sorted(authorities)) if load else {}
        cases = {
            referral: Folding(
                referral_id=referral,
                authority=authority,
                before=states.get(referral),
                state=states.get(referral),
                marks={},
                parked=referral in parked,
                was_parked=referral in parked,
            )
            for referral, authority in authorities.items()
        }
        for (referral, source), (sequence, _) in marks.items():
            cases[referral].marks[source] = cases[referral].read[source] = sequence
        return Run(service.clock(), cases)

    def outgoing(
        self,
        case: Folding[S],
        change: Change[S],
        now: datetime,
        cause: Event[Any] | None,
        traceparent: str | None,
    ) -> list[Outgoing]:
        """The events of `change` in their envelopes. Changes nothing."""
        service = self.service
        number = case.marks[service.source]
        correlation = cause.correlationid if cause else None
        outgoing = []
        for data in change.events:
            number += 1
            known = type_of(type(data))
            event_id = service.ids()
            correlation = correlation or event_id
            envelope = known.envelope.model_construct(
                id=event_id,
                source=service.source,
                type=known.type,
                subject=case.referral_id,
                time=now,
                partitionkey=str(case.referral_id),
                sequence=sequence_text(number),
                authority=case.authority,
                correlationid=correlation,
                causationid=cause.id if cause else None,
                traceparent=traceparent,
                data=data,
            )
            body = envelope.model_dump_json(exclude_none=True)
            outgoing.append(
                Outgoing(
                    service.source, case.referral_id, number, known.type, case.authority, now, body
                )
            )
        return outgoing

    def apply(self, case: Folding[S], change: Change[S], outgoing: list[Outgoing]) -> None:
        case.state = change.state
        case.emitted.extend(outgoing)
        case.marks[self.service.source] += len(outgoing)

    async def save(self, connection: Connection, run: Run[S]) -> None:
        service = self.service
        cases = [run.cases[referral] for referral in sorted(run.cases)]
        changes = [
            Saved(case.referral_id, case.authority, case.before, case.state, run.now)
            for case in cases
            if case.state is not None and case.state is not case.before
        ]
        if changes:
            await service.store.save(connection, changes)
        if run.parked:
            await store.park(connection, service.name, run.now, run.parked)
        marks = [
            (case.referral_id, source, sequence, case.parked, case.replayed)
            for case in cases
            for source, sequence in sorted(case.marks.items())
            if case.was_parked or case.parked or sequence != case.read[source]
        ]
        if marks:
            await store.save_marks(connection, service.name, marks)

    async def append(self, connection: Connection, run: Run[S]) -> None:
        if run.audit:
            await append_audit(connection, run.audit, run.now)
        emitted = [event for referral in sorted(run.cases) for event in run.cases[referral].emitted]
        if emitted:
            await self.service.append(connection, emitted)

    def report(self, run: Run[S]) -> None:
        for kind, outcome in run.outcomes:
            metrics.EVENTS_HANDLED.labels(self.service.name, _short(kind), outcome).inc()
        if any(case.emitted for case in run.cases.values()):
            self.service.bell.ring()

    async def tried(self, attempt: Callable[[], Awaitable[R]]) -> R:
        for again in range(TRIES):
            try:
                return await attempt()
            except AGAIN as error:
                if again == TRIES - 1:
                    raise DatabaseAway from error
        raise AssertionError


def reason_of(error: Exception) -> str | None:
    """The code of an error that lies in a referral's own data or in the code that answers it.
    None for one that lies elsewhere and passes, or is mended, for all at once."""
    if isinstance(error, Unavailable | UnknownVersion | Superseded):
        return None
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return f"database_{state}" if state.startswith(DATA) else None
    return f"fault_{type(error).__name__}"


def _short(kind: str) -> str:
    """An event type without the prefix that all share, for a metric's label."""
    return kind.removeprefix(TYPE_PREFIX)
