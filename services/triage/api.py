"""Triage over HTTP: the queue, one case, decisions and re-ratings; and, for other services, the
words of decisions."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chassis import audit
from chassis.errors import NotFound
from chassis.http import etags, paging
from chassis.identity import Caller, service, staff
from chassis.identity.links import Links
from chassis.restriction import seer_of, visible
from chassis.stream.kernel import Kernel
from contracts.codes import LoweredBecause, WithoutAgreement
from contracts.events import Duty, Outcome, Rag
from contracts.form import CLEAN_LINE, CLEAN_WORDS
from policy.working_time import LONDON
from services.triage import domain, shown
from services.triage.domain import Case
from services.triage.orders import Orders, person
from services.triage.pointing import pointed_to
from services.triage.store import TriageStore

HUB = staff("practitioner", "manager", "duty", "coordinator", "analyst")
DECIDERS = staff("practitioner", "manager")
PAGE = 50

Words = Annotated[str, Field(max_length=20_000), CLEAN_WORDS]
PackVersion = Annotated[str, Field(max_length=20)]
Line = Annotated[str, Field(min_length=1, max_length=500), CLEAN_LINE]


class Body(BaseModel):
    """What is sent here: unknown fields are refused, so that none is silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class DutyBody(Body):
    """A parallel duty with when it is seen to, and the other service's reference."""

    duty: Duty
    at: AwareDatetime | None = None
    reference: Line | None = None


class ChildBody(Body):
    """`duties` stand beside the outcome: each as its code, or with a time and a reference."""

    child_id: UUID
    rag: Rag
    outcome: Outcome
    duties: Annotated[tuple[Duty | DutyBody, ...], Field(max_length=40)] = ()

    def to_decide(self) -> domain.ChildToDecide:
        """As the domain takes it."""
        duties = tuple(
            domain.DutyDone(one.duty, one.at, one.reference)
            if isinstance(one, DutyBody)
            else domain.DutyDone(one)
            for one in self.duties
        )
        return domain.ChildToDecide(self.child_id, self.rag, self.outcome, duties)


class ActionBody(Body):
    """`by` is a date in England."""

    action: Line
    owner: Line
    by: date | None = None


class DecisionBody(Body):
    """`rationale` is written for the referrer; `analysis` never leaves the hub. Below what is
    suggested `lowered_because` says why, by its code; for help that the family refused
    `without_agreement` does. `pack_version` is the version of the guidance that was read (the
    case's `guidance_version`): 409 says that another is in force by now. `services` are those of the
    directory that the family is pointed to: each becomes an action."""

    children: tuple[ChildBody, ...] = Field(max_length=60)
    rationale: Words
    analysis: Words | None = None
    clauses: tuple[str, ...] = Field(default=(), max_length=40)
    no_clause_because: Words | None = None
    actions: tuple[ActionBody, ...] = Field(default=(), max_length=40)
    lowered_because: LoweredBecause | None = None
    without_agreement: WithoutAgreement | None = None
    pack_version: PackVersion | None = None
    services: tuple[UUID, ...] = Field(default=(), max_length=5)


class RatingBody(Body):
    child_id: UUID | None = None
    rag: Rag
    rationale: Words
    analysis: Words | None = None
    clauses: tuple[str, ...] = Field(default=(), max_length=40)
    lowered_because: LoweredBecause | None = None
    pack_version: PackVersion | None = None


class WithdrawalBody(Body):
    """`close` ends the referral; otherwise it goes on and is decided."""

    close: bool
    rationale: Words


class IdsBody(Body):
    ids: tuple[UUID, ...] = Field(max_length=500)
    purpose: str = Field(max_length=80)


