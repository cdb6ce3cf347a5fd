"""Offers over HTTP: asked by hand, handed back, and who is not to be asked."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response

from chassis.database import Connection
from chassis.http import etags
from chassis.identity import Caller, staff
from policy.allocation import Candidate, Load
from services.allocation.callers import LEADS
from services.allocation.domain import Decline, decline
from services.allocation.offers import domain, store
from services.allocation.offers.bodies import (
    DeclineBody,
    ExclusionBody,
    OfferBody,
    PreferenceBody,
)
from services.allocation.offers.desk import Desk, answerer, candidate, told, unknown
from services.allocation.offers.domain import Before
from services.allocation.workers import store as workers

PAGE: Final = 100
SHOWN: Final = 100
FIRST: Final = (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0))
READERS = staff("practitioner", "manager", "duty", "coordinator", "panel_chair")
COORDINATORS = staff("coordinator", "manager")

IfMatch = Annotated[str | None, Header(alias="If-Match")]
Roster = tuple[dict[UUID, Candidate], dict[UUID, Load]]


def router(desk: Desk) -> APIRouter:
    """What coordinators ask and do."""
    routes = APIRouter(tags=["allocation"])
    service = desk.kernel.service
    database = service.database

    @routes.post("/v1/allocations/{allocation_id}/offers", status_code=201)
    async def by_hand(
        caller: Annotated[Caller, Depends(COORDINATORS)], allocation_id: UUID, body: OfferBody
    ) -> Response:
        """Offer work to somebody whom you choose, and say why. 422 where they must not take it:
        no hours, a conflict of interest, above the level that they lead, a statutory task."""
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
            candidates, _ = await desk.roster(connection, found.authority)
            before = await store.before(connection, [found.referral_id])
        command = domain.OfferByHand(
            allocation_id,
            candidate(candidates, body.worker_id, "/worker_id"),
            answerer(caller, found),
            body.reason,
            body.joint,
            body.note,
        )
        known = before.get(found.referral_id, Before())
        answer = await desk.do(
            "allocation_offered_by_hand",
            caller,
            found,
            lambda state, policy, ids, now: domain.offer_by_hand(
                state, command, known, policy, ids, now
            ),
            status=201,
            details={"worker_id": str(body.worker_id), "reason": body.reason},
        )
        return told(answer)

    @routes.post("/v1/allocations/{allocation_id}/decline", status_code=201)
    async def hand_back(
        caller: Annotated[Caller, Depends(LEADS)],
        allocation_id: UUID,
        body: DeclineBody,
        if_match: IfMatch = None,
    ) -> Response:
        """Hand an offer back with a reason; the next is asked. 409 where it was answered before or
        has ended."""
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        command = Decline(
            allocation_id,
            answerer(caller, found),
            body.reason,
            body.note,
            etags.version(if_match),
        )
        answer = await desk.do(
            "offer_declined",
            caller,
            found,
            lambda state, policy, ids, now: decline(state, command, policy, ids, now),
            status=201,
            details={"reason": body.reason},
        )
        return told(answer)

    @routes.post("/v1/allocations/{allocation_id}/exclusions", status_code=201)
    async def leave_out(
        caller: Annotated[Caller, Depends(COORDINATORS)], allocation_id: UUID, body: ExclusionBody
    ) -> Response:
        """Leave a worker out for this family, for good reason or a conflict of interest. It holds
        for later referrals of the family too."""
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
            await _known(connection, found.authority, body.worker_id)
        answer = await desk.do(
            "worker_left_out",
            caller,
            found,
            partial(domain.bar, body.worker_id, body.because),
            status=201,
            details={"worker_id": str(body.worker_id), "because": body.because},
        )
        return told(answer)

    @routes.post("/v1/allocations/{allocation_id}/preference", status_code=201)
    async def prefer(
        caller: Annotated[Caller, Depends(COORDINATORS)], allocation_id: UUID, body: PreferenceBody
    ) -> Response:
        """Note whom the family asked for: they are asked first."""
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
            if body.worker_id is not None:
                await _known(connection, found.authority, body.worker_id)
        answer = await desk.do(
            "preference_noted",
            caller,
            found,
            partial(domain.prefer, body.worker_id),
            status=201,
        )
        return told(answer)

    return routes


async def _known(connection: Connection, authority: str, worker_id: UUID) -> None:
    if await workers.read(connection, worker_id, [authority]) is None:
        raise unknown("/worker_id")
