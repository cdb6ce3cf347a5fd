"""Claiming a referral, and giving it back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict

from chassis.identity import Caller, staff
from services.triage.domain import claiming
from services.triage.orders import Orders, person

READERS = staff("practitioner", "manager", "duty")


class ClaimBody(BaseModel):
    """`take_over`: a manager takes it from whoever is reading it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    take_over: bool = False


def router(orders: Orders) -> APIRouter:
    """What staff of the hub call."""
    routes = APIRouter(tags=["triage"])

    @routes.post("/v1/triage/referrals/{referral_id}/claim", status_code=201)
    async def claim(
        caller: Annotated[Caller, Depends(READERS)],
        referral_id: UUID,
        body: ClaimBody | None = None,
    ) -> Response:
        """Say that you are reading a referral: nobody else decides it meanwhile but a manager. It
        lapses when your shift ends, sooner for Red; claim it again for longer. 409 says that
        somebody else has it, or that it is decided."""
        command = claiming.TakeClaim(person(caller), take_over=bool(body and body.take_over))
        return await orders.obey(
            caller,
            referral_id,
            "claimed",
            lambda state, policy, ids, now: claiming.claim(state, command, policy, ids, now),
            details={"take_over": command.take_over},
        )

    @routes.post("/v1/triage/referrals/{referral_id}/release", status_code=201)
    async def release(caller: Annotated[Caller, Depends(READERS)], referral_id: UUID) -> Response:
        """Give a referral back. A manager may do it for somebody else."""
        command = claiming.Release(person(caller))
        return await orders.obey(
            caller,
            referral_id,
            "released",
            lambda state, policy, ids, now: claiming.release(state, command, policy, ids, now),
        )

    return routes
