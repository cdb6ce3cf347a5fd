"""The one way in which a service changes: events, commands and due times in batches.

A batch is one transaction. In this order it claims idempotency keys, locks the marks and with
them the cases (each by id), loads the cases at once, folds what came through the service's pure
domain, saves at once, writes the audit entries, and appends the new events last, under the append
lock. Taking locks in any other order deadlocks.

The mark of a service's own source is the lock of the case: everything that changes a referral in
a service holds that row. It also counts the sequence of the events that the service appends.

Failure. A refusal by the domain (DomainError) or a fault in it comes before any write: an event is
parked with the later events of its referral behind it, a command is answered with the refusal. A
database error that lies in the data, or a fault in loading or saving, halves the batch until the
culprit stands alone. A database that is away, or lacks what all need (a table, room on its disk),
parks nothing: the batch is read again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.change import Change, Decide, Handler, Ids
from chassis.clock import Clock
from chassis.database import Connection, Database, DatabaseAway
from chassis.errors import DomainError, Unavailable
from chassis.http import idempotency
from chassis.stream import store
from chassis.stream.bell import Bell
from chassis.stream.port import (
    Appender,
    Batch,
    EventSource,
    Outgoing,
    Received,
    Superseded,
)
from chassis.stream.store import append as append_to_log
from chassis.telemetry import logs, metrics, traces
from contracts.envelope import TYPE_PREFIX, Event, EventData, sequence_text
from contracts.registry import event_types, parse, type_of
from policy.loading import PackSet, UnknownVersion

S = TypeVar("S")
R = TypeVar("R")

Sweep = Callable[[S, PackSet, Ids, datetime], "Change[S] | None"]
"""Looks at one case when its time has come. None: nothing is due after all."""

GROUP = 200
"""How many commands share one commit at most."""

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

log = logs.get_logger(__name__)


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
    """What the kernel needs to know of a service. `source` names it and its epoch in events."""

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

    @property
    def types(self) -> tuple[str, ...]:
        """The event types that the service answers."""
        return tuple(type_of(data).type for data in self.handlers)


@dataclass(frozen=True, slots=True)
class Command(Generic[S]):
    """What somebody wants done to one referral. Answered after the commit."""

    referral_id: UUID
    authority: str
    decide: Decide[S]
    audit: AuditEntry | None = None
    claim: idempotency.Claim | None = None
    status: int = 200
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON answer of a command, as it is stored beside its idempotency key."""

    status: int
    body: bytes
    replayed: bool = False


@dataclass(slots=True)
class _Case(Generic[S]):
    """One referral while its batch is folded."""

    referral_id: UUID
    authority: str
    before: S | None
    state: S | None
    marks: dict[str, int]
    parked: bool
    replayed: bool = False
    emitted: list[Outgoing] = field(default_factory=list)


@dataclass(slots=True)
class _Run(Generic[S]):
    """What one transaction gathers between load and save."""

    now: datetime
    cases: dict[UUID, _Case[S]]
    parked: list[tuple[Received, str, str | None]] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    outcomes: list[tuple[str, str]] = field(default_factory=list)


