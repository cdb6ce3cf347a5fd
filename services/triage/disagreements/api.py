"""Disagreements over HTTP, for the hub: what is due, answering, and counts for the partnership."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AwareDatetime, Field

from chassis.errors import NotFound
from chassis.http import etags, paging
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from contracts.codes import DisagreementOutcome, LearningTheme
from contracts.events import Rag
from contracts.form import CLEAN_WORDS
from services.triage.checks.desk import SentBody
from services.triage.disagreements import domain, store
from services.triage.disagreements.desk import Desk, FurtherBody
from services.triage.disagreements.disagreement import DisagreementState
from services.triage.domain import Case, Person, Rerate

ANSWERERS = staff("practitioner", "manager")
READERS = staff("practitioner", "manager", "duty")
COUNTERS = staff("manager", "analyst")
PAGE = 100
A_YEAR = timedelta(days=365)
A_MOMENT = timedelta(microseconds=1)
FIRST = (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0))

Words = Annotated[str, Field(max_length=20_000), CLEAN_WORDS]


class NewRatingBody(SentBody):
    """The rating that changes. Its rationale is told to the referrer."""

    child_id: UUID | None = None
    rag: Rag
    rationale: Words
    analysis: Words | None = None
    clauses: tuple[str, ...] = Field(default=(), max_length=40)


class AnswerBody(SentBody):
    """The hub's answer at this stage. `words` are for whoever disagreed."""

    outcome: DisagreementOutcome
    words: Words
    theme: LearningTheme | None = None
    rating: NewRatingBody | None = None


def router(desk: Desk) -> APIRouter:
    """What staff of the hub call."""
    routes = APIRouter(tags=["disagreements"])
    service = desk.kernel.service

    async def own(caller: Caller, referral_id: UUID) -> Case:
        case = await desk.case(referral_id)
        if case is None or case.authority not in caller.authorities:
            raise NotFound("referral_not_found", "There is no such referral.")
        return case

    @routes.get("/v1/triage/disagreements")
    async def listed(
        caller: Annotated[Caller, Depends(READERS)],
        state: DisagreementState = DisagreementState.OPEN,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """Disagreements in a state, what is due first. No names, no words."""
        after = paging.decode(cursor, (datetime, UUID)) if cursor else FIRST
        async with service.database.connection() as connection:
            rows = await store.page(
                connection,
                sorted(caller.authorities),
                state,
                after,
                PAGE + 1,
                seer_of(caller, service.clock()),
            )
        page, now = rows[:PAGE], service.clock()
        last = page[-1] if len(rows) > PAGE else None
        following = last and paging.encode(
            (
                last["due_at"] or last["resolved_at"] or last["raised_at"],
                last["disagreement_id"],
            )
        )
        items = [
            {**row, "overdue": row["due_at"] is not None and row["due_at"] <= now} for row in page
        ]
        return {"items": items, "next": following}

    @routes.get("/v1/triage/disagreements/counts")
    async def counts(
        caller: Annotated[Caller, Depends(COUNTERS)],
        authority: Annotated[str | None, Query(max_length=80)] = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
    ) -> Mapping[str, Any]:
        """How many were raised in a time (by default the last year), by the referrer's agency,
        stage, outcome and theme."""
        end = until or service.clock() + A_MOMENT
        start = since or end - A_YEAR
        mine = caller.authorities & ({authority} if authority else caller.authorities)
        async with service.database.connection() as connection:
            rows = await store.counts(connection, sorted(mine), start, end)
        return {"items": rows, "total": sum(row["disagreements"] for row in rows)}

    @routes.get("/v1/triage/referrals/{referral_id}/disagreements")
    async def opened(
        caller: Annotated[Caller, Depends(READERS)], referral_id: UUID
    ) -> Mapping[str, Any]:
        """The disagreements about one referral, with what both sides wrote. Audited."""
        case = await own(caller, referral_id)
        words = await desk.words(case)
        await desk.note_read(case, caller)
        items = [
            {
                **desk.shown(case, one, words.get(one.disagreement_id, {})),
                "organisation_id": one.organisation_id,
                "theme": one.theme,
                "answered_by": [answer.answered_by for answer in one.answers],
            }
            for one in case.disagreements
        ]
        return {"items": items, "next": None}

    @routes.post(
        "/v1/triage/referrals/{referral_id}/disagreements/{disagreement_id}/answer",
        status_code=201,
    )
    async def answer(
        caller: Annotated[Caller, Depends(ANSWERERS)],
        referral_id: UUID,
        disagreement_id: UUID,
        body: AnswerBody,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Answer at the stage where it stands. A changed decision is rated again at once. From
        stage 2 a manager answers who decided nothing about this referral."""
        case = await own(caller, referral_id)
        person = Person(caller.id, caller.name, caller.roles, caller.qualifications)
        rating = None
        if body.rating is not None:
            rating = Rerate(
                person=person,
                expected_version=etags.version(if_match),
                child_id=body.rating.child_id,
                rag=body.rating.rag,
                rationale=body.rating.rationale,
                analysis=body.rating.analysis,
                clauses=body.rating.clauses,
            )
        command = domain.Respond(
            person=person,
            deciders=await desk.deciders(referral_id),
            outcome=body.outcome,
            words=body.words,
            theme=body.theme,
            rating=rating,
        )
        made = await desk.command(
            case,
            "disagreement_answered",
            caller,
            lambda state, policy, ids, now: domain.respond(
                state, disagreement_id, command, policy, ids, now
            ),
        )
        return Response(made.body, made.status, media_type="application/json")

    @routes.post(
        "/v1/triage/referrals/{referral_id}/disagreements/{disagreement_id}/escalation",
        status_code=201,
    )
    async def escalate(
        caller: Annotated[Caller, Depends(ANSWERERS)],
        referral_id: UUID,
        disagreement_id: UUID,
        body: FurtherBody,
    ) -> Response:
        """Take it further for somebody who asks by telephone."""
        case = await own(caller, referral_id)
        made = await desk.escalate(case, disagreement_id, body.because, caller)
        return Response(made.body, made.status, media_type="application/json")

    @routes.post(
        "/v1/triage/referrals/{referral_id}/disagreements/{disagreement_id}/conclusion",
        status_code=201,
    )
    async def conclude(
        caller: Annotated[Caller, Depends(ANSWERERS)], referral_id: UUID, disagreement_id: UUID
    ) -> Response:
        """Write down that whoever disagreed accepts the answer, or withdraws."""
        case = await own(caller, referral_id)
        made = await desk.conclude(case, disagreement_id, caller)
        return Response(made.body, made.status, media_type="application/json")

    return routes
