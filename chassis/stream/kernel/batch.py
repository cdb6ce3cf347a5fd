"""What every batch does, whatever it is made of: lock and load its cases, save them, append the
new events; and which of its errors are whose."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.change import Change
from chassis.database import Connection, DatabaseAway
from chassis.erasing import erased
from chassis.errors import Unavailable
from chassis.stream import store
from chassis.stream.faults import Point
from chassis.stream.kernel import keeping
from chassis.stream.kernel.service import Saved, Service
from chassis.stream.port import Outgoing, Received, Superseded
from chassis.telemetry import metrics
from contracts.envelope import TYPE_PREFIX, Event, EventData, sequence_text
from contracts.events import ReferralErased
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
    read: dict[str, int] = field(default_factory=dict)
    emitted: list[Outgoing] = field(default_factory=list)
    erased: bool = False


@dataclass(slots=True)
class Run(Generic[S]):
    """What one transaction gathers between load and save. `cases` stand in order of id."""

    now: datetime
    cases: dict[UUID, Folding[S]]
    parked: list[tuple[Received, str, str | None]] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    facts: list[keeping.Fact] = field(default_factory=list)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)


class BatchOf(Generic[S]):
    """Batches of one service."""

    def __init__(self, service: Service[S]) -> None:
        self.service = service

    async def open(
        self, connection: Connection, authorities: Mapping[UUID, str], *, load: bool = True
    ) -> Run[S]:
        """Lock the cases of referrals, given each one's authority, and load them. Without `load`
        they can only be parked."""
        service = self.service
        referrals = sorted(authorities)
        locked = await store.lock_cases(connection, service.name, service.source, referrals)
        await service.faults(Point.CASES_LOCKED)
        states = await service.store.load(connection, referrals) if load else {}
        return Run(
            service.clock(),
            {
                referral: Folding(
                    referral_id=referral,
                    authority=authorities[referral],
                    before=states.get(referral),
                    state=states.get(referral),
                    marks={service.source: locked[referral][0]},
                    parked=locked[referral][1],
                    was_parked=locked[referral][1],
                    read={service.source: locked[referral][0]},
                )
                for referral in referrals
            },
        )

    async def read_marks(self, connection: Connection, run: Run[S]) -> None:
        """Add how far the events of other services were handled, and which cases are erased."""
        service = self.service
        for referral, source, sequence, parked in await store.read_marks(
            connection, service.name, service.source, list(run.cases)
        ):
            case = run.cases[referral]
            case.marks[source] = case.read[source] = sequence
            case.parked |= parked
            case.was_parked |= parked
        unknown = [case.referral_id for case in run.cases.values() if case.state is None]
        for referral in await erased(connection, unknown) if unknown else ():
            run.cases[referral].erased = True

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

    def apply(
        self, run: Run[S], case: Folding[S], change: Change[S], outgoing: list[Outgoing]
    ) -> None:
        case.state = change.state
        case.emitted.extend(outgoing)
        case.marks[self.service.source] += len(outgoing)
        for said in change.events:
            self.note(run, case, said)

    def note(self, run: Run[S], case: Folding[S], said: EventData) -> None:
        """Remember to keep what is kept of every referral."""
        if keeping.is_kept(said):
            run.facts.append((case.referral_id, case.authority, said))
            case.erased |= isinstance(said, ReferralErased)

    async def save(self, connection: Connection, run: Run[S]) -> None:
        """Write everything but the new events."""
        await self.save_states(connection, run, list(run.cases.values()))
        await keeping.keep(connection, run.facts, run.now)
        await self.save_marks(connection, run)

    async def save_states(
        self, connection: Connection, run: Run[S], cases: Sequence[Folding[S]]
    ) -> None:
        """Write the states of `cases`, which stand in order of id."""
        changes = [
            Saved(case.referral_id, case.authority, case.before, case.state, run.now)
            for case in cases
            if case.state is not None and case.state is not case.before
        ]
        if changes:
            await self.service.store.save(connection, changes)

    async def save_marks(self, connection: Connection, run: Run[S]) -> None:
        """Write how far all cases were handled, and what was parked."""
        service = self.service
        parked = [one for one in run.parked if not run.cases[one[0].referral_id].erased]
        if parked:
            await store.park(connection, service.name, run.now, parked)
        marks = [
            (case.referral_id, source, sequence, case.parked)
            for case in run.cases.values()
            for source, sequence in case.marks.items()
            if case.was_parked or case.parked or sequence != case.read.get(source, 0)
        ]
        if marks:
            await store.save_marks(connection, service.name, marks)
        await service.faults(Point.SAVED)

    async def append(self, connection: Connection, run: Run[S]) -> None:
        if run.audit:
            await append_audit(connection, run.audit, run.now)
        emitted = [event for case in run.cases.values() for event in case.emitted]
        if emitted:
            await self.service.append(connection, emitted)
            await self.service.faults(Point.APPENDED)

    def report(self, run: Run[S]) -> None:
        for (kind, outcome), count in run.outcomes.items():
            metrics.EVENTS_HANDLED.labels(self.service.name, _short(kind), outcome).inc(count)
        emitted = {event.type for case in run.cases.values() for event in case.emitted}
        self.service.bell.ring(self.service.name, *emitted)

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
