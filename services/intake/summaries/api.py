"""What notifications reads to write summaries. Never routed by a gateway."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chassis.identity import Caller, service
from chassis.stream.kernel import Service
from services.intake.domain import Case
from services.intake.summaries import store
from services.intake.telling import TOLD_LITTLE


class SummaryBody(BaseModel):
    """Since when, and of which organisation alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    authority: str = Field(max_length=60)
    since: AwareDatetime
    organisation_id: UUID | None = None


def internal_router(asked: Service[Case]) -> APIRouter:
    """Organisations whose leads have an address, with their referrals."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/intake/summaries")
    async def summaries(
        caller: Annotated[Caller, Depends(service())], body: SummaryBody
    ) -> Mapping[str, Any]:
        """Each organisation with its referrals that wait or changed since, in codes. What is told
        about members of the public's referrals is not told here either."""
        del caller
        since: datetime = body.since
        async with asked.database.connection() as connection:
            rows = await store.open_or_changed(
                connection, body.authority, since, body.organisation_id
            )
        told = [row for row in rows if row["source_agency"] not in TOLD_LITTLE]
        return {
            "items": [
                {
                    "organisation_id": organisation_id,
                    "name": name,
                    "address": address,
                    "referrals": [
                        {
                            key: row[key]
                            for key in ("referral_id", "reference", "stage", "received_at")
                        }
                        for row in group
                    ],
                }
                for (organisation_id, name, address), group in groupby(
                    told, key=lambda row: (row["organisation_id"], row["name"], row["lead_email"])
                )
            ]
        }

    return routes
