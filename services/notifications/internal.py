"""What the house itself asks of notifications. Never routed by a gateway."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.audit import AuditEntry
from chassis.identity import Caller, service
from chassis.stream.kernel import Command, Kernel
from services.notifications.domain import Case
from services.notifications.domain.queueing import alert_unprocessed


class AlertBody(BaseModel):
    """A referral that the watchdog found not processed, and the code of what is wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    referral_id: UUID
    authority: str = Field(max_length=60)
    reason: str = Field(max_length=60)


def router(kernel: Kernel[Case]) -> APIRouter:
    """Alerts that no event can bring, because events are what went wrong."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/alerts")
    async def alert(
        caller: Annotated[Caller, Depends(service())], body: AlertBody
    ) -> Mapping[str, Any]:
        """Alert the duty manager and duty. 404 says that this referral is not known here either."""
        day = kernel.service.clock().date().isoformat()
        cause = uuid5(NAMESPACE_URL, f"{body.referral_id}/{body.reason}/{day}")

        await kernel.submit(
            Command(
                referral_id=body.referral_id,
                authority=body.authority,
                decide=lambda state, policy, ids, now: alert_unprocessed(
                    state, cause, policy, ids, now
                ),
                audit=AuditEntry(
                    "unprocessed_alerted",
                    caller,
                    body.authority,
                    body.referral_id,
                    {"reason": body.reason},
                ),
            )
        )
        return {"alerted": True}

    return routes
