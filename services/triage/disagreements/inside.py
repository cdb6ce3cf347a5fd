"""Disagreements, for other services: what the page behind a decision's link shows and takes. The
link stands for whoever referred."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from chassis.errors import DomainError, NotFound
from chassis.identity import Caller, service
from policy.working_time import due
from services.triage.checks.desk import SentBody
from services.triage.disagreements.desk import Desk, FurtherBody, RaiseBody
from services.triage.disagreements.disagreement import DisagreementState
from services.triage.domain import Case


class TokenBody(SentBody):
    token: str = Field(max_length=200)


class LinkBody(TokenBody):
    """What is wanted behind a link: `raised` or `further` with its words, or `accepted`."""

    what: Literal["raised", "further", "accepted"]
    raised: RaiseBody | None = None
    further: FurtherBody | None = None


class LinkEnded(DomainError):
    """The link was good, and its time has passed."""

    status = 410


def router(desk: Desk) -> APIRouter:
    """What the console asks. Never routed by a gateway."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/triage/disagreements:opened")
    async def opened(
        caller: Annotated[Caller, Depends(service())], body: TokenBody
    ) -> Mapping[str, Any]:
        """What the page shows: how the referrer's disagreement stands, if there is one. Audited."""
        case = await _behind(desk, body.token)
        words = await desk.words(case)
        await desk.note_read(case, caller)
        mine = [
            one for one in case.disagreements if one.organisation_id == case.facts.organisation_id
        ]
        return {
            "reference": case.facts.reference,
            "items": [desk.shown(case, one, words.get(one.disagreement_id, {})) for one in mine],
        }

    @routes.post("/internal/v1/triage/disagreements:sent", status_code=201)
    async def sent(caller: Annotated[Caller, Depends(service())], body: LinkBody) -> Response:
        """Do what was asked on the page."""
        case = await _behind(desk, body.token)
        organisation = case.facts.organisation_id
        if body.what == "raised" and body.raised is not None:
            answer = await desk.raise_one(case, body.raised, caller, organisation)
        else:
            mine = next(
                (
                    one
                    for one in reversed(case.disagreements)
                    if one.organisation_id == organisation
                    and one.state is not DisagreementState.RESOLVED
                ),
                None,
            )
            if mine is None:
                raise NotFound("disagreement_not_found", "There is no such disagreement.")
            if body.what == "further" and body.further is not None:
                because = body.further.because
                answer = await desk.escalate(case, mine.disagreement_id, because, caller)
            else:
                answer = await desk.conclude(case, mine.disagreement_id, caller)
        return Response(answer.body, answer.status, media_type="application/json")

    return routes


async def _behind(desk: Desk, token: str) -> Case:
    """The case behind a link that is still good. Raises NotFound, LinkEnded."""
    referral_id = desk.links.subject("disagree", token)
    case = await desk.case(referral_id) if referral_id else None
    if case is None:
        raise NotFound("link_unknown", "This link leads nowhere. Was it copied whole?")
    service = desk.kernel.service
    pack = service.policy.version(case.authority, case.facts.pack_version)
    open_for = pack.disagreements.link_for
    # From the last change: an answer that is asked for late leaves time to take it further.
    until = due(
        case.updated_at, open_for.amount, open_for.unit, open_for.count, calendar=pack.calendar
    ).due_at
    if until <= service.clock():
        raise LinkEnded("link_ended", "The time of this link has passed. Ring the hub.")
    return case
