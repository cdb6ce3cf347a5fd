"""The lead professional's part over HTTP: for staff, and for a partner agency's own workers."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.http import etags, idempotency, paging
from chassis.http.claims import Claim
from chassis.identity import Caller, staff
from services.allocation.callers import LEADS
from services.allocation.domain import Case
from services.allocation.domain.case import Note, held
from services.allocation.domain.helping import Paper, PaperKind, Score
from services.allocation.leading import domain, store
from services.allocation.leading.bodies import ClosureBody, MilestoneBody, PaperBody
from services.allocation.leading.family import family_of
from services.allocation.offers.desk import Desk, answerer, told
from services.allocation.story import steps
from services.allocation.telling.domain import SAID, TO

PAGE: Final = 100
NONE: Final = UUID(int=0)
TELLING: Final = frozenset({TO, SAID})
"""What the hub wrote of telling a school or a family: it reads that in a place of its own."""
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key")]
SIGNERS = staff("coordinator", "manager")


def router(desk: Desk, reads: httpx2.AsyncClient) -> APIRouter:
    """What lead professionals do."""
    routes = APIRouter(tags=["leading"])
    service = desk.kernel.service
    database = service.database

    @routes.get("/v1/work")
    async def mine(
        caller: Annotated[Caller, Depends(LEADS)],
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """What you, or your organisation's workers, have or were asked for."""
        after = paging.decode(cursor, (UUID,))[0] if cursor else NONE
        async with database.connection() as connection:
            rows = await store.mine(connection, caller.person, caller.system_of, after, PAGE + 1)
        items = [
            {
                "id": row["allocation_id"],
                **{name: value for name, value in row.items() if name != "allocation_id"},
                "links": {"self": f"/v1/work/{row['allocation_id']}"},
            }
            for row in rows[:PAGE]
        ]
        more = len(rows) > PAGE
        return {"items": items, "next": paging.encode((items[-1]["id"],)) if more else None}

    @routes.get("/v1/work/{allocation_id}")
    async def opened(
        caller: Annotated[Caller, Depends(LEADS)], allocation_id: UUID, response: Response
    ) -> Mapping[str, Any]:
        """One piece of work: what was reached, the papers with what they say, and live papers of
        earlier referrals of the family. A partner is told who the family is (`family`), with its
        agreement. Opening it is written to the audit trail. The `ETag` is for accepting and
        declining."""
        async with database.transaction() as connection:
            found = await desk.find(connection, caller, allocation_id)
            case = (await desk.store.load(connection, [found.referral_id]))[found.referral_id]
            notes = await desk.store.notes(connection, found.referral_id)
            earlier = {
                one: other
                for one, other in (await desk.store.load(connection, sorted(case.earlier))).items()
                if other.authority == found.authority
            }
            entry = AuditEntry(
                "work_opened",
                caller,
                found.authority,
                found.referral_id,
                {"earlier": sorted(map(str, earlier))},
            )
            await append_audit(connection, [entry], service.clock())
        one = held(case, allocation_id)
        mine_alone = caller.kind == "partner"
        family = await family_of(reads, case, one) if mine_alone else None
        response.headers["ETag"] = etags.etag(one.version)
        return {
            "id": allocation_id,
            "referral_id": found.referral_id,
            "reference": case.reference,
            "authority": found.authority,
            "state": one.state,
            "kind": one.kind,
            "rag": one.rag,
            "children": one.children,
            "joint": one.joint,
            "assigned_at": one.assigned_at,
            "accepted_at": one.accepted_at,
            "version": one.version,
            "family": family,
            **_story(case, notes),
            "steps": list(steps(case, notes)),
            "live_elsewhere": []
            if mine_alone
            else [
                {"referral_id": other.referral_id, **_paper(paper, [])}
                for other in earlier.values()
                for kind in PaperKind
                for paper in domain.live(other.papers, kind, other.children)
                if other.ended is None
            ],
        }

    @routes.post("/v1/work/{allocation_id}/milestones", status_code=201)
    async def reached(
        request: Request,
        caller: Annotated[Caller, Depends(LEADS)],
        allocation_id: UUID,
        body: MilestoneBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Record first contact, a meeting or a review, on the day when it was."""
        claim = await _claim(request, caller, idempotency_key)
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        command = domain.Record(
            allocation_id,
            body.milestone,
            body.on,
            answerer(caller, found),
            body.agencies,
            body.next_on,
            _scores(body.scores),
            body.note,
            body.kept_as,
        )
        answer = await desk.do(
            "milestone_recorded",
            caller,
            found,
            partial(domain.record, command),
            status=201,
            details={"milestone": body.milestone},
            claim=claim,
        )
        return told(answer)

    @routes.post("/v1/work/{allocation_id}/papers", status_code=201)
    async def paper(
        request: Request,
        caller: Annotated[Caller, Depends(LEADS)],
        allocation_id: UUID,
        body: PaperBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Add an assessment or a plan, or the next version of one (`replaces`). 409 `live_paper`
        where there is a live one about these children already."""
        claim = await _claim(request, caller, idempotency_key)
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        command = domain.Write(
            allocation_id,
            body.kind,
            body.on,
            answerer(caller, found),
            body.kept_as,
            body.text,
            body.replaces,
            body.anew,
            _scores(body.scores),
        )
        answer = await desk.do(
            "paper_written",
            caller,
            found,
            partial(domain.write, command),
            status=201,
            details={"kind": body.kind},
            claim=claim,
        )
        return told(answer)

    @routes.post("/v1/work/{allocation_id}/papers/{paper_id}/sign-off", status_code=201)
    async def sign(
        caller: Annotated[Caller, Depends(SIGNERS)], allocation_id: UUID, paper_id: UUID
    ) -> Response:
        """Sign off what another wrote."""
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        answer = await desk.do(
            "paper_signed",
            caller,
            found,
            partial(domain.sign, paper_id, allocation_id, answerer(caller, found)),
            status=201,
            details={"paper_id": str(paper_id)},
        )
        return told(answer)

    @routes.post("/v1/work/{allocation_id}/closure", status_code=201)
    async def close(
        caller: Annotated[Caller, Depends(LEADS)], allocation_id: UUID, body: ClosureBody
    ) -> Response:
        """End help, with its reason and how things are now."""
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        command = domain.Close(
            allocation_id,
            body.reason,
            body.on,
            answerer(caller, found),
            _scores(body.scores),
            body.note,
        )
        answer = await desk.do(
            "help_ended",
            caller,
            found,
            partial(domain.close, command),
            status=201,
            details={"reason": body.reason},
        )
        return told(answer)

    return routes


async def _claim(request: Request, caller: Caller, key: str | None) -> Claim:
    return idempotency.claim_of(caller.name, key, await request.body(), target=request.url.path)


def _scores(said: Mapping[str, int]) -> tuple[Score, ...]:
    return tuple(Score(area, score) for area, score in sorted(said.items()))


def _story(case: Case, notes: list[Note]) -> Mapping[str, Any]:
    about: dict[UUID, list[Note]] = {}
    for note in notes:
        if note.kind in TELLING:
            continue
        about.setdefault(note.about, []).append(note)
    return {
        "milestones": [
            {
                "id": one.milestone_id,
                "milestone": one.milestone,
                "on": one.on,
                "recorded_at": one.recorded_at,
                "agencies": one.agencies,
                "next_on": one.next_on,
                "scores": {score.area: score.score for score in one.scores},
                "note": _said(about.get(one.milestone_id, [])),
                "kept_as": one.kept_as,
            }
            for one in case.milestones
        ],
        "papers": [_paper(one, about.get(one.paper_id, [])) for one in case.papers],
        "distance": {
            area: {"first": first, "last": last}
            for area, (first, last) in domain.distance(case.milestones).items()
        },
        "ended": {"reason": case.ended.reason, "on": case.ended.on} if case.ended else None,
    }


def _paper(one: Paper, notes: list[Note]) -> Mapping[str, Any]:
    return {
        "id": one.paper_id,
        "kind": one.kind,
        "version": one.version,
        "on": one.on,
        "children": one.children,
        "kept_as": one.kept_as,
        "text": _said(notes),
        "live": not one.replaced,
        "signed_at": one.signed_at,
    }


def _said(notes: list[Note]) -> str | None:
    return notes[-1].text if notes else None
