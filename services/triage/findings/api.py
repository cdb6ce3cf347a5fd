"""Saying that words which the reader found mean something else."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.http import etags
from chassis.identity import Caller, staff
from contracts.codes import DismissedBecause
from services.triage.domain import dismissing
from services.triage.orders import Orders, person

DECIDERS = staff("practitioner", "manager")


class DismissalBody(BaseModel):
    """A finding, as a reason of the suggestion names it: where in which text, and what for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    indicator: Annotated[str, Field(max_length=60)]
    text: Annotated[str, Field(max_length=80)]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    because: DismissedBecause


def router(orders: Orders) -> APIRouter:
    """What practitioners call."""
    routes = APIRouter(tags=["triage"])

    @routes.post("/v1/triage/referrals/{referral_id}/dismissals", status_code=201)
    async def dismiss(
        caller: Annotated[Caller, Depends(DECIDERS)],
        referral_id: UUID,
        body: DismissalBody,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Dismiss something that the reader found, after reading the words yourself. It changes no
        suggestion: it stands beside it, with your name and the reason, and goes with the decision
        into what was seen."""
        command = dismissing.Dismiss(
            person=person(caller),
            expected_version=etags.version(if_match),
            indicator=body.indicator,
            text=body.text,
            start=body.start,
            end=body.end,
            because=body.because,
        )
        return await orders.obey(
            caller,
            referral_id,
            "finding_dismissed",
            lambda state, policy, ids, now: dismissing.dismiss(state, command, policy, ids, now),
            details={"indicator": body.indicator, "because": body.because},
        )

    return routes
