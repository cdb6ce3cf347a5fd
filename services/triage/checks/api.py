"""Requests for information over HTTP, for the hub: asking, taking back, writing down what was said
on the telephone, and the combined picture."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Response
from pydantic import EmailStr, Field, model_validator

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import FieldError, InvalidInput, NotFound, Unavailable
from chassis.identity import Caller, staff
from contracts.codes import AGENCIES, AGENCY_TYPES, LAWFUL_BASES, REASONS_NOT_INFORMED, AgencyGroup
from contracts.form import CLEAN_WORDS
from services.triage.checks import domain
from services.triage.checks.desk import Desk, Found, ReplyBody, SentBody, asked, unknown
from services.triage.checks.request import REFERRER, By, RequestState
from services.triage.domain import Case, Person
from services.triage.trusting import is_trusted
from services.triage.written import store as written

DECIDERS = staff("practitioner", "manager")
READERS = staff("practitioner", "manager", "duty")
SECONDS = 5.0

Wanted = Annotated[str, Field(min_length=10, max_length=20_000), CLEAN_WORDS]


class AskBody(SentBody):
    """What is asked of an agency, by its code, or of the `referrer`. With `organisation_id` their
    system answers; with `email` a link is sent there; with neither you telephone. `shared` is all
    that they are told about the family. `parents_told`: whether the parents know."""

    of: str
    need: Wanted
    shared: Annotated[str, Field(max_length=20_000), CLEAN_WORDS] = ""
    basis: str = "public_task"
    parents_told: bool = False
    not_told_because: str | None = None
    organisation_id: UUID | None = None
    email: EmailStr | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "AskBody":
        if self.organisation_id is not None and self.email is not None:
            raise ValueError("an organisation's system or an email address: one of them")
        return self


class TakeBackBody(SentBody):
    reason: Annotated[str, Field(min_length=3, max_length=2_000), CLEAN_WORDS]


def router(desk: Desk, reads: httpx2.AsyncClient) -> APIRouter:
    """What staff of the hub call."""
    routes = APIRouter(tags=["information requests"])
    service = desk.kernel.service

    async def own(caller: Caller, referral_id: UUID) -> Case:
        async with service.database.connection() as connection:
            case = (await desk.store.load(connection, [referral_id])).get(referral_id)
        if case is None or case.authority not in caller.authorities:
            raise NotFound("referral_not_found", "There is no such referral.")
        return case

    async def own_request(caller: Caller, referral_id: UUID, request_id: UUID) -> Found:
        found = await desk.found(request_id)
        if found is None or found.case.referral_id != referral_id:
            raise unknown()
        if found.case.authority not in caller.authorities:
            raise unknown()
        return found

    @routes.post("/v1/triage/referrals/{referral_id}/checks", status_code=201)
    async def ask(
        caller: Annotated[Caller, Depends(DECIDERS)], referral_id: UUID, body: AskBody
    ) -> Response:
        """Ask an agency or the referrer. The rating comes first: asking holds nothing up. Where it
        is not Red and the parents do not know, a manager asks, with a reason."""
        case = await own(caller, referral_id)
        errors = _errors(body)
        if body.email and not is_trusted(body.email, desk.current_pack(case)):
            errors.append(
                FieldError(
                    "/email", "A link goes to a domain that the authority trusts. Telephone."
                )
            )
        organisation = body.organisation_id
        if organisation is not None and not await _is_registered(reads, organisation):
            errors.append(FieldError("/organisation_id", "There is no such organisation."))
        if errors:
            raise InvalidInput("invalid_request", "Some fields are wrong.", errors=errors)
        command = domain.Ask(
            person=_person(caller),
            of=body.of,
            by=_by(body),
            basis=body.basis,
            need=body.need,
            shared=body.shared,
            parents_told=body.parents_told,
            not_told_because=body.not_told_because,
            organisation_id=case.facts.organisation_id if body.of == REFERRER else organisation,
            address=body.email,
        )
        entry = AuditEntry(
            "information_requested",
            caller,
            case.authority,
            referral_id,
            {"of": body.of, "by": command.by, "basis": body.basis},
        )
        answer = await desk.command(
            case,
            lambda state, policy, ids, now: domain.ask(state, command, policy, ids, now),
            entry,
        )
        return Response(answer.body, answer.status, media_type="application/json")

    @routes.get("/v1/triage/referrals/{referral_id}/checks")
    async def picture(
        caller: Annotated[Caller, Depends(READERS)], referral_id: UUID
    ) -> Mapping[str, Any]:
        """All that was asked about a referral, and what came back, each answer with its source's
        mark: the combined picture for whoever decides. Audited."""
        case = await own(caller, referral_id)
        now = service.clock()
        async with service.database.transaction() as connection:
            words = await written.read(
                connection, desk.vault, [one.request_id for one in case.requests]
            )
            await append_audit(
                connection,
                [AuditEntry("checks_read", caller, case.authority, referral_id)],
                now,
            )
        items = [_seen(Found(case, one, words.get(one.request_id, {}))) for one in case.requests]
        for item in items:
            due = item["due_at"]
            item["overdue"] = item["state"] == RequestState.OPEN and due is not None and due <= now
        return {
            "items": items,
            "next": None,
            "version": case.version,
            "waiting_for": [one.of for one in case.requests if one.state is RequestState.OPEN],
            "knew_nothing": [one.of for one in case.requests if one.nothing_known],
        }

    @routes.post("/v1/triage/referrals/{referral_id}/checks/{request_id}/reply", status_code=201)
    async def record(
        caller: Annotated[Caller, Depends(DECIDERS)],
        referral_id: UUID,
        request_id: UUID,
        body: ReplyBody,
    ) -> Response:
        """Write down what an agency said on the telephone or by letter."""
        found = await own_request(caller, referral_id, request_id)
        answer = await desk.keep_reply(
            found, body, caller, how="written_down", person=_person(caller)
        )
        return Response(answer.body, answer.status, media_type="application/json")

    @routes.post(
        "/v1/triage/referrals/{referral_id}/checks/{request_id}/withdrawal", status_code=201
    )
    async def take_back(
        caller: Annotated[Caller, Depends(DECIDERS)],
        referral_id: UUID,
        request_id: UUID,
        body: TakeBackBody,
    ) -> Response:
        """Take a request back: its link and its clock end."""
        found = await own_request(caller, referral_id, request_id)
        entry = AuditEntry(
            "request_withdrawn",
            caller,
            found.case.authority,
            referral_id,
            {"request_id": str(request_id)},
        )
        answer = await desk.command(
            found.case,
            lambda state, policy, ids, now: domain.withdraw(
                state, request_id, body.reason, policy, ids, now
            ),
            entry,
        )
        return Response(answer.body, answer.status, media_type="application/json")

    return routes


def _errors(body: AskBody) -> list[FieldError]:
    errors = []
    agency = AGENCY_TYPES.get(body.of)
    if body.of != REFERRER:
        if agency is None or agency.group is AgencyGroup.INDIVIDUAL:
            codes = sorted(set(AGENCIES) - _PEOPLE)
            errors.append(FieldError("/of", f"Use referrer, or one of: {', '.join(codes)}."))
        if len(body.shared) < 10:
            errors.append(
                FieldError("/shared", "Say what the agency is told, so that it can look.")
            )
    elif body.organisation_id or body.email:
        errors.append(FieldError("/of", "The referrer is reached the way that they referred."))
    if body.basis not in LAWFUL_BASES:
        errors.append(FieldError("/basis", f"Use one of: {', '.join(LAWFUL_BASES)}."))
    if body.not_told_because is not None and body.not_told_because not in REASONS_NOT_INFORMED:
        errors.append(
            FieldError("/not_told_because", f"Use one of: {', '.join(REASONS_NOT_INFORMED)}.")
        )
    return errors


_PEOPLE = {code for code, agency in AGENCY_TYPES.items() if agency.group is AgencyGroup.INDIVIDUAL}


def _by(body: AskBody) -> By:
    if body.of == REFERRER or body.email:
        return By.LINK
    return By.SYSTEM if body.organisation_id else By.TELEPHONE


async def _is_registered(reads: httpx2.AsyncClient, organisation_id: UUID) -> bool:
    """Whether intake knows an organisation. Raises Unavailable."""
    try:
        answer = await reads.post(
            "/internal/v1/intake/organisations:batch",
            json={"ids": [str(organisation_id)], "purpose": "information_request"},
            timeout=SECONDS,
        )
        answer.raise_for_status()
    except httpx2.HTTPError as fault:
        raise Unavailable("organisations_away", "Organisations cannot be looked up now.") from fault
    return bool(answer.json()["items"])


def _seen(found: Found) -> dict[str, Any]:
    """A request as the hub sees it."""
    request, words = found.request, found.words
    return {
        **asked(found),
        "by": request.by,
        "asked_by": request.asked_by,
        "rag": request.rag,
        "not_told_because": request.not_told_because,
        "ended_at": request.ended_at,
        "nothing_known": request.nothing_known,
        "information": words.get("request/information"),
        "handling": request.handling,
        "conditions": words.get("request/conditions"),
        "answered_by": words.get("request/answered_by"),
        "recorded_by": request.recorded_by,
        "withdrawn_because": words.get("request/reason"),
    }


def _person(caller: Caller) -> Person:
    return Person(caller.id, caller.name, caller.roles, caller.qualifications)
