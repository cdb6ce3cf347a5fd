"""What staff of the hub take down themselves: search first, then the form, shorter than a
partner's, then whatever is written and follows (practice rule 20)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.http import idempotency
from chassis.identity import Caller, staff
from chassis.restriction import ring_about, seer_of
from chassis.restriction import store as restrictions
from chassis.stream.kernel import Kernel
from contracts.form import CLEAN_LINE
from policy.matching import Person
from policy.working_time import LONDON
from services.intake import answers
from services.intake.accounts import store as accounts
from services.intake.callers import IdempotencyKey, response_of
from services.intake.calls import domain, store
from services.intake.calls.call import Call, Channel
from services.intake.calls.joining import join
from services.intake.domain import Case
from services.intake.people.finding import LookUp
from services.intake.people.matches import Role
from services.intake.people.records import Record
from services.intake.preparing import Written
from services.intake.receiving import Receiving, Sender
from services.intake.store import IntakeStore

TAKERS: Final = ("practitioner", "manager", "duty")
HOLDS: Final = timedelta(hours=12)
"""How long a search holds for the call that follows it: a shift."""
KEPT: Final = timedelta(days=7)
HUBS: Final = UUID("b7a2f3a0-5a3e-4f0e-9c55-3f1f0a6b9d11")
"""The space of the ids of hubs, as the organisations of what they took down."""

Name = Annotated[str, Field(max_length=200), CLEAN_LINE]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class SearchBody(SentBody):
    """Who the caller speaks of: whatever is known."""

    authority: Annotated[str, Field(max_length=80)]
    given_name: Name | None = None
    family_name: Name | None = None
    date_of_birth: date | None = None
    postcode: Name | None = None
    nhs_number: Name | None = None
    upn: Name | None = None


class CallBody(SentBody):
    """What was taken down. `form` is a referral form, as far as it could be asked; `search_id` the
    search that was made first; `organisation_id` the caller's, where it is registered here."""

    authority: Annotated[str, Field(max_length=80)]
    channel: Channel = Channel.TELEPHONE
    search_id: UUID | None = None
    read_back: bool = False
    organisation_id: UUID | None = None
    form: dict[str, Any]


class WrittenBody(SentBody):
    """The referral that the written form came as; none where it came on paper or as a file."""

    referral_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CallDesk:
    """What taking calls needs."""

    kernel: Kernel[Case]
    store: IntakeStore
    receiving: Receiving
    look_up: LookUp


