"""Disagreements under a referral's own address. Triage owns decisions, and what is said against them:
it is asked in the partner's own name."""

from typing import Annotated
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from chassis.errors import Unavailable
from chassis.identity import Caller, partner
from contracts.form import CLEAN_LINE, CLEAN_WORDS
from services.intake.callers import IdempotencyKey

SECONDS = 5.0
HANDED_ON = ("Idempotent-Replay", "Retry-After")


class DisagreementBody(BaseModel):
    """What you disagree with, and why. `immediate_risk`: a child is at risk now; `stage` may then
    be any, otherwise it begins at the first. `raised_by` is a name and a role."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    because: Annotated[str, Field(min_length=10, max_length=20_000), CLEAN_WORDS]
    raised_by: Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]
    immediate_risk: bool = False
    stage: Annotated[int, Field(ge=1, le=9)] = 1


def router(reads: httpx2.AsyncClient) -> APIRouter:
    """What partners call."""
    routes = APIRouter(tags=["referrals"])

    @routes.post("/v1/referrals/{referral_id}/disagreements", status_code=201)
    async def disagree(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        referral_id: UUID,
        body: DisagreementBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Disagree with what was decided. The case goes on meanwhile. The answer says who owns
        this stage and by when they answer."""
        del caller
        headers = {
            "Authorization": request.headers["Authorization"],
            "Content-Type": "application/json",
        }
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        sent = to_json({"referral_id": referral_id, **body.model_dump()})
        try:
            answer = await reads.post(
                "/v1/disagreements", content=sent, headers=headers, timeout=SECONDS
            )
        except httpx2.HTTPError as fault:
            raise Unavailable("triage_away", "Disagreements can't be taken now.") from fault
        kept = {name: answer.headers[name] for name in HANDED_ON if name in answer.headers}
        return Response(
            answer.content, answer.status_code, kept, media_type=answer.headers["Content-Type"]
        )

    return routes
