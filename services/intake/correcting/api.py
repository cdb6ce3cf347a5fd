"""Corrections over HTTP: what the referrer, or the hub, finds to be wrong about who a child is."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from chassis.audit import AuditEntry
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.http import idempotency
from chassis.identity import Caller, partner, staff
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import traces
from chassis.vault import BlindIndex
from contracts.form import CLEAN_LINE, ReferralForm
from policy.working_time import LONDON
from services.intake import answers
from services.intake.callers import IdempotencyKey, organisation_of, response_of
from services.intake.correcting import domain
from services.intake.domain import Case, live
from services.intake.referrers import store as referrers
from services.intake.store import IntakeStore
from services.intake.submission import child_facts, person_keys

CORRECTING: Final = ("practitioner", "manager", "duty")

Line = Annotated[str, Field(max_length=200), CLEAN_LINE]


class CorrectionBody(BaseModel):
    """What is right about a child. `child` is its place in the form's list, from 0. Only fields that
    you send are changed; null, or an empty text, says that it is not known after all. A date of birth
    for an unborn child says that it was born."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    child: int = Field(ge=0, le=100)
    because: str
    given_name: Line | None = None
    family_name: Line | None = None
    date_of_birth: Line | None = None
    expected_date_of_delivery: Line | None = None
    sex: Line | None = None
    nhs_number: Line | None = None
    upn: Line | None = None

    @property
    def values(self) -> dict[str, str | None]:
        """The fields that were sent."""
        sent = self.model_fields_set
        return {name: getattr(self, name) or None for name in domain.FIELDS if name in sent}


def router(kernel: Kernel[Case], store: IntakeStore, index: BlindIndex) -> APIRouter:
    """What partners and the hub call."""
    routes = APIRouter(tags=["referrals"])
    service = kernel.service

    async def keep(
        request: Request, caller: Caller, case: Case | None, body: CorrectionBody, key: str | None
    ) -> Response:
        claim = idempotency.claim_of(
            caller.name, key, await request.body(), target=request.url.path
        )
        if case is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        today = service.clock().astimezone(LONDON).date()
        errors = domain.wrong(body.values, body.because, today)
        if errors:
            raise _refused(errors)
        async with service.database.connection() as connection:
            words = await store.words(connection, [case.referral_id], ["form"])
        correction = _read(live(case), words, body, caller)
        details = {"child_id": str(correction.facts.child_id), "fields": sorted(correction.values)}
        return response_of(
            await kernel.submit(
                Command(
                    referral_id=case.referral_id,
                    authority=case.authority,
                    decide=partial(_correct, correction),
                    audit=AuditEntry(
                        "identity_corrected", caller, case.authority, case.referral_id, details
                    ),
                    claim=claim,
                    status=201,
                    traceparent=traces.current_traceparent(),
                )
            )
        )

    def _read(
        case: Case, words: list[dict[str, Any]], body: CorrectionBody, caller: Caller
    ) -> domain.Correction:
        """Raises NotFound for a form that was erased, InvalidInput for a child that isn't on it."""
        if not words:
            raise NotFound("referral_not_found", "There is no such referral.")
        document = from_json(words[0]["content"])
        children = document["children"]
        if body.child >= len(children):
            raise _refused([FieldError("/child", "There is no such child on this form.")])
        said: Mapping[str, Any] = children[body.child]
        values = {
            name: value
            for name, value in domain.whole(body.values).items()
            if value != (said.get(name) or None)
        }
        if not values:
            raise _refused([FieldError("", "The form says so already.")])
        children[body.child] = {**said, **values}
        form = ReferralForm.model_validate(document)
        child_id = UUID(said["child_id"])
        pack = service.policy.current(case.authority, service.clock().astimezone(LONDON).date())
        return domain.Correction(
            child=body.child,
            values=values,
            was={name: said.get(name) or None for name in values},
            because=body.because,
            by_hub=caller.kind == "staff",
            facts=child_facts(
                form, body.child, child_id, case.received_at.astimezone(LONDON).date()
            ),
            keys=tuple(person_keys(child_id, form.children[body.child], index, pack.matching)),
            version=case.version,
        )

    @routes.post(
        "/v1/referrals/{referral_id}/corrections",
        status_code=201,
        **answers.described(answers.CorrectionKept, 201),
    )
    async def by_referrer(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        referral_id: UUID,
        body: CorrectionBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Correct a child's name, birth date, sex or numbers. The child is looked up again, and the
        referral is rated again where its age says something else."""
        async with service.database.connection() as connection:
            case = await referrers.read_own(
                connection, referral_id, organisation_of(caller), caller.name
            )
        return await keep(request, caller, case, body, idempotency_key)

    @routes.post(
        "/v1/intake/referrals/{referral_id}/corrections",
        status_code=201,
        **answers.described(answers.CorrectionKept, 201),
    )
    async def by_the_hub(
        request: Request,
        caller: Annotated[Caller, Depends(staff(*CORRECTING))],
        referral_id: UUID,
        body: CorrectionBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """The same, for what the hub finds out. What stood before is kept beside it."""
        async with service.database.connection() as connection:
            case = await store.read_for_staff(connection, referral_id, sorted(caller.authorities))
        return await keep(request, caller, case, body, idempotency_key)

    return routes


def _refused(errors: list[FieldError]) -> InvalidInput:
    return InvalidInput("invalid_correction", "Some fields are wrong.", errors=tuple(errors))


def _correct(correction: domain.Correction, state: Case | None, *rest: Any) -> Any:
    return domain.correct(state, correction, *rest)
