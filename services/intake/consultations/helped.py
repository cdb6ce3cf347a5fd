"""Whether the help that an answer named happened (practice rule 24): said by whoever asked, counted
for the hub. They are asked where they find the answer, and by nobody else."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import NotFound
from chassis.http.period import Day, period
from chassis.identity import Caller, partner, staff
from chassis.stream.kernel import Service
from policy.helping import Answer, summed
from policy.helping import published as without_small
from services.intake.answers import described
from services.intake.callers import organisation_of
from services.intake.consultations import domain, shapes
from services.intake.consultations.store import ConsultationStore
from services.intake.domain import Case


class HelpedBody(BaseModel):
    """What became of the help that the answer named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: Answer


def router(service: Service[Case], store: ConsultationStore) -> APIRouter:
    """What partners say, and what managers and analysts read."""
    routes = APIRouter(tags=["consultations"])

    @routes.post("/v1/consultations/{consultation_id}/helped", **described(shapes.HelpSaid))
    async def said(
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        consultation_id: UUID,
        body: HelpedBody,
    ) -> Mapping[str, Any]:
        """Say whether the help that the answer named happened, once `help.asked` is true: you need
        not ask the family. Said again, the last counts. It tells nobody that you worry: if you do,
        send a referral."""
        own = organisation_of(caller)
        return await say(service, store, caller, own, consultation_id, body.answer)

    # One path beside those of a consultation, whose ids this is none of.
    @routes.get("/v1/intake/consultations-helped", **described(shapes.HelpCounted))
    async def counted(
        caller: Annotated[Caller, Depends(staff("manager", "analyst"))],
        start: Day = None,
        end: Day = None,
        published: Annotated[bool, Query()] = False,
    ) -> Mapping[str, Any]:
        """What whoever asked for advice says became of the help that it named, by authority and
        answer: `it_happened`, `began_and_stopped`, `never_got_there`, `no_room` (none there, or it
        could not be reached), `not_known`. Days in England on which they said so, `end` not
        included; the last 31 days by default. `published` leaves small numbers out."""
        chosen = period(start, end, service.clock())
        async with service.database.connection() as connection:
            rows = await store.helped(
                connection, sorted(caller.authorities), chosen.begin, chosen.finish
            )
        found = summed(rows)
        if published:
            found = without_small(found)
        return chosen.told(found, published=published)

    return routes


async def say(
    service: Service[Case],
    store: ConsultationStore,
    caller: Caller,
    organisation_id: UUID,
    consultation_id: UUID,
    answer: Answer,
) -> Mapping[str, Any]:
    """Keep what whoever asked, of that organisation, says of the help. Raises NotFound, DomainError where nobody asks."""
    now = service.clock()
    async with service.database.transaction() as connection:
        found = await store.own(connection, consultation_id, organisation_id, lock=True)
        if found is None:
            raise NotFound("consultation_not_found", "There is no such question.")
        await store.save(connection, domain.help_said(found, answer, now))
        details = {"consultation_id": consultation_id}
        entry = AuditEntry("consultation_help_said", caller, found.authority, None, details)
        await append_audit(connection, [entry], now)
    return {"consultation_id": consultation_id, "answer": answer}
