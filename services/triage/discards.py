"""Practitioners' decisions to discard events that the house could not process, over HTTP. An
operator's command carries one out, and does nothing without one.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis import audit
from chassis.errors import DomainError, NotFound
from chassis.identity import Caller, service, staff
from chassis.stream import parked
from chassis.stream.kernel import Kernel
from contracts.codes import DiscardedBecause
from services.triage import domain
from services.triage.domain import Case, Person
from services.triage.store import TriageStore, add_discard, discards_of

DECIDERS = staff("practitioner", "manager")
Consumer = Literal["intake", "triage", "allocation", "notifications", "console"]


class DiscardBody(BaseModel):
    """The event, as an operator finds it with `frontdoor dead-letters show`, and why it may go."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    consumer: Consumer
    source: Annotated[str, Field(max_length=60, pattern=r"^[a-z]+/[0-9]+$")]
    sequence: Annotated[int, Field(ge=1, lt=2**63)]
    reason: DiscardedBecause


def router(kernel: Kernel[Case], store: TriageStore) -> APIRouter:
    """What practitioners call."""
    routes = APIRouter(tags=["triage"])
    asked = kernel.service

    @routes.post("/v1/triage/referrals/{referral_id}/parked-discard", status_code=201)
    async def parked_discard(
        caller: Annotated[Caller, Depends(DECIDERS)], referral_id: UUID, body: DiscardBody
    ) -> Mapping[str, Any]:
        """Decide that an event which could not be processed may be discarded, after reading by
        hand what it says. An operator then carries it out, naming the `id` of the answer. 409
        says that it was decided before."""
        async with asked.database.transaction() as connection:
            known = await store.authorities(connection, [referral_id])
            # The event that triage itself could not process may be the referral's first.
            authority = known.get(referral_id) or await parked.authority_of(
                connection, asked.name, referral_id
            )
            if authority is None or authority not in caller.authorities:
                raise NotFound("referral_not_found", "There is no such referral.")
            now = asked.clock()
            decided = domain.decide_discard(
                Person(caller.id, caller.name, caller.roles, caller.qualifications),
                referral_id,
                authority,
                (body.consumer, body.source, body.sequence),
                body.reason,
                asked.ids,
                now,
            )
            if not await add_discard(connection, decided):
                raise DomainError("already_decided", "That was decided before.")
            told = {
                "consumer": decided.consumer,
                "source": decided.source,
                "sequence": decided.sequence,
                "reason": decided.reason,
            }
            entry = audit.AuditEntry(
                "parked_discard_decided",
                caller,
                authority,
                referral_id,
                {"discard_id": str(decided.discard_id), **told},
            )
            await audit.append(connection, [entry], now)
        return {
            "id": decided.discard_id,
            "referral_id": referral_id,
            **told,
            "decided_at": decided.decided_at,
        }

    return routes


def internal_router(kernel: Kernel[Case]) -> APIRouter:
    """What the console asks before it carries one out."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/internal/v1/triage/discards/{referral_id}")
    async def decided(
        caller: Annotated[Caller, Depends(service())], referral_id: UUID
    ) -> Mapping[str, Any]:
        """The decisions about a referral's parked events."""
        del caller
        async with kernel.service.database.connection() as connection:
            found = await discards_of(connection, referral_id)
        return {"items": [asdict(one) for one in found]}

    return routes
