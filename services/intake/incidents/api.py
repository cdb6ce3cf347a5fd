"""What staff say of two agencies' telling of one incident. For the hub alone: neither referrer
hears of the other (practice rule 14)."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Response
from pydantic import BaseModel, ConfigDict

from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from chassis.restriction import store as restrictions
from chassis.stream.kernel import Kernel
from policy.matching import State
from services.intake import answers
from services.intake.domain import Case
from services.intake.incidents import linking
from services.intake.people.story import by_another, matches_of
from services.intake.store import IntakeStore

SAYERS = ("practitioner", "manager", "duty")


class IncidentBody(BaseModel):
    """What you say of another agency's referral: that it tells of the same incident (`linked`), or
    that it does not (`not_same`). Both stay as they are, and each referrer gets an own answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    other_referral_id: UUID
    state: Literal[State.LINKED, State.NOT_SAME]


def router(kernel: Kernel[Case], store: IntakeStore) -> APIRouter:
    """What staff say of incidents."""
    routes = APIRouter(tags=["people"])
    service = kernel.service

    @routes.post("/v1/referrals/{referral_id}/incidents", **answers.described(answers.IncidentSaid))
    async def say(
        caller: Annotated[Caller, Depends(staff(*SAYERS))],
        referral_id: UUID,
        body: Annotated[IncidentBody, Body()],
    ) -> Response:
        """Say that this and another agency's referral tell of one incident, or that they do not.
        It is kept in both, with your name; no later look-up changes it, and you can say otherwise
        later."""
        authorities = sorted(caller.authorities)
        async with service.database.connection() as connection:
            case = await store.read_for_staff(connection, referral_id, authorities)
            if case is None:
                raise NotFound("referral_not_found", "There is no such referral.")
            seen = await restrictions.visible(
                connection, [body.other_referral_id], seer_of(caller, service.clock())
            )
            loaded = await store.load(connection, sorted(seen))
        other = loaded.get(body.other_referral_id)
        if other is None or other.authority != case.authority or not _related(case, other):
            raise _refused("is no other referral that somebody on this one is on, too")
        if not by_another(case, other):
            raise _refused("came from the same agency")
        answer = await linking.say(kernel, case, other, body.state, caller)
        return Response(answer.body, answer.status, media_type="application/json")

    return routes


def _related(case: Case, other: Case) -> bool:
    return any(
        match.other_referral_id == other.referral_id and match.state is not State.NOT_SAME
        for match in matches_of(case, (other,))
    )


def _refused(detail: str) -> Any:
    wrong = FieldError("/other_referral_id", detail)
    return InvalidInput("invalid_incident", "Some fields are wrong.", errors=(wrong,))
