"""Intake over HTTP: receiving referrals, and what their referrers may know of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import BadRequest, FieldError, InvalidInput, NotFound
from chassis.http import etags, idempotency, paging
from chassis.identity import Caller, partner, staff
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import traces
from chassis.vault import BlindIndex
from contracts.form import (
    CLEAN_WORDS,
    FieldWarning,
    FormReading,
    FormRefused,
    ReferralForm,
    read_form,
)
from policy.working_time import LONDON
from services.intake import domain, submission
from services.intake.domain import Case
from services.intake.earlier import Asked, Lookups
from services.intake.references import References
from services.intake.store import IntakeStore
from services.intake.telling import Telling, received

PAGE = 100
FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key")]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class InformationBody(SentBody):
    """Something the referrer has learnt since."""

    information: Annotated[str, Field(min_length=1, max_length=100_000), CLEAN_WORDS]
    immediate_danger: bool = False


class WithdrawalBody(SentBody):
    reason: Annotated[str, Field(min_length=3, max_length=5_000), CLEAN_WORDS]


@dataclass(frozen=True, slots=True)
class Desk:
    """What receiving a referral needs."""

    kernel: Kernel[Case]
    store: IntakeStore
    references: References
    earlier: Lookups
    index: BlindIndex
    telling: Telling


def router(desk: Desk) -> APIRouter:
    """What partners call."""
    routes = APIRouter(tags=["referrals"])
    kernel, store = desk.kernel, desk.store
    service = kernel.service

    async def own(caller: Caller, referral_id: UUID) -> Case:
        async with service.database.connection() as connection:
            case = await store.read_own(connection, referral_id, _organisation(caller))
        if case is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        return case

    async def obey(
        caller: Caller,
        case: Case,
        action: str,
        decide: Any,
        *,
        claim: idempotency.Claim | None,
        status: int,
    ) -> Response:
        return _response(
            await kernel.submit(
                Command(
                    referral_id=case.referral_id,
                    authority=case.authority,
                    decide=decide,
                    audit=AuditEntry(action, caller, case.authority, case.referral_id),
                    claim=claim,
                    status=status,
                    traceparent=traces.current_traceparent(),
                )
            )
        )

    @routes.post(
        "/v1/referrals",
        status_code=201,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": ReferralForm.model_json_schema()}},
            }
        },
    )
    async def submit(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        idempotency_key: IdempotencyKey = None,
        prefer: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Refer one or more children of a household. 201 is sent once the referral is stored.

        What is missing or odd comes back as `warnings` and never holds a referral up; a wrong
        value in a field that a safe decision needs is refused with a pointer to it, unless the
        content is urgent or `Prefer: handling=lenient` is sent.
        """
        body = await request.body()
        claim = idempotency.claim_of(caller.name, idempotency_key, body, target=request.url.path)
        now = service.clock()
        today = now.astimezone(LONDON).date()
        reading = _read(body, today, service.policy.authorities, prefer)
        authority = str(reading.form.authority)
        pack = service.policy.current(authority, today)
        read = submission.prepare(reading, pack, desk.index, today, service.ids)
        organisation_id = _organisation(caller)
        your_reference = (
            desk.index.of("your_reference", reading.form.your_reference)
            if reading.form.your_reference
            else None
        )
        warnings = list(reading.warnings)
        earlier = await desk.earlier.find(
            Asked(authority, organisation_id, read.keys, your_reference)
        )
        if earlier.repeated_reference:
            warnings.append(
                FieldWarning(
                    "/your_reference",
                    "You have sent a referral with this reference before. This is kept as a new "
                    "one beside it.",
                    "reference_used_before",
                )
            )
        referral_id = service.ids()
        command = domain.Submission(
            referral_id=referral_id,
            authority=authority,
            reference=await desk.references.next(authority, pack.prefix),
            organisation_id=organisation_id,
            client_id=caller.name,
            facts=submission.facts(
                read,
                earlier.links,
                pack,
                completeness=reading.completeness.score,
                repeated_reference=earlier.repeated_reference,
            ),
            pack_version=pack.version,
            form=submission.content(read, reading.originals),
            keys=read.keys,
            your_reference=your_reference,
            answer=received(referral_id, pack, reading, warnings, now),
        )
        answer = await kernel.submit(
            Command(
                referral_id=referral_id,
                authority=authority,
                decide=lambda state, policy, ids, at: domain.submit(
                    state, command, policy, ids, at
                ),
                audit=AuditEntry("referral_received", caller, authority, referral_id),
                claim=claim,
                status=201,
                traceparent=traces.current_traceparent(),
            )
        )
        return _response(answer)

    @routes.get("/v1/referrals")
    async def listed(
        caller: Annotated[Caller, Depends(partner("referral.read"))],
        updated_since: Annotated[datetime | None, Query()] = None,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """Your organisation's referrals in the order of change. Follow `next`, or keep the newest
        `updated_at` and ask again with it."""
        after = FIRST
        if cursor:
            after = paging.decode(cursor, (datetime, UUID))
        elif updated_since:
            after = (_in_utc(updated_since), UUID(int=0))
        async with service.database.connection() as connection:
            cases = await store.list_own(connection, _organisation(caller), after, PAGE + 1)
        page = cases[:PAGE]
        last = page[-1] if page else None
        following = (
            paging.encode((last.updated_at, last.referral_id))
            if last and len(cases) > PAGE
            else None
        )
        return {"items": [desk.telling.listed(case) for case in page], "next": following}

    @routes.get("/v1/referrals/{referral_id}")
    async def status(
        caller: Annotated[Caller, Depends(partner("referral.read"))],
        referral_id: UUID,
        response: Response,
    ) -> Mapping[str, Any]:
        """Where a referral of your organisation stands: once decided, the decision with its
        reasons, and what happens next by when."""
        case = await own(caller, referral_id)
        response.headers["ETag"] = etags.etag(case.version)
        return await desk.telling.status(case, service.clock())

    @routes.post("/v1/referrals/{referral_id}/information", status_code=201)
    async def inform(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        referral_id: UUID,
        body: Annotated[InformationBody, Body()],
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Add what you have learnt since. The rules read it at once, and may raise the rating."""
        claim = idempotency.claim_of(
            caller.name, idempotency_key, await request.body(), target=request.url.path
        )
        case = await own(caller, referral_id)
        pack = service.policy.version(case.authority, case.pack_version)
        signals, readings = submission.read_texts({"information": body.information}, pack)
        command = domain.Information(
            content=body.information,
            update={
                "signals": signals,
                "texts": readings,
                "immediate_danger": body.immediate_danger,
            },
        )
        return await obey(
            caller,
            case,
            "information_added",
            lambda state, policy, ids, now: domain.inform(state, command, policy, ids, now),
            claim=claim,
            status=201,
        )

    @routes.post("/v1/referrals/{referral_id}/withdrawal", status_code=202)
    async def withdraw(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        referral_id: UUID,
        body: Annotated[WithdrawalBody, Body()],
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Ask to withdraw. A practitioner reads the referral and closes it or goes on with it;
        until then its clocks run on."""
        claim = None
        if idempotency_key:
            claim = idempotency.claim_of(
                caller.name, idempotency_key, await request.body(), target=request.url.path
            )
        case = await own(caller, referral_id)
        command = domain.Withdrawal(body.reason)
        return await obey(
            caller,
            case,
            "withdrawal_asked",
            lambda state, policy, ids, now: domain.withdraw(state, command, policy, ids, now),
            claim=claim,
            status=202,
        )

    return routes


def staff_router(desk: Desk) -> APIRouter:
    """What staff of the hub read of a form."""
    routes = APIRouter(tags=["referrals"])
    service = desk.kernel.service

    @routes.get("/v1/intake/referrals/{referral_id}")
    async def opened(
        caller: Annotated[Caller, Depends(staff("practitioner", "manager", "duty", "coordinator"))],
        referral_id: UUID,
    ) -> Mapping[str, Any]:
        """The whole referral with its names and its story. Opening it is written to the audit
        trail."""
        async with service.database.transaction() as connection:
            case = await desk.store.read_for_staff(
                connection, referral_id, sorted(caller.authorities)
            )
            if case is None:
                raise NotFound("referral_not_found", "There is no such referral.")
            words = await desk.store.words(
                connection, [referral_id], ["form", "information", "withdrawal"]
            )
            await append_audit(
                connection,
                [AuditEntry("case_opened", caller, case.authority, referral_id)],
                service.clock(),
            )
        form = next((one for one in words if one["kind"] == "form"), None)
        return {
            "id": case.referral_id,
            "reference": case.reference,
            "authority": case.authority,
            "received_at": case.received_at,
            "version": case.version,
            "form": from_json(form["content"]) if form else None,
            "later": [
                {
                    "kind": one["kind"],
                    "received_at": one["received_at"],
                    "text": one["content"],
                }
                for one in words
                if one["kind"] != "form"
            ],
            "withdrawal_requested_at": case.withdrawal_requested_at,
        }

    return routes


def _in_utc(moment: datetime) -> datetime:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as beyond:
        wrong = FieldError("/query/updated_since", "This is before or after all times.")
        raise InvalidInput("invalid_request", "Some fields are wrong.", errors=(wrong,)) from beyond


def _organisation(caller: Caller) -> UUID:
    if caller.organisation_id is None:
        raise NotFound("referral_not_found", "There is no such referral.")
    return caller.organisation_id


def _read(body: bytes, today: Any, authorities: Any, prefer: str | None) -> FormReading:
    lenient = "handling=lenient" in (prefer or "").replace(" ", "").lower()
    try:
        return read_form(body, today=today, authorities=authorities, lenient=lenient)
    except FormRefused as refused:
        errors = [FieldError(pointer, detail) for pointer, detail in refused.errors]
        if refused.status == 400:
            raise BadRequest("malformed_json", "The body is not JSON.", errors=errors) from refused
        raise InvalidInput(
            "invalid_referral",
            "Some fields that a safe decision needs are missing or wrong.",
            errors=errors,
        ) from refused


def _response(answer: Any) -> Response:
    headers = {"Idempotent-Replay": "true"} if answer.replayed else None
    return Response(answer.body, answer.status, headers, media_type="application/json")