def router(
    kernel: Kernel[Case], store: TriageStore, orders: Orders, reads: httpx2.AsyncClient
) -> APIRouter:
    """What staff of the hub call."""
    routes = APIRouter(tags=["triage"])
    database = kernel.service.database
    policy = kernel.service.policy

    @routes.get("/v1/triage/referrals")
    async def queue(
        caller: Annotated[Caller, Depends(HUB)],
        state: Annotated[domain.Status | None, Query()] = None,
        rag: Annotated[Rag | None, Query()] = None,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    ) -> Mapping[str, Any]:
        """The queue: most severe first, then who has waited longest. No names."""
        after = paging.decode(cursor, (int, datetime, UUID)) if cursor else FIRST
        async with database.transaction() as connection:
            rows = await store.queue(
                connection,
                sorted(caller.authorities),
                seer_of(caller, kernel.service.clock()),
                status=state,
                rag=rag,
                after=after,
                limit=limit + 1,
            )
            page, more = rows[:limit], len(rows) > limit
            now = kernel.service.clock()
            day = now.astimezone(LONDON).date()
            for authority in sorted({row["authority"] for row in page}):
                ids = [row["referral_id"] for row in page if row["authority"] == authority]
                await audit.note_list_read(connection, caller, authority, ids, day, now)
        last = page[-1] if page else None
        following = (
            paging.encode((last["place"], last["received_at"], last["referral_id"]))
            if more and last
            else None
        )
        return {"items": [shown.queued(row) for row in page], "next": following}

    @routes.get("/v1/triage/referrals/{referral_id}")
    async def one(
        caller: Annotated[Caller, Depends(HUB)], referral_id: UUID, response: Response
    ) -> Mapping[str, Any]:
        """One case: the suggestion with its reasons, and what people decided. Audited."""
        opened = await orders.openings.open(caller, referral_id)
        if opened is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        response.headers["ETag"] = etags.etag(opened.case.version)
        now = kernel.service.clock()
        # Other referrals that few may see are masked here too (practice rule 18).
        others, seen = sorted({*opened.refusals, *opened.case.incidents}), set[UUID]()
        if others:
            async with kernel.service.database.connection() as connection:
                seen = await visible(connection, others, seer_of(caller, now))
        return {
            **shown.case(opened.case, opened.decisions, policy, now),
            "same_incident": [one for one in opened.case.incidents if one in seen],
            "earlier_refusals": [one for one in opened.refusals if one in seen],
        }

    async def _pointed(
        caller: Caller, referral_id: UUID, body: DecisionBody
    ) -> tuple[domain.Action, ...]:
        if not body.services:
            return ()
        authority = await orders.openings.authority(caller, referral_id)
        return await pointed_to(reads, authority, body.services) if authority else ()

    @routes.post("/v1/triage/referrals/{referral_id}/decision", status_code=201)
    async def decide(
        caller: Annotated[Caller, Depends(DECIDERS)],
        referral_id: UUID,
        body: DecisionBody,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Decide every child of a referral. Send the `ETag` that you read as `If-Match`: 412 says
        that somebody changed it meanwhile. Without it, 412 says that it is decided already."""
        pointed = await _pointed(caller, referral_id, body)
        command = domain.Decide(
            person=person(caller),
            expected_version=etags.version(if_match),
            children=tuple(child.to_decide() for child in body.children),
            rationale=body.rationale,
            analysis=body.analysis,
            clauses=body.clauses,
            no_clause_because=body.no_clause_because,
            actions=(*(domain.Action(**dict(action)) for action in body.actions), *pointed),
            lowered_because=body.lowered_because,
            without_agreement=body.without_agreement,
            pack_version=body.pack_version,
        )
        return await orders.obey(
            caller,
            referral_id,
            "decided",
            lambda state, policy, ids, now: domain.decide(state, command, policy, ids, now),
        )

    @routes.post("/v1/triage/referrals/{referral_id}/ratings", status_code=201)
    async def rerate(
        caller: Annotated[Caller, Depends(DECIDERS)],
        referral_id: UUID,
        body: RatingBody,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Rate again, up or down, one child or all. The same colour is recorded as reviewed."""
        command = domain.Rerate(
            person=person(caller),
            expected_version=etags.version(if_match),
            child_id=body.child_id,
            rag=body.rag,
            rationale=body.rationale,
            analysis=body.analysis,
            clauses=body.clauses,
            lowered_because=body.lowered_because,
            pack_version=body.pack_version,
        )
        return await orders.obey(
            caller,
            referral_id,
            "rerated",
            lambda state, policy, ids, now: domain.rerate(state, command, policy, ids, now),
        )

    @routes.post("/v1/triage/referrals/{referral_id}/withdrawal", status_code=201)
    async def conclude_withdrawal(
        caller: Annotated[Caller, Depends(DECIDERS)],
        referral_id: UUID,
        body: WithdrawalBody,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Close a referral whose referrer asked to withdraw it, or go on with it."""
        command = domain.ConcludeWithdrawal(
            person=person(caller),
            expected_version=etags.version(if_match),
            close=body.close,
            rationale=body.rationale,
        )
        return await orders.obey(
            caller,
            referral_id,
            "withdrawal_concluded",
            lambda state, policy, ids, now: domain.conclude_withdrawal(
                state, command, policy, ids, now
            ),
        )

    return routes


def internal_router(kernel: Kernel[Case], store: TriageStore, links: Links) -> APIRouter:
    """What other services read. Never routed by a gateway."""
    routes = APIRouter(include_in_schema=False)
    database = kernel.service.database
    policy = kernel.service.policy

    @routes.post("/internal/v1/decisions:batch")
    async def decisions(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """The decisions and re-ratings of each referral that may be told, with their words."""
        async with database.transaction() as connection:
            cases = await store.load(connection, body.ids)
            found = await store.decisions(connection, body.ids)
            await audit.append(
                connection,
                audit.read_for("decision_read", caller, cases.values(), body.purpose),
                kernel.service.clock(),
            )
        return {
            "items": [
                {
                    "referral_id": record["referral_id"],
                    "disagree_token": links.token("disagree", record["referral_id"]),
                    **shown.decision(record, cases, policy),
                    "family": shown.family(cases[record["referral_id"]]),
                }
                for record in found
                if shown.to_be_told(record)
            ]
        }

    @routes.post("/internal/v1/triage/bundles:batch")
    async def bundles(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """What was decided about each referral, without the analysis, for the authority's own case
        system: at once, and with whether a manager has countersigned it."""
        async with database.transaction() as connection:
            cases = await store.load(connection, body.ids)
            found = await store.decisions(connection, body.ids)
            await audit.append(
                connection,
                audit.read_for("decision_read", caller, cases.values(), body.purpose),
                kernel.service.clock(),
            )
        return {"items": [shown.bundled(case, found, policy) for case in cases.values()]}

    @routes.post("/internal/v1/triage/known:batch")
    async def known(
        caller: Annotated[Caller, Depends(service())], body: IdsBody, request: Request
    ) -> Mapping[str, Any]:
        """Which of these referrals triage has: the watchdog's question."""
        del caller, request
        async with database.connection() as connection:
            return {"ids": sorted(await store.known(connection, body.ids))}

    return routes


FIRST = (-1, datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
