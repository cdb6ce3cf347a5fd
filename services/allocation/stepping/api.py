"""Steps over HTTP."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.http import paging
from chassis.identity import Caller, staff
from services.allocation.callers import LEADS
from services.allocation.domain.helping import Direction
from services.allocation.offers.desk import Desk, answerer, told
from services.allocation.stepping import domain, store
from services.allocation.stepping.bodies import ReturnBody, StepBody, TransferBody
from services.allocation.stepping.domain import Move

PAGE: Final = 100
NONE: Final = UUID(int=0)
RECEIVERS = staff("practitioner", "manager", "duty", "coordinator")
MANAGERS = staff("coordinator", "manager")
Cursor = Annotated[str | None, Query(max_length=500)]


def router(desk: Desk) -> APIRouter:
    """What leads and receivers do."""
    routes = APIRouter(tags=["stepping"])
    database = desk.kernel.service.database

    async def move(
        action: str, caller: Caller, allocation_id: UUID, said: Mapping[str, Any]
    ) -> Response:
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        command = Move(allocation_id, who=answerer(caller, found), **said)
        answer = await desk.do(
            action,
            caller,
            found,
            partial(domain.ask, command),
            status=201,
            details={"direction": command.direction, "reason": command.reason},
        )
        return told(answer)

    @routes.post("/v1/work/{allocation_id}/steps", status_code=201)
    async def step(
        caller: Annotated[Caller, Depends(LEADS)], allocation_id: UUID, body: StepBody
    ) -> Response:
        """Ask that a case steps up or down. Whoever has it goes on until the receiver accepts; the
        story goes along. A step down needs the family's agreement. `loops` says that it went up
        and down three times."""
        return await move("step_asked", caller, allocation_id, body.model_dump())

    @routes.post("/v1/allocations/{allocation_id}/return", status_code=201)
    async def give_back(
        caller: Annotated[Caller, Depends(RECEIVERS)], allocation_id: UUID, body: ReturnBody
    ) -> Response:
        """Give a case that stepped up or down back, with a reason."""
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        answer = await desk.do(
            "step_given_back",
            caller,
            found,
            partial(
                domain.give_back, allocation_id, body.reason, body.note, answerer(caller, found)
            ),
            status=201,
            details={"reason": body.reason},
        )
        return told(answer)

    @routes.post("/v1/work/{allocation_id}/transfer", status_code=201)
    async def transfer(
        caller: Annotated[Caller, Depends(MANAGERS)], allocation_id: UUID, body: TransferBody
    ) -> Response:
        """Ask another authority to take a case. It is kept here until they have accepted it."""
        said = {"direction": Direction.AWAY, "planned": True, **body.model_dump()}
        return await move("transfer_asked", caller, allocation_id, said)

    @routes.get("/v1/loops")
    async def loops(
        caller: Annotated[Caller, Depends(RECEIVERS)], cursor: Cursor = None
    ) -> Mapping[str, Any]:
        """Cases that went up and down three times or more."""
        after = paging.decode(cursor, (UUID,))[0] if cursor else NONE
        async with database.connection() as connection:
            rows = await store.loops(connection, sorted(caller.authorities), after, PAGE + 1)
        more = len(rows) > PAGE
        items = rows[:PAGE]
        following = paging.encode((items[-1]["referral_id"],)) if more else None
        return {"items": items, "next": following}

    return routes
