"""Looking at cases because their time has come, not because something happened."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from chassis.stream import store
from chassis.stream.faults import Point
from chassis.stream.kernel.batch import BatchOf, Folding, Run, reason_of
from chassis.stream.kernel.service import Sweep
from chassis.telemetry import logs, metrics, traces

S = TypeVar("S")

log = logs.get_logger(__name__)


class Sweeps(Generic[S]):
    """One service's due times."""

    def __init__(self, batch: BatchOf[S]) -> None:
        self.service = batch.service
        self._batch = batch

    async def sweep(
        self, due: Mapping[UUID, str], handle: Sweep[S], failed: set[UUID] | None = None
    ) -> int:
        """Let `handle` look at the cases of `due` (referral id to authority) that nobody else is
        working on. Returns how many were looked at. A case at which it fails stays as it is, is
        logged, counted, and added to `failed`. Raises DatabaseAway."""
        failed = set() if failed is None else failed
        try:
            count, run = await self._batch.tried(lambda: self._sweep(due, handle, failed))
        except Exception as error:
            if reason_of(error) is None:
                raise
            if len(due) == 1:
                self._sweep_fault(next(iter(due)), failed)
                return 0
            order = sorted(due)
            middle = len(order) // 2
            return sum(
                [
                    await self.sweep({one: due[one] for one in half}, handle, failed)
                    for half in (order[:middle], order[middle:])
                ]
            )
        if run:
            self._batch.report(run)
        return count

    async def _sweep(
        self, due: Mapping[UUID, str], handle: Sweep[S], failed: set[UUID]
    ) -> tuple[int, Run[S] | None]:
        service = self.service
        async with service.database.transaction() as connection:
            free = await store.lock_free_cases(connection, service.name, service.source, list(due))
            if not free:
                return 0, None
            run = await self._batch.open(
                connection, {referral_id: due[referral_id] for referral_id in free}
            )
            # Only an exporter has a use for them.
            earlier = (
                await store.traces(connection, service.source, free) if traces.exporting() else {}
            )
            for referral_id in free:
                case = run.cases[referral_id]
                self._look(run, case, handle, failed, earlier.get(referral_id, []))
                # Many due at once must not keep everybody else waiting.
                await asyncio.sleep(0)
            await service.faults(Point.FOLDED)
            await self._batch.save(connection, run)
            await self._batch.append(connection, run)
        await service.faults(Point.COMMITTED)
        return len(free), run

    def _look(
        self,
        run: Run[S],
        case: Folding[S],
        handle: Sweep[S],
        failed: set[UUID],
        earlier: Sequence[str],
    ) -> None:
        if case.state is None:
            return
        service = self.service
        try:
            change = handle(case.state, service.policy, service.ids, run.now)
            if change is not None:
                with traces.due(service.name, earlier) as trace:
                    outgoing = self._batch.outgoing(case, change, run.now, None, trace.traceparent)
                self._batch.apply(run, case, change, outgoing)
        except Exception:
            self._sweep_fault(case.referral_id, failed)

    def _sweep_fault(self, referral_id: UUID, failed: set[UUID]) -> None:
        failed.add(referral_id)
        metrics.SWEEP_FAULTS.labels(self.service.name).inc()
        log.exception("sweep_fault", consumer=self.service.name, referral_id=str(referral_id))  # noqa: LOG004  (while the fault is handled)
