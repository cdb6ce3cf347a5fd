"""Intake over HTTP: receiving referrals, and what their referrers may know of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json, to_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.http import etags, idempotency, paging
from chassis.http.claims import Claim
from chassis.http.straight import Straight
from chassis.identity import Caller, partner, staff
from chassis.stream.kernel import Command, Kernel, Service
from chassis.telemetry import traces
from contracts.form import CLEAN_WORDS, ReferralForm
from services.intake import answers, later, submission
from services.intake.callers import WEB, IdempotencyKey, organisation_of, response_of
from services.intake.domain import Case
from services.intake.later import LATER
from services.intake.preparing import Written
from services.intake.receiving import Receiving, Sender, asks_leniency
from services.intake.referrers import store as referrers
from services.intake.showing import shown
from services.intake.store import IntakeStore
from services.intake.telling import Telling

POSTED = "/v1/referrals"
PAGE = 100
FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
NEWEST = (datetime(2199, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


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
    """What partners and staff are served with."""

    kernel: Kernel[Case]
    store: IntakeStore
    receiving: Receiving
    telling: Telling


def router(desk: Desk) -> APIRouter:
    """What partners call."""
    routes = APIRouter(tags=["referrals"])
    kernel = desk.kernel
    service = kernel.service

    async def own(caller: Caller, referral_id: UUID) -> Case:
        async with service.database.connection() as connection:
            case = await referrers.read_own(
                connection,
                referral_id,
                organisation_of(caller),
                caller.name,
                alone=caller.sees_own_alone,
            )
        if case is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        return case

    async def obey(
        caller: Caller,
        case: Case,
        action: str,
        decide: Any,
        *,
        claim: Claim | None,
        status: int,
    ) -> Response:
        return response_of(
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
        claim = idempotency.claim_of(caller.name, idempotency_key, body, target=POSTED)
        answer = await desk.receiving.receive(
            Written(body, lenient=asks_leniency(prefer)),
            Sender(caller, organisation_of(caller), claim),
        )
        return response_of(answer)

    routes.add_api_route(
        POSTED,
        submit,
        methods=["POST"],
        status_code=201,
        **answers.described(answers.Received, 201),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": ReferralForm.model_json_schema()}},
            }
        },
        route_class_override=Straight,
    )

    @routes.get("/v1/referrals", **answers.described(answers.ListedPage))
    async def listed(
        caller: Annotated[Caller, Depends(partner("referral.read", people=True))],
        updated_since: Annotated[datetime | None, Query()] = None,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
        newest_first: Annotated[bool, Query()] = False,
    ) -> Mapping[str, Any]:
        """Your organisation's referrals in the order of change. Follow `next`, or keep the newest
        `updated_at` and ask again with it. `newest_first`: to look at, not to follow."""
        after = NEWEST if newest_first else FIRST
        if cursor:
            after = paging.decode(cursor, (datetime, UUID))
        elif updated_since and not newest_first:
            after = (_in_utc(updated_since), UUID(int=0))
        async with service.database.connection() as connection:
            cases = await referrers.list_own(
                connection,
                organisation_of(caller),
                caller.name,
                after,
                PAGE + 1,
                newest_first=newest_first,
                alone=caller.sees_own_alone,
            )
        page = cases[:PAGE]
        last = page[-1] if page else None
        following = (
            paging.encode((last.updated_at, last.referral_id))
            if last and len(cases) > PAGE
            else None
        )
        return {"items": [desk.telling.listed(case) for case in page], "next": following}

    @routes.get(
        "/v1/referrals/{referral_id}",
        **answers.described(answers.Status, conditional=True),
    )
    async def status(
        caller: Annotated[Caller, Depends(partner("referral.read", people=True))],
        referral_id: UUID,
        response: Response,
        if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
    ) -> Mapping[str, Any] | Response:
        """Where a referral of your organisation stands: once decided, the decision with its
        reasons, and what happens next by when. With `If-None-Match`, 304 while nothing of it has
        changed."""
        case = await own(caller, referral_id)
        if caller.is_referrer:
            await _note_read(service, caller, case)
        told = await desk.telling.status(case, service.clock())
        tag = etags.of_content(to_json(told))
        if etags.unchanged(if_none_match, tag):
            return Response(status_code=304, headers={"ETag": tag})
        response.headers["ETag"] = tag
        return told

    @routes.post(
        "/v1/referrals/{referral_id}/information",
        status_code=201,
        **answers.described(answers.Informed, 201),
    )
    async def inform(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create", people=True))],
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
        command = later.Information(
            content=body.information,
            signals=signals,
            texts=readings,
            immediate_danger=body.immediate_danger,
        )
        return await obey(
            caller,
            case,
            "information_added",
            lambda state, policy, ids, now: later.inform(state, command, policy, ids, now),
            claim=claim,
            status=201,
        )

    @routes.post(
        "/v1/referrals/{referral_id}/withdrawal",
        status_code=202,
        **answers.described(answers.WithdrawalAsked, 202),
    )
    async def withdraw(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create", people=True))],
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
        command = later.Withdrawal(body.reason)
        return await obey(
            caller,
            case,
            "withdrawal_asked",
            lambda state, policy, ids, now: later.withdraw(state, command, policy, ids, now),
            claim=claim,
            status=202,
        )

    return routes


async def _note_read(service: Service[Case], caller: Caller, case: Case) -> None:
    """Write down that a person read it, as for those who come by a link."""
    details = {"link": "account"}
    entry = AuditEntry("status_read", caller, case.authority, case.referral_id, details)
    async with service.database.transaction() as connection:
        await append_audit(connection, [entry], service.clock())


def staff_router(desk: Desk) -> APIRouter:
    """What staff of the hub read of a form."""
    routes = APIRouter(tags=["referrals"])
    service = desk.kernel.service

    @routes.get("/v1/intake/referrals/{referral_id}", **answers.described(answers.Opened))
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
            words = await desk.store.words(connection, [referral_id], ["form", *LATER])
            await append_audit(
                connection,
                [AuditEntry("case_opened", caller, case.authority, referral_id)],
                service.clock(),
            )
        written = next((one for one in words if one["kind"] == "form"), None)
        form, hidden = shown(from_json(written["content"]), caller) if written else (None, [])
        return {
            "id": case.referral_id,
            "reference": case.reference,
            "authority": case.authority,
            "received_at": case.received_at,
            "version": case.version,
            "form": form,
            # What is there and shown to few.
            "hidden": hidden,
            "later": [
                {
                    "name": later.text_name(one["kind"], one["text_id"]),
                    "kind": one["kind"],
                    "received_at": one["received_at"],
                    "text": one["content"],
                }
                for one in words
                if one["kind"] != "form"
            ],
            "withdrawal_requested_at": case.withdrawal_requested_at,
            # How the hub took it down, and whether the written form has come.
            "call": asdict(case.call) if case.call else None,
            # Whoever sent it said who they are, and nobody checked it.
            "by_web": case.organisation_id == WEB,
        }

    return routes


def _in_utc(moment: datetime) -> datetime:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as beyond:
        wrong = FieldError("/query/updated_since", "This is before or after all times.")
        raise InvalidInput("invalid_request", "Some fields are wrong.", errors=(wrong,)) from beyond
