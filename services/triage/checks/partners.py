"""Requests for information over HTTP, for agencies: what their system is asked, and its answer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.http import idempotency, paging
from chassis.identity import Caller, partner
from services.triage.checks import store
from services.triage.checks.desk import Desk, Found, ReplyBody, asked
from services.triage.checks.request import RequestState

PAGE = 100
NEWEST = (datetime(2199, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


def router(desk: Desk) -> APIRouter:
    """What partners call."""
    routes = APIRouter(tags=["information requests"])
    service = desk.kernel.service

    @routes.get("/v1/information-requests")
    async def listed(
        caller: Annotated[Caller, Depends(partner("referral.read"))],
        state: Annotated[RequestState, Query()] = RequestState.OPEN,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """What the hub asks of your organisation, the newest first. No names: open one for
        those."""
        if caller.organisation_id is None:
            return {"items": [], "next": None}
        before = paging.decode(cursor, (datetime, UUID)) if cursor else NEWEST
        async with service.database.connection() as connection:
            rows = await store.list_own(connection, caller.organisation_id, state, before, PAGE + 1)
            cases = await desk.store.load(connection, sorted({row["referral_id"] for row in rows}))
        requests = {one.request_id: one for case in cases.values() for one in case.requests}
        page = rows[:PAGE]
        following = (
            paging.encode((page[-1]["asked_at"], page[-1]["request_id"]))
            if len(rows) > PAGE
            else None
        )
        items = [
            {
                "request_id": row["request_id"],
                "of": requests[row["request_id"]].of,
                "state": state,
                "asked_at": row["asked_at"],
                "due_at": requests[row["request_id"]].due_at,
            }
            for row in page
        ]
        return {"items": items, "next": following}

    @routes.get("/v1/information-requests/{request_id}")
    async def opened(
        caller: Annotated[Caller, Depends(partner("referral.read"))], request_id: UUID
    ) -> Mapping[str, Any]:
        """One request: why it is needed, and what you are told so that you can look. Audited."""
        found = await desk.of_organisation(request_id, caller.organisation_id)
        await note_read(desk, caller, found)
        return asked(found)

    @routes.post("/v1/information-requests/{request_id}/reply", status_code=201)
    async def reply(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        request_id: UUID,
        body: ReplyBody,
        idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> Response:
        """Answer, once. Only the hub reads it, and does with it what `handling` allows. 409 says
        that it was answered before, or that the hub took it back."""
        claim = idempotency.claim_of(
            caller.name, idempotency_key, await request.body(), target=request.url.path
        )
        found = await desk.of_organisation(request_id, caller.organisation_id)
        answer = await desk.keep_reply(found, body, caller, how="system", claim=claim)
        headers = {"Idempotent-Replay": "true"} if answer.replayed else None
        return Response(answer.body, answer.status, headers, media_type="application/json")

    return routes


async def note_read(desk: Desk, caller: Caller, found: Found, how: str = "system") -> None:
    """Write down that somebody outside the hub read what they are asked."""
    case = found.case
    details = {"request_id": str(found.request.request_id), "how": how}
    entry = AuditEntry("request_read", caller, case.authority, case.referral_id, details)
    async with desk.kernel.service.database.transaction() as connection:
        await append_audit(connection, [entry], desk.kernel.service.clock())
