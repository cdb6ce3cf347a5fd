"""The duty rota over HTTP: who is on duty or on call, and when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from chassis.audit import append as append_audit
from chassis.errors import NotFound
from chassis.identity import Caller
from chassis.stream.kernel import Service
from services.allocation.domain import Case
from services.allocation.workers import domain, reach, store
from services.allocation.workers.bodies import ShiftBody
from services.allocation.workers.reach import KEEPERS, READERS

ROTA = timedelta(days=7)


def router(service: Service[Case]) -> APIRouter:
    """What keeps the rota, and shows it."""
    routes = APIRouter(tags=["workers"])
    database = service.database

    @routes.post("/v1/workers/{worker_id}/shifts", status_code=201)
    async def shift(
        caller: Annotated[Caller, Depends(KEEPERS)], worker_id: UUID, body: ShiftBody
    ) -> Mapping[str, Any]:
        """Put somebody on the duty rota. The same beginning again changes the rest."""
        async with database.transaction() as connection:
            found = await reach.worker(connection, caller, worker_id, lock=True)
            turn = domain.shift(
                found,
                body.team,
                body.starts_at,
                body.ends_at,
                reach.section(service, caller, found.authority),
                on_call=body.on_call,
            )
            await store.save_shift(connection, found.authority, turn)
            entry = reach.entry("shift_noted", caller, found)
            await append_audit(connection, [entry], service.clock())
        return {"worker_id": worker_id, **body.model_dump()}

    @routes.delete("/v1/workers/{worker_id}/shifts/{starts_at}", status_code=204)
    async def no_shift(
        caller: Annotated[Caller, Depends(KEEPERS)], worker_id: UUID, starts_at: AwareDatetime
    ) -> None:
        """Take somebody off the duty rota."""
        async with database.transaction() as connection:
            found = await reach.worker(connection, caller, worker_id, lock=True)
            if not await store.drop_shift(connection, worker_id, starts_at):
                raise NotFound("shift_not_found", "There is no shift that begins then.")
            entry = reach.entry("shift_taken_back", caller, found)
            await append_audit(connection, [entry], service.clock())

    @routes.get("/v1/rota")
    async def rota(
        caller: Annotated[Caller, Depends(READERS)],
        start: Annotated[AwareDatetime | None, Query()] = None,
        end: Annotated[AwareDatetime | None, Query()] = None,
    ) -> Mapping[str, Any]:
        """Who is on duty or on call, by default from now for a week. Times are UTC."""
        begin = start or service.clock()
        until = min(end or begin + ROTA, begin + 5 * ROTA)
        async with database.connection() as connection:
            rows = await store.on_duty(connection, sorted(caller.authorities), begin, until)
        return {"items": [{**row, "now": _is_now(row, service.clock())} for row in rows]}

    return routes


def _is_now(row: Mapping[str, Any], now: datetime) -> bool:
    return bool(row["starts_at"] <= now < row["ends_at"])
