"""Disagreements over HTTP, for those who referred or were asked."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from chassis.errors import NotFound
from chassis.http import idempotency, paging
from chassis.identity import Caller, partner
from chassis.stream.kernel import Answer
from services.triage.disagreements import store
from services.triage.disagreements.desk import Desk, FurtherBody, RaiseBody, may_raise
from services.triage.disagreements.disagreement import Disagreement
from services.triage.domain import Case

PAGE = 100
NEWEST = (datetime(2199, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


class RaiseAboutBody(RaiseBody):
    """A disagreement with what was decided about a referral."""

    referral_id: UUID


def router(desk: Desk) -> APIRouter:
    """What partners call."""
    routes = APIRouter(tags=["disagreements"])
    raiser = Depends(partner("referral.create"))

    async def own(caller: Caller, referral_id: UUID) -> Case:
        case = await desk.case(referral_id)
        if case is None or not may_raise(case, caller.organisation_id):
            raise NotFound("referral_not_found", "There is no such referral.")
        return case

    def mine(case: Case, caller: Caller, disagreement_id: UUID) -> Disagreement:
        for one in case.disagreements:
            same = one.organisation_id == caller.organisation_id
            if same and one.disagreement_id == disagreement_id:
                return one
        raise NotFound("disagreement_not_found", "There is no such disagreement.")

    async def own_page(caller: Caller, cursor: str | None) -> Mapping[str, Any]:
        if caller.organisation_id is None:
            return {"items": [], "next": None}
        before = paging.decode(cursor, (datetime, UUID)) if cursor else NEWEST
        async with desk.kernel.service.database.connection() as connection:
            rows = await store.list_own(connection, caller.organisation_id, before, PAGE + 1)
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        following = last and paging.encode((last["raised_at"], last["disagreement_id"]))
        return {"items": rows[:PAGE], "next": following}

    @routes.post("/v1/disagreements", status_code=201)
    async def raise_one(
        request: Request,
        caller: Annotated[Caller, raiser],
        body: RaiseAboutBody,
        idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> Response:
        """Disagree with a decision. The case goes on meanwhile. The answer says who owns this
        stage and by when they answer."""
        claim = idempotency.claim_of(
            caller.name, idempotency_key, await request.body(), target=request.url.path
        )
        case = await own(caller, body.referral_id)
        return _response(await desk.raise_one(case, body, caller, caller.organisation_id, claim))

    @routes.get("/v1/disagreements")
    async def listed(
        caller: Annotated[Caller, Depends(partner("referral.read"))],
        referral_id: Annotated[UUID | None, Query()] = None,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """What your organisation disagrees with, the newest first, as codes. With `referral_id`
        those about one referral, with the hub's answers; that is audited."""
        if referral_id is None:
            return await own_page(caller, cursor)
        case = await own(caller, referral_id)
        words = await desk.words(case)
        await desk.note_read(case, caller)
        items = [
            desk.shown(case, one, words.get(one.disagreement_id, {}))
            for one in case.disagreements
            if one.organisation_id == caller.organisation_id
        ]
        return {"items": items, "next": None}

    @routes.post("/v1/disagreements/{referral_id}/{disagreement_id}/escalation", status_code=201)
    async def escalate(
        caller: Annotated[Caller, raiser],
        referral_id: UUID,
        disagreement_id: UUID,
        body: FurtherBody,
    ) -> Response:
        """Take it to the next stage, once it was answered, or its time has passed."""
        case = await own(caller, referral_id)
        one = mine(case, caller, disagreement_id)
        return _response(await desk.escalate(case, one.disagreement_id, body.because, caller))

    @routes.post("/v1/disagreements/{referral_id}/{disagreement_id}/conclusion", status_code=201)
    async def conclude(
        caller: Annotated[Caller, raiser], referral_id: UUID, disagreement_id: UUID
    ) -> Response:
        """Accept the answer; before there is one, withdraw."""
        case = await own(caller, referral_id)
        one = mine(case, caller, disagreement_id)
        return _response(await desk.conclude(case, one.disagreement_id, caller))

    return routes


def _response(answer: Answer) -> Response:
    headers = {"Idempotent-Replay": "true"} if answer.replayed else None
    return Response(answer.body, answer.status, headers, media_type="application/json")
