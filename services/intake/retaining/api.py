"""What is due to be destroyed, what holds it, and the two people who destroy it, over HTTP."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query
from pydantic import BaseModel, ConfigDict

from chassis import audit
from chassis.database import Connection
from chassis.errors import NotFound
from chassis.http import paging
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from chassis.stream.kernel import Kernel
from contracts.codes import DestroyedBecause, HeldBecause, LegalStatus
from policy.working_time import LONDON
from services.intake.domain import Case
from services.intake.retaining import domain
from services.intake.retaining import store as retention
from services.intake.retaining.destroying import Retaining
from services.intake.retaining.domain import Keeping, Proposal
from services.intake.store import IntakeStore

PAGE = 100
FIRST = (date(1, 1, 1), UUID(int=0))
MANAGER = staff("manager")
Managers = Annotated[Caller, Depends(MANAGER)]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HoldBody(SentBody):
    because: HeldBecause


class DestructionBody(SentBody):
    """Why it goes, and what you found when you looked up the children's legal status."""

    because: DestroyedBecause
    legal_status: LegalStatus


class ConfirmationBody(SentBody):
    """What you found yourself when you looked up the children's legal status."""

    legal_status: LegalStatus


Changing = Callable[[Keeping, datetime, date], Keeping]


def router(kernel: Kernel[Case], store: IntakeStore, retaining: Retaining) -> APIRouter:
    """What managers call."""
    routes = APIRouter(tags=["retention"])
    service = kernel.service

    async def case_of(connection: Connection, caller: Caller, referral_id: UUID) -> Case:
        case = await store.read_for_staff(connection, referral_id, sorted(caller.authorities))
        if case is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        return case

    async def change(caller: Caller, referral_id: UUID, action: str, changing: Changing) -> Keeping:
        now = service.clock()
        async with service.database.transaction() as connection:
            case = await case_of(connection, caller, referral_id)
            kept = await retention.lock(connection, referral_id, case.authority)
            changed = changing(kept, now, now.astimezone(LONDON).date())
            await retention.write(connection, changed)
            entry = audit.AuditEntry(action, caller, case.authority, referral_id, _said(changed))
            await audit.append(connection, [entry], now)
        return changed

    @routes.get("/v1/intake/retention")
    async def due(
        caller: Managers, cursor: Annotated[str | None, Query(max_length=500)] = None
    ) -> Mapping[str, Any]:
        """Referrals that need not be kept any longer, the longest ago first. No names."""
        now = service.clock()
        after = paging.decode(cursor, (date, UUID)) if cursor else FIRST
        today = now.astimezone(LONDON).date()
        authorities = sorted(caller.authorities)
        async with service.database.transaction() as connection:
            rows = await retention.due(
                connection, authorities, today, (after[0], after[1]), PAGE + 1,
                seer_of(caller, now),
            )  # fmt: skip
            page = rows[:PAGE]
            for authority in authorities:
                ids = [kept.referral_id for kept, _ in page if kept.authority == authority]
                await audit.note_list_read(connection, caller, authority, ids, today, now)
        last = page[-1][0] if page and len(rows) > PAGE else None
        return {
            "items": [{**_shown(kept), "reference": reference} for kept, reference in page],
            "next": paging.encode((last.keep_until, last.referral_id)) if last else None,
        }

    @routes.get("/v1/intake/referrals/{referral_id}/retention")
    async def one(caller: Managers, referral_id: UUID) -> Mapping[str, Any]:
        """Until when a referral is kept, what holds it, and whether somebody proposed to destroy
        it."""
        async with service.database.connection() as connection:
            case = await case_of(connection, caller, referral_id)
            return _shown(await retention.read(connection, referral_id, case.authority))

    @routes.post("/v1/intake/referrals/{referral_id}/hold")
    async def hold(
        caller: Managers, referral_id: UUID, body: Annotated[HoldBody, Body()]
    ) -> Mapping[str, Any]:
        """Keep it whatever its time. What was proposed falls."""

        def changing(kept: Keeping, now: datetime, _today: date) -> Keeping:
            return domain.hold(kept, body.because, caller.id, now)

        return _shown(await change(caller, referral_id, "held", changing))

    @routes.post("/v1/intake/referrals/{referral_id}/hold-end")
    async def release(caller: Managers, referral_id: UUID) -> Mapping[str, Any]:
        """Hold it no longer."""

        def changing(kept: Keeping, _now: datetime, _today: date) -> Keeping:
            return domain.release(kept)

        return _shown(await change(caller, referral_id, "hold_ended", changing))

    @routes.post("/v1/intake/referrals/{referral_id}/destruction", status_code=201)
    async def propose(
        caller: Managers, referral_id: UUID, body: Annotated[DestructionBody, Body()]
    ) -> Mapping[str, Any]:
        """Be the first of two who destroy a referral: everything about it in every service."""

        def changing(kept: Keeping, now: datetime, today: date) -> Keeping:
            proposal = Proposal(body.because, body.legal_status, caller.id, now)
            return domain.propose(kept, proposal, today)

        return _shown(await change(caller, referral_id, "destruction_proposed", changing))

    @routes.post("/v1/intake/referrals/{referral_id}/destruction-confirmation")
    async def confirm(
        caller: Managers, referral_id: UUID, body: Annotated[ConfirmationBody, Body()]
    ) -> Mapping[str, Any]:
        """Be the second, having looked up the legal status yourself. It is gone after that, and
        nobody brings it back."""

        def changing(kept: Keeping, now: datetime, today: date) -> Keeping:
            return domain.confirm(kept, body.legal_status, caller.id, now, today)

        changed = await change(caller, referral_id, "destruction_confirmed", changing)
        await retaining.destroy(changed)
        return {"id": referral_id, "erased": True}

    return routes


def _shown(kept: Keeping) -> Mapping[str, Any]:
    return {
        "id": kept.referral_id,
        "authority": kept.authority,
        "keep_until": kept.keep_until,
        "held": (
            {"because": kept.hold.because, "staff_id": kept.hold.staff_id, "at": kept.hold.at}
            if kept.hold
            else None
        ),
        "proposed": (
            {
                "because": kept.proposal.because,
                "legal_status": kept.proposal.legal_status,
                "staff_id": kept.proposal.staff_id,
                "at": kept.proposal.at,
            }
            if kept.proposal
            else None
        ),
    }


def _said(kept: Keeping) -> Mapping[str, Any]:
    """What the audit trail keeps of a change: codes alone."""
    return {
        "held_because": kept.hold.because if kept.hold else None,
        "because": kept.proposal.because if kept.proposal else None,
        "legal_status": kept.proposal.legal_status if kept.proposal else None,
    }
