"""What the house itself asks of every service about its stream. Never routed by a gateway."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from chassis.identity import Caller, service
from chassis.stream import store
from chassis.stream.kernel import Kernel


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

    return routes
