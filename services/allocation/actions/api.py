"""Actions over HTTP: asked of an agency, accepted or declined by it, and followed until done."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.http import idempotency, paging
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from services.allocation.actions import domain, store
from services.allocation.actions.bodies import AnswerBody, AskBody
from services.allocation.callers import LEADS
from services.allocation.offers.desk import Desk, answerer, told, unknown
from services.allocation.store import Found
from services.allocation.workers import store as workers
from services.allocation.workers.domain import Worker

PAGE: Final = 100
FIRST: Final = ("", UUID(int=0))
ASKERS = staff("practitioner", "manager", "duty", "coordinator", "panel_chair")
FOLLOWERS: Final = frozenset({"manager", "coordinator", "panel_chair"})
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key")]


def router(desk: Desk) -> APIRouter:
    """Asking, answering, and the tracker."""
    routes = APIRouter(tags=["actions"])
    service = desk.kernel.service
    database = service.database

    @routes.post("/v1/allocations/referrals/{referral_id}/actions", status_code=201)
    async def ask(
        request: Request,
        caller: Annotated[Caller, Depends(ASKERS)],
        referral_id: UUID,
        body: AskBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Ask somebody of an agency, who stands on the register, to do something for the family.
        They have yet to accept. 422 for what is not within their agency's role; a statutory task
        cannot be asked for."""
        claim = idempotency.claim_of(
            caller.name, idempotency_key, await request.body(), target=request.url.path
        )
        async with database.connection() as connection:
            found = await desk.find_referral(connection, caller, referral_id)
            worker = await asked_of(connection, found.authority, body.worker_id, "/worker_id")
        command = domain.Ask(
            body.kind, worker.worker_id, worker.agency, body.by, body.text, answerer(caller, found)
        )
        answer = await desk.do(
            "action_asked",
            caller,
            found,
            partial(domain.ask, command),
            status=201,
            details={"kind": body.kind, "worker_id": str(body.worker_id)},
            claim=claim,
        )
        return told(answer)

    @routes.get("/v1/actions")
    async def actions(
        caller: Annotated[Caller, Depends(LEADS)],
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """Actions that nobody has done yet, the first due first, with what was asked: chairs,
        coordinators and managers see their authority's, everybody else those asked of them or of
        their organisation's workers. Reading them is written to the audit trail."""
        day, action = paging.decode(cursor, (str, UUID)) if cursor else FIRST
        after = (_day(day), action)
        async with database.transaction() as connection:
            rows = await _rows(connection, caller, after)
            shown = rows[:PAGE]
            words = {
                note.about: note.text
                for note in await desk.store.written(
                    connection, sorted({row["referral_id"] for row in shown}), ["action"]
                )
            }
            await append_audit(connection, _read(caller, shown), service.clock())
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        following = paging.encode((last["by_day"].isoformat(), last["action_id"])) if last else None
        return {
            "items": [
                {
                    "id": row["action_id"],
                    **{name: value for name, value in row.items() if name != "action_id"},
                    "text": words.get(row["action_id"]),
                    "overdue": row["by_day"] < desk.today(),
                }
                for row in shown
            ],
            "next": following,
        }

    @routes.post("/v1/actions/{action_id}/answer")
    async def answered(
        caller: Annotated[Caller, Depends(LEADS)], action_id: UUID, body: AnswerBody
    ) -> Response:
        """Say what became of an action: accepted, declined or done. Whoever was asked says so, or
        their organisation's system; a chair, coordinator or manager notes it for them."""
        async with database.connection() as connection:
            where = await store.find(connection, action_id)
            found = Found(*where) if where else None
            if found is None or not await desk.may_know(connection, caller, found):
                raise NotFound("action_not_found", "There is no such action.")
        command = domain.Said(action_id, body.state, answerer(caller, found), body.note)
        answer = await desk.do(
            "action_answered",
            caller,
            found,
            partial(domain.answer, command),
            details={"action_id": str(action_id), "state": body.state},
        )
        return told(answer)

    async def _rows(
        connection: Connection, caller: Caller, after: tuple[date, UUID]
    ) -> list[Mapping[str, Any]]:
        if caller.roles.isdisjoint(FOLLOWERS):
            return await store.mine(connection, caller.person, caller.system_of, after, PAGE + 1)
        seer = seer_of(caller, service.clock())
        return await store.open_ones(connection, sorted(caller.authorities), seer, after, PAGE + 1)

    return routes


async def asked_of(
    connection: Connection, authority: str, worker_id: UUID, at: str, agency: str | None = None
) -> Worker:
    """Who of the register is asked. Raises InvalidInput, with a pointer, for nobody on it, somebody
    who has left, or of another agency than `agency`."""
    found = await workers.read(connection, worker_id, [authority])
    if found is None or found.left_on is not None:
        raise unknown(at)
    if agency not in (None, found.agency):
        wrong = FieldError(at, "They are of another agency.")
        raise InvalidInput("other_agency", "Some fields are wrong.", errors=(wrong,))
    return found


def _read(caller: Caller, rows: list[Mapping[str, Any]]) -> list[AuditEntry]:
    authorities = sorted({row["authority"] for row in rows})
    return [
        AuditEntry(
            "actions_read",
            caller,
            authority,
            None,
            {
                "referrals": sorted(
                    {str(row["referral_id"]) for row in rows if row["authority"] == authority}
                )
            },
        )
        for authority in authorities
    ]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
