"""Taking everything from a worker, when somebody leaves or is away for long."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header

from chassis.change import Change, Ids
from chassis.errors import DomainError, FieldError, InvalidInput, NotFound
from chassis.identity import Caller, staff
from policy.allocation import Candidate, Load
from policy.loading import PackSet
from services.allocation.domain import Case
from services.allocation.offers import domain, store
from services.allocation.offers.bodies import (
    ReassignmentBody,
)
from services.allocation.offers.desk import Desk, answerer, candidate
from services.allocation.offers.domain import Before
from services.allocation.store import Found
from services.allocation.workers import store as workers

PAGE: Final = 100
SHOWN: Final = 100
FIRST: Final = (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0))
READERS = staff("practitioner", "manager", "duty", "coordinator", "panel_chair")
COORDINATORS = staff("coordinator", "manager")

IfMatch = Annotated[str | None, Header(alias="If-Match")]
Roster = tuple[dict[UUID, Candidate], dict[UUID, Load]]


def router(desk: Desk) -> APIRouter:
    """What coordinators do before somebody leaves."""
    routes = APIRouter(tags=["workers"])
    database = desk.kernel.service.database

    @routes.post("/v1/workers/{worker_id}/reassignment")
    async def reassign(
        caller: Annotated[Caller, Depends(COORDINATORS)], worker_id: UUID, body: ReassignmentBody
    ) -> Mapping[str, Any]:
        """Take everything from a worker: to another, where that one may have it, else back to the
        team. It may be sent again where it was cut off."""
        async with database.connection() as connection:
            leaver = await workers.read(connection, worker_id, sorted(caller.authorities))
            if leaver is None:
                raise NotFound("worker_not_found", "There is no such worker.")
            candidates, _ = await desk.roster(connection, leaver.authority)
            theirs = await store.held(connection, worker_id)
            before = await store.before(connection, [referral for _, referral in theirs])
        to = candidate(candidates, body.to, "/to") if body.to else None
        if to is not None and to.worker_id == worker_id:
            wrong = FieldError("/to", "This is the worker from whom it is taken.")
            raise InvalidInput("same_worker", "Some fields are wrong.", errors=(wrong,))

        async def move(allocation_id: UUID, referral_id: UUID) -> str:
            found = Found(referral_id, leaver.authority, worker_id, None, None)
            known = before.get(referral_id, Before())
            if to is not None:
                command = domain.OfferByHand(
                    allocation_id, to, answerer(caller, found), body.reason
                )
                try:
                    await desk.do(
                        "worker_reassigned",
                        caller,
                        found,
                        partial(domain.give_on, command, leaver.team, known),
                    )
                except InvalidInput:
                    pass
                else:
                    return "offered"
            await desk.do(
                "worker_reassigned",
                caller,
                found,
                lambda state, policy, ids, now: (
                    _back(state, allocation_id, leaver.team, policy, ids, now),
                    {},
                ),
            )
            return "waiting"

        done = await asyncio.gather(*(move(*one) for one in theirs), return_exceptions=True)
        faults = [one for one in done if isinstance(one, BaseException)]
        if faults and not isinstance(faults[0], DomainError):
            raise faults[0]
        return {
            "worker_id": worker_id,
            "offered": done.count("offered"),
            "back_to_team": done.count("waiting"),
            "unchanged": len(faults),
        }

    return routes


def _back(
    state: Case | None, allocation_id: UUID, team: str, policy: PackSet, ids: Ids, now: datetime
) -> Change[Case]:
    if state is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return domain.put_back(state, allocation_id, team, "reassigned", policy, ids, now)