class Kernel(Generic[S]):
    """Runs one service."""

    def __init__(self, service: Service[S]) -> None:
        self.service = service
        self._waiting: asyncio.Queue[tuple[Command[S], asyncio.Future[Answer]]] = asyncio.Queue()
        self._in_progress: set[tuple[str, str]] = set()

    # --- events ------------------------------------------------------------------------------

    async def answer_events(self, source: EventSource, batch: Batch) -> None:
        """Answer a batch of events, all of it, in order.

        Raises DatabaseAway or UnknownVersion with nothing changed: read the batch again later.
        """
        try:
            run = await self._tried(lambda: self._answer_events(source, batch))
        except Exception as error:
            reason = _reason(error)
            if reason is None:
                raise
            if len(batch.events) > 1:
                for half in batch.halves():
                    await self.answer_events(source, half)
                return
            log.exception("event_fault", consumer=self.service.name)
            run = await self._tried(lambda: self._answer_events(source, batch, refuse=reason))
        if run:
            self._report(run)
        await source.settled(batch)

    async def _answer_events(
        self, source: EventSource, batch: Batch, refuse: str | None = None
    ) -> _Run[S] | None:
        service = self.service
        async with service.database.transaction() as connection:
            run: _Run[S] | None = None
            if batch.events:
                run = await self._open(
                    connection,
                    {(event.referral_id, event.source): event.authority for event in batch.events},
                    load=refuse is None,
                )
                for event in batch.events:
                    self._fold_event(run, event, refuse)
                await self._save(connection, run)
            await source.settle(connection, batch)
            if run:
                await self._append(connection, run)
        return run

    def _fold_event(self, run: _Run[S], received: Received, refuse: str | None) -> None:
        case = run.cases[received.referral_id]
        if received.sequence <= case.marks[received.source]:
            run.outcomes.append((received.type, "repeated"))
            return
        if case.parked:
            self._park(run, case, received, "behind")
            return
        reason = refuse or self._answer(run, case, received)
        if reason:
            self._park(run, case, received, reason)
            return
        case.marks[received.source] = received.sequence
        run.outcomes.append((received.type, "handled"))

    def _answer(self, run: _Run[S], case: _Case[S], received: Received) -> str | None:
        """Let the domain answer one event. A reason code when it cannot."""
        service = self.service
        with traces.handling(service.name, received.type, received.body) as trace:
            try:
                event = parse(received.type, received.body)
                if event is None:
                    return None
                handler = service.handlers[type(event.data)]
                change = handler(case.state, event, service.policy, service.ids, run.now)
                if change is not None:
                    outgoing = self._outgoing(case, change, run.now, event, trace.traceparent)
                    self._apply(case, change, outgoing)
            except UnknownVersion:
                raise
            except DomainError as refusal:
                return refusal.code
            except Exception as fault:
                log.exception("event_fault", type=received.type, trace_id=trace.trace_id)
                return f"fault_{type(fault).__name__}"
        return None

    def _park(self, run: _Run[S], case: _Case[S], received: Received, reason: str) -> None:
        case.parked = True
        run.parked.append((received, reason, traces.trace_id_of(received.body)))
        run.outcomes.append((received.type, "parked"))
        log.error(
            "event_parked",
            consumer=self.service.name,
            type=received.type,
            referral_id=str(received.referral_id),
            reason=reason,
        )

    # --- replay of parked events -------------------------------------------------------------

    async def replay(self) -> int:
        """Try again the parked events that an operator asked for. Returns how many referrals."""
        service = self.service
        async with service.database.connection() as connection:
            asked = await store.replays(connection, service.name, 50)
        for referral_id, authority in asked:
            # One that names a version of a pack that isn't here stays asked for, and waits.
            with suppress(UnknownVersion):
                await self._replay_referral(referral_id, authority)
        return len(asked)

    async def _replay_referral(self, referral_id: UUID, authority: str) -> None:
        """All its parked events at once, or where that fails one by one up to the culprit."""
        replay = partial(self._replay, referral_id, authority)
        more, most = True, None
        while more:
            try:
                more = await self._tried(partial(replay, most))
            except Exception as error:
                reason = _reason(error)
                if reason is None:
                    raise
                if most is None:
                    most = 1
                    continue
                log.exception("event_fault", consumer=self.service.name)
                more = await self._tried(partial(replay, most, refuse=reason))

    async def _replay(
        self, referral_id: UUID, authority: str, most: int | None, *, refuse: str | None = None
    ) -> bool:
        """Try the first `most` parked events. Whether there are more to try."""
        service = self.service
        async with service.database.transaction() as connection:
            run = await self._open(
                connection, {(referral_id, service.source): authority}, load=refuse is None
            )
            parked = await store.read_parked(connection, service.name, referral_id)
            case = run.cases[referral_id]
            done: list[int] = []
            case.parked = False
            for event in parked[:most]:
                repeated = event.sequence <= case.marks[event.source]
                reason = None if repeated else refuse or self._answer(run, case, event)
                if reason:
                    case.parked = True
                    trace = traces.trace_id_of(event.body)
                    await store.give_reason(
                        connection, service.name, referral_id, event.position, reason, trace
                    )
                    break
                case.marks[event.source] = max(case.marks[event.source], event.sequence)
                done.append(event.position)
            more = not case.parked and len(parked) > len(done)
            case.parked |= more
            case.replayed = not more
            await store.unpark(connection, service.name, referral_id, done)
            await self._save(connection, run)
            await self._append(connection, run)
        self._report(run)
        return more

    # --- commands ----------------------------------------------------------------------------

    async def submit(self, command: Command[S]) -> Answer:
        """Do what `command` asks, together with others that came at the same time, and answer
        after the commit. Raises DomainError where it is refused, DatabaseAway where PostgreSQL
        cannot be reached; the same idempotency key may then be sent again."""
        claim = command.claim
        if claim and not self._in_progress.isdisjoint({(claim.client, claim.key)}):
            raise idempotency.still_running()
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if claim:
            self._in_progress.add((claim.client, claim.key))
        try:
            self._waiting.put_nowait((command, answered))
            return await answered
        finally:
            if claim:
                self._in_progress.discard((claim.client, claim.key))

    async def run_commands(self) -> None:
        """Serve `submit` until cancelled."""
        while True:
            group = [await self._waiting.get()]
            while len(group) < GROUP and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            try:
                await self._run_group([entry for entry in group if not entry[1].cancelled()])
            except asyncio.CancelledError:
                while not self._waiting.empty():
                    group.append(self._waiting.get_nowait())
                for _, answered in group:
                    if not answered.done():
                        answered.set_exception(DatabaseAway())
                raise

    async def _run_group(
        self, group: Sequence[tuple[Command[S], asyncio.Future[Answer]]]
    ) -> None:
        commands = [command for command, _ in group]
        try:
            answers = await self._tried(lambda: self._run_commands(commands))
        except Exception as error:  # noqa: BLE001  (each caller is told; the loop lives on)
            if len(group) > 1 and _reason(error):
                middle = len(group) // 2
                await self._run_group(group[:middle])
                await self._run_group(group[middle:])
                return
            answers = [error] * len(group)
        for (_, answered), answer in zip(group, answers, strict=True):
            if answered.done():
                continue
            if isinstance(answer, Answer):
                answered.set_result(answer)
            else:
                answered.set_exception(answer)

    async def _run_commands(self, commands: Sequence[Command[S]]) -> list[Answer | Exception]:
        service = self.service
        answers: dict[int, Answer | Exception] = {}
        async with service.database.transaction() as connection:
            now = service.clock()
            claims = {
                place: command.claim for place, command in enumerate(commands) if command.claim
            }
            answers.update(await idempotency.claim(connection, claims, now, Answer))
            todo = [
                (place, command)
                for place, command in enumerate(commands)
                if place not in answers
            ]
            if not todo:
                return [answers[place] for place in range(len(commands))]
            run = await self._open(
                connection,
                {(command.referral_id, service.source): command.authority for _, command in todo},
            )
            for place, command in todo:
                answers[place] = self._obey(run, command)
            done: list[tuple[idempotency.Claim, int, bytes]] = []
            refused: list[idempotency.Claim] = []
            for place, _ in todo:
                answer = answers[place]
                if place not in claims:
                    continue
                if isinstance(answer, Answer):
                    done.append((claims[place], answer.status, answer.body))
                else:
                    refused.append(claims[place])
            await idempotency.keep(connection, done, refused)
            await self._save(connection, run)
            await self._append(connection, run)
        self._report(run)
        return [answers[place] for place in range(len(commands))]

    def _obey(self, run: _Run[S], command: Command[S]) -> Answer | Exception:
        service = self.service
        case = run.cases[command.referral_id]
        try:
            change, told = command.decide(case.state, service.policy, service.ids, run.now)
            outgoing = self._outgoing(case, change, run.now, None, command.traceparent)
        except Exception as refusal:  # noqa: BLE001  (the caller is told; nothing was changed)
            return refusal
        self._apply(case, change, outgoing)
        if command.audit:
            run.audit.append(command.audit)
        body = to_json({**told, "sequence": case.marks[service.source]})
        return Answer(command.status, body)

    # --- due times ---------------------------------------------------------------------------

    async def sweep(self, due: Mapping[UUID, str], handle: Sweep[S]) -> int:
        """Let `handle` look at the cases of `due` (referral id to authority) that nobody else is
        working on. Returns how many were looked at. A case at which it fails stays as it is, and
        is logged. Raises DatabaseAway."""
        try:
            count, run = await self._tried(lambda: self._sweep(due, handle))
        except Exception as error:
            if _reason(error) is None:
                raise
            if len(due) == 1:
                self._sweep_fault(next(iter(due)))
                return 0
            order = sorted(due)
            middle = len(order) // 2
            return sum(
                [
                    await self.sweep({one: due[one] for one in half}, handle)
                    for half in (order[:middle], order[middle:])
                ]
            )
        if run:
            self._report(run)
        return count

    async def _sweep(
        self, due: Mapping[UUID, str], handle: Sweep[S]
    ) -> tuple[int, _Run[S] | None]:
        service = self.service
        async with service.database.transaction() as connection:
            free = await store.lock_free_cases(
                connection, service.name, service.source, list(due)
            )
            if not free:
                return 0, None
            run = await self._open(
                connection,
                {(referral_id, service.source): due[referral_id] for referral_id in free},
            )
            for referral_id in free:
                self._look(run, run.cases[referral_id], handle)
            await self._save(connection, run)
            await self._append(connection, run)
        return len(free), run

    def _look(self, run: _Run[S], case: _Case[S], handle: Sweep[S]) -> None:
        if case.state is None:
            return
        service = self.service
        try:
            change = handle(case.state, service.policy, service.ids, run.now)
            if change is not None:
                self._apply(case, change, self._outgoing(case, change, run.now, None, None))
        except Exception:  # noqa: BLE001  (the other cases' time has come too)
            self._sweep_fault(case.referral_id)

    def _sweep_fault(self, referral_id: UUID) -> None:
        log.exception(
            "sweep_fault", consumer=self.service.name, referral_id=str(referral_id)
        )

    # --- what all three share ----------------------------------------------------------------

    async def _open(
        self, connection: Connection, pairs: Mapping[tuple[UUID, str], str], *, load: bool = True
    ) -> _Run[S]:
        """Lock the cases of `pairs` (referral, source), given each one's authority, and load
        them. Without `load` they can only be parked."""
        service = self.service
        authorities = {referral: authority for (referral, _), authority in pairs.items()}
        wanted = {*pairs, *((referral, service.source) for referral in authorities)}
        marks = await store.lock_marks(
            connection, service.name, service.source, sorted(wanted)
        )
        parked = {referral for (referral, _), (_, aside) in marks.items() if aside}
        states = await service.store.load(connection, sorted(authorities)) if load else {}
        cases = {
            referral: _Case(
                referral_id=referral,
                authority=authority,
                before=states.get(referral),
                state=states.get(referral),
                marks={},
                parked=referral in parked,
            )
            for referral, authority in authorities.items()
        }
        for (referral, source), (sequence, _) in marks.items():
            cases[referral].marks[source] = sequence
        return _Run(service.clock(), cases)

    def _outgoing(
        self,
        case: _Case[S],
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

    def _apply(self, case: _Case[S], change: Change[S], outgoing: list[Outgoing]) -> None:
        case.state = change.state
        case.emitted.extend(outgoing)
        case.marks[self.service.source] += len(outgoing)

    async def _save(self, connection: Connection, run: _Run[S]) -> None:
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
        await store.save_marks(
            connection,
            service.name,
            [
                (case.referral_id, source, sequence, case.parked, case.replayed)
                for case in cases
                for source, sequence in sorted(case.marks.items())
            ],
        )

    async def _append(self, connection: Connection, run: _Run[S]) -> None:
        if run.audit:
            await append_audit(connection, run.audit, run.now)
        emitted = [
            event for referral in sorted(run.cases) for event in run.cases[referral].emitted
        ]
        if emitted:
            await self.service.append(connection, emitted)

    def _report(self, run: _Run[S]) -> None:
        for kind, outcome in run.outcomes:
            metrics.EVENTS_HANDLED.labels(self.service.name, _short(kind), outcome).inc()
        if any(case.emitted for case in run.cases.values()):
            self.service.bell.ring()

    async def _tried(self, attempt: Callable[[], Awaitable[R]]) -> R:
        for again in range(TRIES):
            try:
                return await attempt()
            except AGAIN as error:
                if again == TRIES - 1:
                    raise DatabaseAway from error
        raise AssertionError


def _reason(error: Exception) -> str | None:
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