def staff_router(desk: CallDesk) -> APIRouter:
    """What the hub calls."""
    routes = APIRouter(tags=["calls"])
    service = desk.kernel.service
    hub = staff(*TAKERS)

    @routes.post("/v1/intake/searches", status_code=201, **answers.described(answers.Searched, 201))
    async def search(
        caller: Annotated[Caller, Depends(hub)], body: SearchBody
    ) -> Mapping[str, Any]:
        """Look somebody up before taking a call down. What was asked for is not kept; that it was
        asked, and which referrals were found, is written to the audit trail."""
        _own(caller, body.authority)
        now = service.clock()
        search_id = service.ids()
        pack = service.policy.current(body.authority, now.astimezone(LONDON).date())
        matching = pack.matching
        person = Person.named(
            body.given_name,
            body.family_name,
            placeholders=matching.placeholders,
            born=body.date_of_birth,
            postcode=(body.postcode or "").replace(" ", "").upper() or None,
            nhs_number=(body.nhs_number or "").replace(" ", "") or None,
            upn=(body.upn or "").upper() or None,
        )
        if not desk.look_up.blocks(body.authority, person, matching):
            raise InvalidInput(
                "too_little_to_search",
                "Give a number, or a name with a birth date or a postcode.",
                errors=(FieldError("", "Give a number, or a name with a birth date."),),
            )
        asked = Record(search_id, search_id, Role.CHILD, now, person)
        async with service.database.transaction() as connection:
            hits = await desk.look_up.find(connection, body.authority, asked, matching)
            known = await store.references(
                connection, [hit.record.referral_id for hit in hits], [body.authority]
            )
            kept = await restrictions.read(connection, sorted(known))
            seer = seer_of(caller, now)
            masked = {one for one in kept if not kept[one].restriction.shows(seer)}
            told = any(seer.staff_id not in kept[one].restriction.denied for one in masked)
            known = {one: said for one, said in known.items() if one not in masked}
            await store.add(connection, search_id, body.authority, caller.id, now, now - KEPT)
            details = {"search_id": search_id, "others": sorted(map(str, known))}
            await append_audit(
                connection,
                [AuditEntry("people_searched", caller, body.authority, None, details)],
                now,
            )
        return {
            "search_id": search_id,
            "items": [
                {
                    "referral_id": hit.record.referral_id,
                    "reference": known[hit.record.referral_id],
                    "person_id": hit.record.person_id,
                    "role": hit.record.role,
                    "received_at": hit.record.received_at,
                    "score": hit.verdict.score,
                    "reasons": list(hit.verdict.reasons),
                }
                for hit in hits[: matching.shown]
                if hit.record.referral_id in known
            ],
            # Nothing of a restricted record but that there is one, and whom to ring (rule 18).
            "restricted": {"ring": ring_about(pack)} if told else None,
        }

    @routes.post("/v1/intake/calls", status_code=201, **answers.described(answers.Received, 201))
    async def take(
        request: Request,
        caller: Annotated[Caller, Depends(hub)],
        body: CallBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Take down a referral that was telephoned or emailed. Search first; read back what you
        wrote. It is received like any other: what is missing is a warning. Where immediate danger
        is said, nothing is asked for first. After a call a clock runs for the written form."""
        claim = idempotency.claim_of(
            caller.name, idempotency_key, await request.body(), target=request.url.path
        )
        _own(caller, body.authority)
        if body.form.get("immediate_danger") is not True:
            await _careful(caller, body)
        organisation_id = uuid5(HUBS, body.authority)
        if body.organisation_id is not None:
            async with service.database.connection() as connection:
                known = await accounts.organisation(connection, body.organisation_id)
            if known is None:
                raise _wrong("/organisation_id", "No organisation of ours has this id.")
            organisation_id = known.organisation_id
        form = {**body.form, "authority": body.authority}
        call = Call(body.channel, caller.id, body.read_back)
        return response_of(
            await desk.receiving.receive(
                Written(to_json(form), lenient=True),
                Sender(caller, organisation_id, claim, call),
            )
        )

    async def _careful(caller: Caller, body: CallBody) -> None:
        since = service.clock() - HOLDS
        if body.search_id is None:
            raise _wrong("/search_id", "Search for the child first, and send the search's id.")
        async with service.database.connection() as connection:
            if not await store.made(connection, body.search_id, body.authority, caller.id, since):
                raise _wrong("/search_id", "You made no such search in the last twelve hours.")
        if body.channel is Channel.TELEPHONE and not body.read_back:
            raise _wrong("/read_back", "Read back to the caller what you wrote, and say so.")

    @routes.post(
        "/v1/intake/referrals/{referral_id}/written-form",
        **answers.described(answers.FormArrived),
    )
    async def arrived(
        caller: Annotated[Caller, Depends(hub)], referral_id: UUID, body: WrittenBody
    ) -> Response:
        """Say that the written form of a call has come. A form that says that it was telephoned
        first, about the same child, is joined without being told."""
        authorities = sorted(caller.authorities)
        async with service.database.connection() as connection:
            case = await desk.store.read_for_staff(connection, referral_id, authorities)
            if case is None:
                raise NotFound("referral_not_found", "There is no such referral.")
            at = service.clock()
            if body.referral_id is not None:
                form = await desk.store.read_for_staff(
                    connection, body.referral_id, [case.authority]
                )
                # One that may not be seen is, in the same words, none.
                seen = await restrictions.visible(
                    connection, [body.referral_id], seer_of(caller, at)
                )
                if form is None or form.referral_id == referral_id or not seen:
                    raise _wrong("/referral_id", "No other referral of ours has this id.")
                at = form.received_at
        return response_of(
            await join(desk.kernel, case, domain.Arrived(body.referral_id, at), caller)
        )

    return routes


def _own(caller: Caller, authority: str) -> None:
    if authority not in caller.authorities:
        raise NotFound("authority_not_found", "There is no such authority here.")


def _wrong(pointer: str, detail: str) -> InvalidInput:
    return InvalidInput(
        "invalid_call", "Some fields are wrong.", errors=(FieldError(pointer, detail),)
    )
