"""What the house itself asks of every service about its stream. Never routed by a gateway."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.audit import store as trail
from chassis.identity import Caller, service
from chassis.stream import store
from chassis.stream.kernel import Kernel


class IdsBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: tuple[UUID, ...] = Field(max_length=500)
    purpose: str = Field(max_length=80)


def router(kernel: Kernel[Any]) -> APIRouter:
    """The watchdog's question to one service."""
    routes = APIRouter(include_in_schema=False)
    asked = kernel.service

    @routes.get(f"/internal/v1/{asked.name}/parked")
    async def parked(caller: Annotated[Caller, Depends(service())]) -> Mapping[str, Any]:
        """Every referral that the service's consumer has put aside."""
        del caller
        async with asked.database.connection() as connection:
            rows = await store.list_parked(connection, asked.name, asked.policy.authorities)
        return {
            "items": [
                {"referral_id": row["referral_id"], "authority": row["authority"]} for row in rows
            ]
        }

    @routes.post(f"/internal/v1/{asked.name}/audit:batch")
    async def audited(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """What people did with some referrals here, and who read them: for subject access."""
        async with asked.database.transaction() as connection:
            rows = await trail.of_referrals(connection, body.ids)
        del caller
        return {"items": [dict(row) for row in rows]}

    return routes
