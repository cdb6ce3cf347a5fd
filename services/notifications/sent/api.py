"""What was sent about some referrals, for intake's bundles. Never routed by a gateway."""

import json
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis import audit
from chassis.identity import Caller, service
from chassis.stream.kernel import Kernel
from chassis.vault import Vault
from services.notifications.domain import Case
from services.notifications.sent import store


class IdsBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: tuple[UUID, ...] = Field(max_length=500)
    purpose: str = Field(max_length=80)


def router(kernel: Kernel[Case], vault: Vault) -> APIRouter:
    """What other services read."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/notifications/messages:batch")
    async def messages(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """Every message about these referrals, with what was sent. Audited."""
        async with kernel.service.database.transaction() as connection:
            rows = await store.sent(connection, vault, body.ids)
            entries = [
                audit.AuditEntry(
                    "messages_read", caller, authority, referral_id, {"purpose": body.purpose}
                )
                for referral_id, authority in sorted(
                    {(row["referral_id"], row["authority"]) for row in rows}
                )
            ]
            await audit.append(connection, entries, kernel.service.clock())
        return {
            "items": [
                {**row, "rendered": json.loads(row["rendered"]) if row["rendered"] else None}
                for row in rows
            ]
        }

    return routes
