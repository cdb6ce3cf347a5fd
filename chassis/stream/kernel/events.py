"""Answering events, and parking and replaying those that cannot be answered."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar
from uuid import UUID

from chassis.database import Connection
from chassis.errors import DomainError
from chassis.stream import store
from chassis.stream.faults import Point
from chassis.stream.kernel import keeping
from chassis.stream.kernel.batch import BatchOf, Folding, Run, reason_of
from chassis.stream.kernel.saving import Saving
from chassis.stream.port import Batch, EventSource, Received
from chassis.telemetry import logs, traces
from contracts.envelope import Event, EventData
from contracts.events import ReferralErased
from contracts.registry import parse, type_of
from policy.loading import UnknownVersion

S = TypeVar("S")

TOGETHER = 100
"""How many cases are saved at once."""

PORTION = 20
"""How many events are parsed or folded before others have their turn."""

ERASED = type_of(ReferralErased).type

log = logs.get_logger(__name__)


class Events(Generic[S]):
    """One service's answers to the stream."""

    def __init__(self, batch: BatchOf[S]) -> None:
        self.service = batch.service
        self._batch = batch
        self._parsed: dict[tuple[int, int], Event[EventData] | None] = {}

    async def answer(self, source: EventSource, batch: Batch) -> None:
        """Answer a batch of events, all of it, in order.

        Raises DatabaseAway or UnknownVersion with nothing changed: read the batch again later.
        """
        try:
            run = await self._batch.tried(lambda: self._answer_events(source, batch))
        except Exception as error:
            reason = reason_of(error)
            if reason is None:
                raise
            if len(batch.events) > 1:
                for half in batch.halves():
                    await self.answer(source, half)
                return
            log.exception("event_fault", consumer=self.service.name)
            run = await self._batch.tried(lambda: self._answer_events(source, batch, refuse=reason))
        await self.service.faults(Point.COMMITTED)
        if run:
            self._batch.report(run)
        await source.settled(batch)

    async def read(self, source: EventSource, limit: int) -> Batch | None:
        """The next batch. Its events are parsed here, in small portions, which costs nothing while
        the batch before it waits for its database."""
        batch = await source.read(limit)
        if batch is None:
            return None
        await self.service.faults(Point.EVENTS_READ)
        for place, received in enumerate(batch.events):
            if place % PORTION == 0:
                await asyncio.sleep(0)
            with suppress(ValueError):
                self._parsed[_at(received)] = parse(received.type, received.body)
        return batch

    async def _answer_events(
        self, source: EventSource, batch: Batch, refuse: str | None = None
    ) -> Run[S] | None:
        service = self.service
        async with service.database.transaction() as connection:
            run: Run[S] | None = None
            if batch.events:
                run = await self._batch.open(
                    connection,
                    {event.referral_id: event.authority for event in batch.events},
                    load=refuse is None,
                )
                await self._batch.read_marks(connection, run)
                await self._fold(connection, run, batch, refuse)
                await keeping.keep(connection, run.facts, run.now)
                await self._batch.save_marks(connection, run)
            await source.settle(connection, batch)
            await service.faults(Point.SETTLED)
            if run:
                await self._batch.append(connection, run)
        return run

    async def _fold(
        self, connection: Connection, run: Run[S], batch: Batch, refuse: str | None
    ) -> None:
        """Fold referral by referral, in order of id, and save the first of them while the next
        are folded."""
        of: dict[UUID, list[Received]] = {referral: [] for referral in run.cases}
        for received in batch.events:
            of[received.referral_id].append(received)
        folded: list[Folding[S]] = []
        count, portion = 0, 0
        async with Saving(partial(self._batch.save_states, connection, run)) as saving:
            for referral, case in run.cases.items():
                for received in of[referral]:
                    self._fold_event(run, case, received, refuse)
                folded.append(case)
                count += len(of[referral])
                if len(folded) >= TOGETHER:
                    await saving.save(folded)
                    folded = []
                if count >= portion + PORTION:
                    portion = count
                    await asyncio.sleep(0)
            await self.service.faults(Point.FOLDED)
            await saving.save(folded)

    def _fold_event(
        self, run: Run[S], case: Folding[S], received: Received, refuse: str | None
    ) -> None:
        if received.sequence <= case.marks.get(received.source, 0):
            run.outcomes[received.type, "repeated"] += 1
            return
        if case.erased:
            case.marks[received.source] = received.sequence
            run.outcomes[received.type, "erased"] += 1
            return
        if case.parked and received.type != ERASED:
            self._park(run, case, received, "behind")
            return
        reason = refuse or self._answer(run, case, received)
        if reason:
            self._park(run, case, received, reason)
            return
        case.marks[received.source] = received.sequence
        # Nothing that was parked is left of an erased case.
        case.parked &= not case.erased
        run.outcomes[received.type, "handled"] += 1

    def _answer(self, run: Run[S], case: Folding[S], received: Received) -> str | None:
        """Let the domain answer one event. A reason code when it cannot."""
        service = self.service
        with traces.handling(
            service.name, received.type, received.body, received.partition, received.position
        ) as trace:
            try:
                event = self._parsed.pop(_at(received), None) or parse(received.type, received.body)
                if event is None:
                    return None
                handler = service.handlers.get(type(event.data))
                change = (
                    handler(case.state, event, service.policy, service.ids, run.now)
                    if handler
                    else None
                )
                if change is not None:
                    made = (
                        self._batch.outgoing(case, change, run.now, event, trace.traceparent)
                        if change.events
                        else []
                    )
                    self._batch.apply(run, case, change, made)
                self._batch.note(run, case, event.data)
            except UnknownVersion:
                raise
            except DomainError as refusal:
                return refusal.code
            except Exception as fault:
                log.exception("event_fault", type=received.type, trace_id=trace.trace_id)
                return f"fault_{type(fault).__name__}"
        return None

    def _park(self, run: Run[S], case: Folding[S], received: Received, reason: str) -> None:
        case.parked = True
        run.parked.append((received, reason, traces.trace_id_of(received.body)))
        run.outcomes[received.type, "parked"] += 1
        log.error(
            "event_parked",
            consumer=self.service.name,
            type=received.type,
            referral_id=str(received.referral_id),
            reason=reason,
        )

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
                more = await self._batch.tried(partial(replay, most))
            except Exception as error:
                reason = reason_of(error)
                if reason is None:
                    raise
                if most is None:
                    most = 1
                    continue
                log.exception("event_fault", consumer=self.service.name)
                more = await self._batch.tried(partial(replay, most, refuse=reason))

    async def _replay(
        self, referral_id: UUID, authority: str, most: int | None, *, refuse: str | None = None
    ) -> bool:
        """Try the first `most` parked events. Whether there are more to try."""
        service = self.service
        async with service.database.transaction() as connection:
            run = await self._batch.open(connection, {referral_id: authority}, load=refuse is None)
            await self._batch.read_marks(connection, run)
            parked = await store.read_parked(connection, service.name, referral_id)
            case = run.cases[referral_id]
            done: list[int] = []
            case.parked = False
            for event in parked[:most]:
                handled = case.marks.get(event.source, 0)
                repeated = event.sequence <= handled or case.erased
                reason = None if repeated else refuse or self._answer(run, case, event)
                if reason:
                    case.parked = True
                    trace = traces.trace_id_of(event.body)
                    await store.give_reason(
                        connection, service.name, referral_id, event.position, reason, trace
                    )
                    break
                case.marks[event.source] = max(handled, event.sequence)
                done.append(event.position)
            more = not case.parked and len(parked) > len(done)
            case.parked |= more
            if not more:
                await store.end_replay(connection, service.name, referral_id)
            await store.unpark(connection, service.name, referral_id, done)
            await self._batch.save(connection, run)
            await self._batch.append(connection, run)
        self._batch.report(run)
        return more


def _at(received: Received) -> tuple[int, int]:
    return received.partition, received.position
