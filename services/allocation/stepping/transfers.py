"""Transfers to other authorities over HTTP: asked, read by the receiver, answered."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Query, Response

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import Forbidden, NotFound
from chassis.http import paging
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from services.allocation.domain import Answerer
from services.allocation.domain.helping import Direction, StepState
from services.allocation.offers.desk import Desk, answerer, told
from services.allocation.stepping import along, domain, store
from services.allocation.stepping.bodies import TransferAnswerBody, TransferBody
from services.allocation.store import Found
from services.allocation.story import said

PAGE: Final = 100
NONE: Final = UUID(int=0)
MANAGERS = staff("coordinator", "manager")
Cursor = Annotated[str | None, Query(max_length=500)]


def router(desk: Desk, reads: httpx2.AsyncClient) -> APIRouter:
    """What both authorities do."""
    routes = APIRouter(tags=["stepping"])
    database = desk.kernel.service.database

    @routes.post("/v1/allocations/referrals/{referral_id}/transfer", status_code=201)
    async def away(
        caller: Annotated[Caller, Depends(MANAGERS)], referral_id: UUID, body: TransferBody
    ) -> Response:
        """Ask another authority to take what was decided to be its own. It is kept here until they
        have accepted it."""
        async with database.connection() as connection:
            found = await desk.find_referral(connection, caller, referral_id)
        command = domain.Away(body.to, body.reason, answerer(caller, found), body.note)
        answer = await desk.do(
            "transfer_asked",
            caller,
            found,
            partial(domain.ask_away, command),
            status=201,
            details={"direction": Direction.AWAY, "reason": body.reason},
        )
        return told(answer)

    @routes.get("/v1/transfers/unasked")
    async def unasked(
        caller: Annotated[Caller, Depends(MANAGERS)], cursor: Cursor = None
    ) -> Mapping[str, Any]:
        """What was decided to be another authority's, and nobody there was asked to take yet."""
        after = paging.decode(cursor, (UUID,))[0] if cursor else NONE
        seer = seer_of(caller, desk.kernel.service.clock())
        async with database.connection() as connection:
            rows = await store.unasked(
                connection, sorted(caller.authorities), seer, after, PAGE + 1
            )
        more = len(rows) > PAGE
        items = rows[:PAGE]
        following = paging.encode((items[-1]["referral_id"],)) if more else None
        return {"items": items, "next": following}

    @routes.get("/v1/transfers")
    async def transfers(
        caller: Annotated[Caller, Depends(MANAGERS)], cursor: Cursor = None
    ) -> Mapping[str, Any]:
        """Transfers that wait for an answer, from your authority or to it. Of another's you learn
        that there is one, and whom to ring."""
        after = paging.decode(cursor, (UUID,))[0] if cursor else NONE
        async with database.connection() as connection:
            rows = await store.transfers(connection, sorted(caller.authorities), after, PAGE + 1)
        items = [
            {
                "id": row["step_id"],
                "authority": row["authority"],
                "to": row["to_authority"],
                "reason": row["reason"],
                "asked_at": row["asked_at"],
                **(
                    {"referral_id": row["referral_id"]}
                    if row["authority"] in caller.authorities
                    else {}
                ),
            }
            for row in rows[:PAGE]
        ]
        more = len(rows) > PAGE
        return {"items": items, "next": paging.encode((items[-1]["id"],)) if more else None}

    @routes.get("/v1/transfers/{step_id}")
    async def opened(
        caller: Annotated[Caller, Depends(MANAGERS)], step_id: UUID
    ) -> Mapping[str, Any]:
        """One transfer, for both authorities: why it is asked, and what goes along: who the family
        is, what was told, decided and reached. Nothing of a restricted record: that is handed over
        by a person. Once it was refused the receiver sees no more of it. Audited."""
        referral_id, authority, to = await _find(caller, step_id)
        async with database.transaction() as connection:
            case = (await desk.store.load(connection, [referral_id]))[referral_id]
            step = next(one for one in case.steps if one.step_id == step_id)
            mine = authority in caller.authorities
            if not mine and step.state is StepState.RETURNED:
                raise _nowhere()
            found = Found(referral_id, authority, None, None, None)
            if mine and not await desk.may_know(connection, caller, found):
                raise _nowhere()
            notes = [] if case.restricted else await desk.store.notes(connection, referral_id)
            details = {"transfer_id": str(step_id)}
            entry = AuditEntry("transfer_read", caller, authority, referral_id, details)
            await append_audit(connection, [entry], desk.kernel.service.clock())
        kept_back: Mapping[str, Any] = {"form": None, "later": [], "decisions": []}
        return {
            "id": step_id,
            "authority": authority,
            "to": to,
            "state": step.state,
            "reason": step.reason,
            "asked_at": step.asked_at,
            "note": said(notes, step_id, "step"),
            "restricted": case.restricted,
            "reference": case.reference,
            "rag": case.rag,
            "agreement": case.agreement,
            "referral_id": referral_id if mine else None,
            "became": step.became if to in caller.authorities else None,
            "done": list(along.work(case, notes)),
            **(kept_back if case.restricted else await along.words(reads, case)),
        }

    @routes.post("/v1/transfers/{step_id}/answer", status_code=201)
    async def answered(
        caller: Annotated[Caller, Depends(MANAGERS)], step_id: UUID, body: TransferAnswerBody
    ) -> Response:
        """Accept a transfer to your authority, or say no and why. Accepted, it becomes a referral of
        yours with all that stood there, and is rated by your pack (`became`); a restricted one is
        handed over by a person. What an authority outside said is recorded by the one that asked
        it."""
        referral_id, authority, to = await _find(caller, step_id)
        here = to in desk.kernel.service.policy.authorities
        if here and to not in caller.authorities:
            raise Forbidden("receiver_answers", "The receiving authority answers this.")
        who = Answerer(caller.id, caller.roles)
        became: UUID | None = None
        if body.accepted and here:
            async with database.connection() as connection:
                case = (await desk.store.load(connection, [referral_id]))[referral_id]
                notes = await desk.store.notes(connection, referral_id)
            step = domain.away(case, step_id)
            if not case.restricted:
                became, _ = await along.hand_on(reads, step, case, notes)
        decide = (
            partial(domain.taken_away, step_id, who, became, body.note)
            if body.accepted
            else partial(domain.kept_here, step_id, who, body.reason, body.note)
        )
        answer = await desk.do(
            "transfer_answered",
            caller,
            Found(referral_id, authority, None, None, None),
            decide,
            status=201,
            details={"accepted": body.accepted, "became": str(became) if became else None},
        )
        return told(answer)

    async def _find(caller: Caller, step_id: UUID) -> tuple[UUID, str, str]:
        async with database.connection() as connection:
            where = await store.find(connection, step_id)
        if where is None or not {where[1], where[2]} & caller.authorities:
            raise _nowhere()
        return where

    return routes


def _nowhere() -> NotFound:
    return NotFound("transfer_not_found", "There is no such transfer.")
