"""All that allocation holds of some referrals in words, for copies of what is held about a person.
Never routed by a gateway."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis import audit
from chassis.identity import Caller, service
from chassis.stream.kernel import Kernel
from services.allocation.domain import Case
from services.allocation.store import AllocationStore


class IdsBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: tuple[UUID, ...] = Field(max_length=500)
    purpose: str = Field(max_length=80)


def router(kernel: Kernel[Case], store: AllocationStore) -> APIRouter:
    """What intake asks."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/allocation/held:batch")
    async def held(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """What was reached with the family and when, and everything that was written of the work:
        plans, meetings, what panels agreed, what agencies were asked, what the family said.
        Audited."""
        async with kernel.service.database.transaction() as connection:
            cases = await store.load(connection, body.ids)
            notes = {one: await store.notes(connection, one) for one in cases}
            entries = audit.read_for("words_read", caller, cases.values(), body.purpose)
            await audit.append(connection, entries, kernel.service.clock())
        return {
            "items": [
                {
                    "referral_id": case.referral_id,
                    "milestones": [
                        {
                            "milestone": one.milestone,
                            "on": one.on,
                            "scores": {score.area: score.score for score in one.scores},
                            "children": one.children,
                            "kept_as": one.kept_as,
                        }
                        for one in case.milestones
                    ],
                    "written": [
                        {"kind": one.kind, "written_at": one.written_at, "text": one.text}
                        for one in notes[case.referral_id]
                    ],
                }
                for case in cases.values()
            ]
        }

    return routes
