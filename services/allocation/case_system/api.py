"""The hand-over to the council's case system over HTTP (practice rule 16).

It asks what waits, reads each bundle, says which version it has, and tells dates back. Whatever is
sent twice counts once.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import Field
from pydantic_core import to_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import DomainError, FieldError, InvalidInput, NotFound
from chassis.http import etags, paging
from chassis.identity import Caller, partner, person_or_partner
from chassis.identity.scopes import CASE_SYSTEM
from services.allocation.case_system import domain, port, store
from services.allocation.case_system.store import Bundle
from services.allocation.domain import Case
from services.allocation.offers.desk import Desk, told
from services.allocation.store import Found
from services.allocation.workers.bodies import SentBody

PAGE: Final = 100
FIRST: Final = (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0))
FORMAT: Final = 1
"""Of what a bundle holds: a part that is added leaves it, one that changes raises it."""
SYSTEM = partner(CASE_SYSTEM)


class ReceiptBody(SentBody):
    """That the case system has a version of a bundle, under its own number, which names nobody."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    case_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9/._-]*$", max_length=40)]


class DateBody(SentBody):
    """What was reached there, on a day in England, for some of the children or (none named) all.
    `no_conference`: an enquiry ended, and none is needed."""

    milestone: Literal[
        "strategy_discussion",
        "no_conference",
        "conference",
        "social_work_assessment",
        "private_fostering_visit",
    ]
    on: date
    children: Annotated[tuple[UUID, ...], Field(max_length=60)] = ()


def router(desk: Desk, reads: httpx2.AsyncClient) -> APIRouter:
    """What an authority's case system calls. Managers see which bundles wait."""
    routes = APIRouter(tags=["case system"])
    service = desk.kernel.service
    database = service.database

    async def own(caller: Caller, bundle_id: UUID) -> Bundle:
        async with database.connection() as connection:
            found = await store.read(connection, bundle_id, sorted(caller.authorities))
        if found is None:
            raise NotFound("bundle_not_found", "There is no such bundle.")
        return found

    @routes.get("/v1/case-system/bundles")
    async def listed(
        caller: Annotated[Caller, Depends(person_or_partner(CASE_SYSTEM, "manager"))],
        everything: Annotated[bool, Query(alias="all")] = False,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """Bundles that wait to be taken, in their latest state, the longest first; with `all` also
        those that the case system has. Ids, times and versions alone."""
        after = paging.decode(cursor, (datetime, UUID)) if cursor else FIRST
        async with database.connection() as connection:
            rows = await store.page(
                connection, sorted(caller.authorities), after, PAGE + 1, everything=everything
            )
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        following = paging.encode((last.changed_at, last.bundle_id)) if last else None
        return {"items": [store.shown(one) for one in rows[:PAGE]], "next": following}

    @routes.get("/v1/case-system/bundles/{bundle_id}")
    async def read(
        caller: Annotated[Caller, Depends(SYSTEM)],
        bundle_id: UUID,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """All that the case system takes over: the referral's form with what was added, decisions
        without the hub's analysis, who has the work. The `version` rises when it says
        something else, and is the `ETag`. Reading it is written to the audit trail."""
        found = await own(caller, bundle_id)
        words = await port.words(reads, found.referral_id)
        if words is None:
            raise NotFound("bundle_not_found", "There is no such bundle.")
        async with database.transaction() as connection:
            case = (await desk.store.load(connection, [found.referral_id]))[found.referral_id]
            content = _content(found, case, words)
            digest = hashlib.sha256(to_json(content)).digest()
            version = await store.version(connection, bundle_id, digest, found.changed_at)
            entry = AuditEntry(
                "bundle_read", caller, found.authority, found.referral_id, {"version": version}
            )
            await append_audit(connection, [entry], service.clock())
        headers = {"ETag": etags.etag(version), "Cache-Control": "no-store"}
        if if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        body = to_json({"id": bundle_id, "version": version, **content})
        return Response(body, media_type="application/json", headers=headers)

    @routes.put("/v1/case-system/bundles/{bundle_id}/receipt")
    async def take(
        caller: Annotated[Caller, Depends(SYSTEM)], bundle_id: UUID, body: ReceiptBody
    ) -> Mapping[str, Any]:
        """Say which version you have, and your own number for the case. It waits no longer, until
        something changes. 409 where it has another number here already."""
        found = await own(caller, bundle_id)
        if body.version > found.version:
            wrong = FieldError("/version", "There is no such version yet. Read the bundle first.")
            raise InvalidInput("unread_version", "Some fields are wrong.", errors=(wrong,))
        if found.case_number not in (None, body.case_number):
            raise DomainError("other_number", "It has another number in the case system already.")
        await desk.do(
            "bundle_taken",
            caller,
            _place(found),
            partial(domain.take, caller.id),
            details={"version": body.version},
        )
        async with database.transaction() as connection:
            taken = await store.take(
                connection, bundle_id, body.version, body.case_number, service.clock()
            )
        if taken is None:
            raise DomainError("other_number", "It has another number in the case system already.")
        return store.shown(taken)

    @routes.post("/v1/case-system/bundles/{bundle_id}/dates", status_code=201)
    async def tell(
        caller: Annotated[Caller, Depends(SYSTEM)], bundle_id: UUID, body: DateBody
    ) -> Response:
        """Tell what was reached there: it stops and starts the clocks that wait for it, at the end
        of that day. The same date of the same children counts once."""
        found = await own(caller, bundle_id)
        command = domain.Record(body.milestone, body.on, body.children, caller.id)
        answer = await desk.do(
            "date_told",
            caller,
            _place(found),
            partial(domain.record, command),
            status=201,
            details={"milestone": body.milestone},
        )
        return told(answer)

    return routes


def _place(found: Bundle) -> Found:
    return Found(found.referral_id, found.authority, None, None, None)


def _content(found: Bundle, case: Case, words: port.Words) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "authority": found.authority,
        "referral": words.referral,
        "decided": words.decided,
        # What was decided here and no longer is theirs: they are told, and not left with it.
        "taken_over": domain.taken_over(case),
        "work": [
            {
                "id": one.allocation_id,
                "kind": one.kind,
                "assignee": one.assignee,
                "state": one.state,
                "children": one.children,
                "assigned_at": one.assigned_at,
                "accepted_at": one.accepted_at,
                "ended_at": one.ended_at,
            }
            for one in case.allocations
            if one.worker_id is None or one.accepted_at is not None
        ],
    }
