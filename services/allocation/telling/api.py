"""Recording over HTTP that the school, or the family, was told."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import AwareDatetime, Field

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.http import idempotency
from chassis.identity import Caller, staff
from contracts.codes import Told
from contracts.form import CLEAN_LINE
from services.allocation.domain.case import Note
from services.allocation.offers.bodies import Words
from services.allocation.offers.desk import Desk, answerer, told
from services.allocation.telling import domain
from services.allocation.workers.bodies import SentBody

TELLERS = staff("practitioner", "manager", "duty", "coordinator")
PATH: Final = "/v1/allocations/referrals/{referral_id}/tellings"
Code = Annotated[str, Field(max_length=60)]


class TellingBody(SentBody):
    """Who was told and when: `how` and `to` (their name or post), or `not_because`. `words`: what
    they said, or more of the reason. `safe_contact` is needed where there is domestic abuse and the
    family was written to."""

    whom: Told
    at: AwareDatetime
    to: Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE] | None = None
    how: Code | None = None
    not_because: Code | None = None
    words: Words | None = None
    safe_contact: bool | None = None


def router(desk: Desk) -> APIRouter:
    """What staff record and read."""
    routes = APIRouter(tags=["telling"])
    service = desk.kernel.service
    database = service.database

    @routes.post(PATH, status_code=201)
    async def tell(
        request: Request,
        caller: Annotated[Caller, Depends(TELLERS)],
        referral_id: UUID,
        body: TellingBody,
        idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> Response:
        """Record that the school or the family was told, or why they are not, before a decision or
        after. It stops the clocks that wait for it, at `at`. Who could not be reached has not been
        told: the clock runs on."""
        claim = idempotency.claim_of(
            caller.name, idempotency_key, await request.body(), target=request.url.path
        )
        async with database.connection() as connection:
            found = await desk.find_referral(connection, caller, referral_id)
        command = domain.Tell(
            body.whom,
            body.at,
            answerer(caller, found),
            body.to,
            body.how,
            body.not_because,
            body.words,
            body.safe_contact,
        )
        answer = await desk.do(
            f"{body.whom}_told" if body.not_because is None else f"{body.whom}_not_told",
            caller,
            found,
            partial(domain.tell, command),
            status=201,
            details={
                "how": body.how,
                "because": body.not_because,
                "safe_contact": body.safe_contact,
            },
            claim=claim,
        )
        return told(answer)

    @routes.get(PATH)
    async def read(
        caller: Annotated[Caller, Depends(TELLERS)], referral_id: UUID
    ) -> Mapping[str, Any]:
        """What was recorded of telling, with its words, the latest first. Audited."""
        async with database.transaction() as connection:
            found = await desk.find_referral(connection, caller, referral_id)
            case = (await desk.store.load(connection, [referral_id]))[referral_id]
            recorded = domain.tellings(case)
            notes = await desk.store.notes(connection, referral_id) if recorded else []
            if recorded:
                entry = AuditEntry("tellings_read", caller, found.authority, referral_id)
                await append_audit(connection, [entry], service.clock())
        return {
            "items": [
                {
                    "id": one.milestone_id,
                    "whom": whom,
                    "at": one.at,
                    "how": one.how,
                    "not_because": one.not_because,
                    "safe_contact": one.safe_contact,
                    "recorded_at": one.recorded_at,
                    "to": _written(notes, one.milestone_id, domain.TO),
                    "words": _written(notes, one.milestone_id, domain.SAID),
                }
                for whom, one in recorded
            ],
            "next": None,
        }

    return routes


def _written(notes: list[Note], about: UUID, kind: str) -> str | None:
    return next((one.text for one in notes if (one.about, one.kind) == (about, kind)), None)
