"""Agreement over HTTP: what the referrer or the hub hears from the family later."""

from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.audit import AuditEntry
from chassis.errors import InvalidInput, NotFound
from chassis.http import idempotency
from chassis.identity import Caller, partner, staff
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import traces
from contracts.form import CLEAN_LINE, CLEAN_WORDS
from policy.working_time import LONDON
from services.intake import answers
from services.intake.agreeing import domain
from services.intake.callers import IdempotencyKey, organisation_of, response_of
from services.intake.domain import Case
from services.intake.referrers import store as referrers
from services.intake.store import IntakeStore

Words = Annotated[str, Field(min_length=1, max_length=5_000), CLEAN_WORDS]


class AgreementBody(BaseModel):
    """What the family says: `given`, `refused`, or `withdrawn` where they had agreed. `who` said it,
    as a code, and `given_by` as a name or a relationship; `given_on` when; `scope` to what. Say
    with `parents_informed` whether the parents know of the referral, and why they were not told."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    status: str
    who: str
    given_by: Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]
    given_on: date
    scope: tuple[str, ...] = Field(default=(), max_length=20)
    covers: Words | None = None
    evidence: Words | None = None
    young_persons_own: str | None = None
    parents_informed: bool | None = None
    reason_not_informed: str | None = None


def router(kernel: Kernel[Case], store: IntakeStore) -> APIRouter:
    """What partners and the hub call."""
    routes = APIRouter(tags=["agreement"])
    service = kernel.service

    async def keep(
        request: Request, caller: Caller, case: Case | None, body: AgreementBody, key: str | None
    ) -> Response:
        claim = idempotency.claim_of(
            caller.name, key, await request.body(), target=request.url.path
        )
        if case is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        said = domain.Said(**body.model_dump())
        errors = domain.wrong(said, service.clock().astimezone(LONDON).date())
        if errors:
            raise InvalidInput("invalid_agreement", "Some fields are wrong.", errors=errors)
        entry = AuditEntry(
            "agreement_recorded", caller, case.authority, case.referral_id, {"status": said.status}
        )
        return response_of(
            await kernel.submit(
                Command(
                    referral_id=case.referral_id,
                    authority=case.authority,
                    decide=partial(_record, said),
                    audit=entry,
                    claim=claim,
                    status=201,
                    traceparent=traces.current_traceparent(),
                )
            )
        )

    @routes.post(
        "/v1/referrals/{referral_id}/agreement",
        status_code=201,
        **answers.described(answers.AgreementKept, 201),
    )
    async def by_referrer(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create", people=True))],
        referral_id: UUID,
        body: AgreementBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Say what the family told you about help, or that they take their agreement back. Answers
        what the hub asked you about it, once nothing of that is missing."""
        async with service.database.connection() as connection:
            case = await referrers.read_own(
                connection,
                referral_id,
                organisation_of(caller),
                caller.name,
                alone=caller.sees_own_alone,
            )
        return await keep(request, caller, case, body, idempotency_key)

    @routes.post(
        "/v1/intake/referrals/{referral_id}/agreement",
        status_code=201,
        **answers.described(answers.AgreementKept, 201),
    )
    async def by_the_hub(
        request: Request,
        caller: Annotated[Caller, Depends(staff("practitioner", "manager", "duty"))],
        referral_id: UUID,
        body: AgreementBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Write down what the family told the hub."""
        async with service.database.connection() as connection:
            case = await store.read_for_staff(connection, referral_id, sorted(caller.authorities))
        return await keep(request, caller, case, body, idempotency_key)

    return routes


def _record(said: domain.Said, state: Case | None, *rest: Any) -> Any:
    return domain.record(state, said, *rest)
