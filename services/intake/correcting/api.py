"""Corrections over HTTP: what the referrer, or the hub, finds to be wrong about who somebody is, or
where they live."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from chassis import audit
from chassis.audit import AuditEntry
from chassis.database import Connection
from chassis.errors import FieldError, NotFound
from chassis.http import idempotency
from chassis.identity import Caller, partner, staff
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import traces
from chassis.vault import BlindIndex
from contracts.events import Home
from contracts.form import CLEAN_LINE, ReferralForm
from policy.allocation import locality_of
from policy.working_time import LONDON
from services.intake import answers
from services.intake.callers import IdempotencyKey, organisation_of, response_of
from services.intake.correcting import domain
from services.intake.correcting import store as corrections
from services.intake.correcting.reading import Asked, on_form, read, refused
from services.intake.domain import Case, live
from services.intake.people.store import ask_again
from services.intake.postcodes.wards import Wards
from services.intake.referrers import store as referrers
from services.intake.showing import sees_all
from services.intake.store import IntakeStore
from services.intake.submission import first_school, home_postcode

CORRECTING: Final = ("practitioner", "manager", "duty")

Line = Annotated[str, Field(max_length=200), CLEAN_LINE]


class AddressBody(BaseModel):
    """Where somebody lives. `confidential`: shown to few; as it was, where you do not say."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    lines: tuple[Line, ...] = Field(default=(), max_length=10)
    postcode: Line | None = None
    confidential: bool | None = None


class CorrectionBody(BaseModel):
    """What is right about somebody: `child` is a place in the form's list of children, `person` one
    in its household, from 0; say one of the two. Only fields that you send are changed; null, or an
    empty text, says that it is not known after all. A date of birth for an unborn child says that it
    was born."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    child: int | None = Field(default=None, ge=0, le=100)
    person: int | None = Field(default=None, ge=0, le=100)
    because: str
    given_name: Line | None = None
    family_name: Line | None = None
    name: Line | None = None
    relationship: Line | None = None
    date_of_birth: Line | None = None
    expected_date_of_delivery: Line | None = None
    sex: Line | None = None
    nhs_number: Line | None = None
    upn: Line | None = None
    address: AddressBody | None = None
    current_address: AddressBody | None = None

    @property
    def whom(self) -> tuple[str, int]:
        """The list of the form that it is about, and the place in it. Raises InvalidInput."""
        if (self.child is None) == (self.person is None):
            raise refused([FieldError("/child", "Say child or person, one of the two.")])
        if self.child is not None:
            return domain.CHILDREN, self.child
        return domain.HOUSEHOLD, self.person or 0

    @property
    def values(self) -> dict[str, Any]:
        """The fields that were sent."""
        sent = self.model_dump(exclude_unset=True, exclude={"child", "person", "because"})
        return {name: value or None for name, value in sent.items()}


def router(kernel: Kernel[Case], store: IntakeStore, index: BlindIndex, wards: Wards) -> APIRouter:
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
        part, place = body.whom
        errors = domain.wrong(body.values, body.because, today, part)
        if errors:
            raise refused(errors)
        async with service.database.connection() as connection:
            words = await store.words(connection, [case.referral_id], ["form"])
            hub = caller.kind == "staff"
            # What the hub corrected is not theirs to learn, nor to find by guessing.
            known = (
                words
                if hub
                else await store.words(connection, [case.referral_id], ["form"], by_hub=False)
            )
        if not words or not known:
            raise NotFound("referral_not_found", "There is no such referral.")
        theirs = None if hub else from_json(known[0]["content"])
        shown = not hub or sees_all(caller)
        asked = Asked(part, place, body.values, body.because, hub, shown, theirs)
        correction = await _read(live(case), from_json(words[0]["content"]), asked, today)
        details = {
            "person_id": str(correction.person_id),
            "of": correction.part,
            "fields": sorted(correction.values),
        }
        answer = await kernel.submit(
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
        await _part(case, correction, caller)
        return response_of(answer)

    async def _part(case: Case, correction: domain.Correction, caller: Caller) -> None:
        """Have later referrals forget what was found of who is corrected, and look again."""
        async with service.database.connection() as connection:
            keepers = await corrections.keepers(
                connection, case.referral_id, correction.person_id, case.authority
            )
        if not keepers:
            return
        command = domain.Corrected(correction.person_id, correction.moved)
        details = {"person_id": str(correction.person_id)}
        await asyncio.gather(
            *(
                kernel.submit(
                    Command(
                        referral_id=one,
                        authority=case.authority,
                        decide=partial(_parted, command),
                        audit=AuditEntry("matches_parted", caller, case.authority, one, details),
                        traceparent=traces.current_traceparent(),
                    )
                )
                for one in keepers
            )
        )
        async with service.database.connection() as connection:
            await ask_again(connection, [case.referral_id])

    async def _read(
        case: Case, document: dict[str, Any], asked: Asked, today: date
    ) -> domain.Correction:
        """Raises as `reading.read` does."""
        pack = service.policy.current(case.authority, today)
        before = home_postcode(ReferralForm.model_validate(document))
        received_on = case.received_at.astimezone(LONDON).date()
        correction, form = read(case, document, asked, index, pack.matching, received_on)
        postcode = home_postcode(form)
        if postcode == before:
            return correction
        ward = await wards.of(postcode, pack)
        locality, cluster = locality_of(postcode, first_school(form), pack.allocation, ward)
        return replace(correction, home=Home(locality=locality, school_cluster=cluster))

    async def own(connection: Connection, caller: Caller, referral_id: UUID) -> Case | None:
        return await referrers.read_own(
            connection,
            referral_id,
            organisation_of(caller),
            caller.name,
            alone=caller.sees_own_alone,
        )

    @routes.get("/v1/referrals/{referral_id}/people", **answers.described(answers.PeopleOnForm))
    async def people(
        caller: Annotated[Caller, Depends(partner("referral.read", people=True))],
        referral_id: UUID,
    ) -> Mapping[str, Any]:
        """Who stands on your form, by the places that a correction names. What the hub has corrected
        since is left out. Audited."""
        async with service.database.transaction() as connection:
            case = await own(connection, caller, referral_id)
            words = (
                await store.words(connection, [case.referral_id], ["form"], by_hub=False)
                if case
                else []
            )
            if case is None or not words:
                raise NotFound("referral_not_found", "There is no such referral.")
            entry = AuditEntry("people_read", caller, case.authority, case.referral_id)
            await audit.append(connection, [entry], service.clock())
        return {"items": list(on_form(from_json(words[0]["content"])))}

    @routes.post(
        "/v1/referrals/{referral_id}/corrections",
        status_code=201,
        **answers.described(answers.CorrectionKept, 201),
    )
    async def by_referrer(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create", people=True))],
        referral_id: UUID,
        body: CorrectionBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Correct a child's name, birth date, sex, numbers or address; or the name, relationship,
        birth date or address of another in the household. They are looked up again, the referral is
        rated again where a child's age says something else, and goes to the locality of the right
        address."""
        async with service.database.connection() as connection:
            case = await own(connection, caller, referral_id)
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


def _correct(correction: domain.Correction, state: Case | None, *rest: Any) -> Any:
    return domain.correct(state, correction, *rest)


def _parted(command: domain.Corrected, state: Case | None, *rest: Any) -> Any:
    return domain.part(state, command, *rest)
