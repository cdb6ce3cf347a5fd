"""Asking for a copy of what is held about a person, considering it, and releasing it, over HTTP."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from chassis import audit
from chassis.errors import DomainError, FieldError, InvalidInput, NotFound
from chassis.http import paging
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from chassis.restriction import store as restrictions
from chassis.stream.kernel import Kernel
from contracts.codes.access import Considered, Requester
from services.intake.access import bundle, domain
from services.intake.access import store as requests
from services.intake.access.domain import Request
from services.intake.access.gathering import Gathering
from services.intake.domain import Case
from services.intake.people.store import PeopleStore
from services.intake.store import IntakeStore

PAGE = 50
LATEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
Ground = Literal[
    "requester_authority", "serious_harm", "childs_interest", "referrers_identity", "police"
]
Managers = Annotated[Caller, Depends(staff("manager"))]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RequestBody(SentBody):
    """Whom it is about: somebody on a referral, by the id that the family's story gives."""

    referral_id: UUID
    person_id: UUID
    requester: Requester


class ConsideredBody(SentBody):
    """What you found on each ground."""

    considered: dict[Ground, Considered]


Changing = Callable[[Request, datetime], Request]


def router(
    kernel: Kernel[Case], store: IntakeStore, people: PeopleStore, gathering: Gathering
) -> APIRouter:
    """What managers call."""
    routes = APIRouter(tags=["subject access"])
    service = kernel.service

    async def change(caller: Caller, request_id: UUID, action: str, changing: Changing) -> Request:
        now = service.clock()
        async with service.database.transaction() as connection:
            found = await requests.lock(
                connection, request_id, sorted(caller.authorities), seer_of(caller, now)
            )
            if found is None:
                raise NotFound("request_not_found", "There is no such request.")
            changed = changing(found, now)
            await requests.write(connection, changed)
            details = {"request_id": str(request_id), "considered": changed.considered}
            entry = audit.AuditEntry(action, caller, found.authority, found.referral_id, details)
            await audit.append(connection, [entry], now)
        return changed

    @routes.post("/v1/intake/subject-access", status_code=201)
    async def opened(caller: Managers, body: Annotated[RequestBody, Body()]) -> Mapping[str, Any]:
        """Open a request. Nothing is released by it."""
        now = service.clock()
        authorities = sorted(caller.authorities)
        async with service.database.transaction() as connection:
            case = await store.read_for_staff(connection, body.referral_id, authorities)
            seen = await restrictions.visible(connection, [body.referral_id], seer_of(caller, now))
            if case is None or not seen:
                raise NotFound("referral_not_found", "There is no such referral.")
            there = await people.people_of(connection, [body.referral_id], authorities)
            if body.person_id not in {one.person_id for one in there}:
                wrong = FieldError("/person_id", "There is nobody with this id on that referral.")
                raise InvalidInput("unknown_person", "Some fields are wrong.", errors=(wrong,))
            request = Request(
                service.ids(), case.authority, case.referral_id, body.person_id, body.requester,
                caller.id, now,
            )  # fmt: skip
            await requests.add(connection, request)
            entry = audit.AuditEntry(
                "subject_access_opened", caller, case.authority, case.referral_id,
                {"request_id": str(request.request_id), "requester": body.requester},
            )  # fmt: skip
            await audit.append(connection, [entry], now)
        return _shown(request)

    @routes.get("/v1/intake/subject-access")
    async def listed(
        caller: Managers, cursor: Annotated[str | None, Query(max_length=500)] = None
    ) -> Mapping[str, Any]:
        """Requests, the newest first. No names."""
        before = paging.decode(cursor, (datetime, UUID)) if cursor else LATEST
        async with service.database.connection() as connection:
            rows = await requests.listed(
                connection, sorted(caller.authorities), (before[0], before[1]), PAGE + 1,
                seer_of(caller, service.clock()),
            )  # fmt: skip
        page = rows[:PAGE]
        last = page[-1] if page and len(rows) > PAGE else None
        return {
            "items": [_shown(one) for one in page],
            "next": paging.encode((last.opened_at, last.request_id)) if last else None,
        }

    @routes.post("/v1/intake/subject-access/{access_id}/considerations")
    async def consider(
        caller: Managers, access_id: UUID, body: Annotated[ConsideredBody, Body()]
    ) -> Mapping[str, Any]:
        """Record what you found: may they ask, would it do serious harm, is it in the child's
        interest, does it give the referrer away, do the police object."""

        def changing(found: Request, now: datetime) -> Request:
            return domain.consider(
                found, {str(one): said for one, said in body.considered.items()}, caller.id, now
            )

        return _shown(await change(caller, access_id, "subject_access_considered", changing))

    @routes.post("/v1/intake/subject-access/{access_id}/release")
    async def release(caller: Managers, access_id: UUID) -> Mapping[str, Any]:
        """Release it, as somebody else than who considered it. The bundle can be fetched then."""

        def changing(found: Request, now: datetime) -> Request:
            return domain.release(found, caller.id, now)

        return _shown(await change(caller, access_id, "subject_access_released", changing))

    @routes.get("/v1/intake/subject-access/{access_id}/bundle", response_class=Response)
    async def fetched(caller: Managers, access_id: UUID) -> Response:
        """The bundle as a ZIP file: everything that is held, with what may be about others marked
        for redaction. Each time is written to the audit trail."""
        seer = seer_of(caller, service.clock())

        def changing(found: Request, _now: datetime) -> Request:
            if found.released_by is None:
                raise DomainError("not_released", "This was not released.")
            return found

        request = await change(caller, access_id, "subject_access_fetched", changing)
        gathered = await gathering.gather(request, seer)
        return Response(
            await asyncio.to_thread(bundle.zipped, gathered.content, gathered.files),
            media_type="application/zip",
            headers={
                "Content-Disposition": 'attachment; filename="subject-access.zip"',
                "Cache-Control": "no-store",
                "Frontdoor-Left-Out": str(gathered.left_out),
            },
        )

    return routes


def _shown(request: Request) -> Mapping[str, Any]:
    return {
        "id": request.request_id,
        "referral_id": request.referral_id,
        "person_id": request.person_id,
        "requester": request.requester,
        "state": request.state,
        "opened_by": request.opened_by,
        "opened_at": request.opened_at,
        "considered": request.considered,
        "considered_by": request.considered_by,
        "released_by": request.released_by,
        "released_at": request.released_at,
    }
