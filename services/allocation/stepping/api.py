"""Steps and transfers over HTTP."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import Forbidden, NotFound
from chassis.http import paging
from chassis.identity import Caller, person_or_partner, staff
from chassis.identity.scopes import CASE_LEAD
from services.allocation.domain import Answerer
from services.allocation.domain.helping import Direction, StepState
from services.allocation.offers.bodies import Words
from services.allocation.offers.desk import Desk, answerer, told
from services.allocation.stepping import along, domain, store
from services.allocation.stepping.domain import GivenBack, Move, Why
from services.allocation.store import Found
from services.allocation.story import said
from services.allocation.workers.bodies import SentBody

PAGE: Final = 100
NONE: Final = UUID(int=0)
LEADS = person_or_partner(
    CASE_LEAD, "practitioner", "manager", "duty", "coordinator", "panel_chair", people=True
)
RECEIVERS = staff("practitioner", "manager", "duty", "coordinator")
MANAGERS = staff("coordinator", "manager")
Cursor = Annotated[str | None, Query(max_length=500)]


class StepBody(SentBody):
    """A case is to move. An unplanned step up is a worry of now, and goes to duty at once."""

    direction: Literal[Direction.UP, Direction.DOWN]
    planned: bool = True
    reason: Why
    note: Words | None = None


class ReturnBody(SentBody):
    """Why a receiver gives a case back."""

    reason: GivenBack
    note: Words | None = None


class TransferBody(SentBody):
    """To which authority a case goes: the code of one here, or another's name."""

    to: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$", max_length=80)]
    reason: Why = Why.MOVED_HOME
    note: Words | None = None


class TransferAnswerBody(SentBody):
    """Whether the other authority has accepted the case; if not, why."""

    accepted: bool
    reason: GivenBack | None = None
    note: Words | None = None


def router(desk: Desk, reads: httpx2.AsyncClient) -> APIRouter:
    """What leads and receivers do."""
    routes = APIRouter(tags=["stepping"])
    database = desk.kernel.service.database

    async def move(
        action: str, caller: Caller, allocation_id: UUID, said: Mapping[str, Any]
    ) -> Response:
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        command = Move(allocation_id, who=answerer(caller, found), **said)
        answer = await desk.do(
            action,
            caller,
            found,
            partial(domain.ask, command),
            status=201,
            details={"direction": command.direction, "reason": command.reason},
        )
        return told(answer)

    @routes.post("/v1/work/{allocation_id}/steps", status_code=201)
    async def step(
        caller: Annotated[Caller, Depends(LEADS)], allocation_id: UUID, body: StepBody
    ) -> Response:
        """Ask that a case steps up or down. Whoever has it goes on until the receiver accepts; the
        story goes along. A step down needs the family's agreement. `loops` says that it went up
        and down three times."""
        return await move("step_asked", caller, allocation_id, body.model_dump())

    @routes.post("/v1/allocations/{allocation_id}/return", status_code=201)
    async def give_back(
        caller: Annotated[Caller, Depends(RECEIVERS)], allocation_id: UUID, body: ReturnBody
    ) -> Response:
        """Give a case that stepped up or down back, with a reason."""
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        answer = await desk.do(
            "step_given_back",
            caller,
            found,
            partial(
                domain.give_back, allocation_id, body.reason, body.note, answerer(caller, found)
            ),
            status=201,
            details={"reason": body.reason},
        )
        return told(answer)

    @routes.post("/v1/work/{allocation_id}/transfer", status_code=201)
    async def transfer(
        caller: Annotated[Caller, Depends(MANAGERS)], allocation_id: UUID, body: TransferBody
    ) -> Response:
        """Ask another authority to take a case. It is kept here until they have accepted it."""
        said = {"direction": Direction.AWAY, "planned": True, **body.model_dump()}
        return await move("transfer_asked", caller, allocation_id, said)

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

    @routes.get("/v1/loops")
    async def loops(
        caller: Annotated[Caller, Depends(RECEIVERS)], cursor: Cursor = None
    ) -> Mapping[str, Any]:
        """Cases that went up and down three times or more."""
        after = paging.decode(cursor, (UUID,))[0] if cursor else NONE
        async with database.connection() as connection:
            rows = await store.loops(connection, sorted(caller.authorities), after, PAGE + 1)
        more = len(rows) > PAGE
        items = rows[:PAGE]
        following = paging.encode((items[-1]["referral_id"],)) if more else None
        return {"items": items, "next": following}

    return routes


def _nowhere() -> NotFound:
    return NotFound("transfer_not_found", "There is no such transfer.")
