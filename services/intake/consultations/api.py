"""Asking for advice, and answering it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.http import idempotency, paging
from chassis.http.claims import Claim
from chassis.identity import Caller, partner, staff
from chassis.stream.kernel import Answer, Service
from contracts.codes import CONCERN_TYPES
from contracts.events import AgeBand
from contracts.form import CLEAN_LINE, CLEAN_WORDS
from policy.consulting import advise, answer_due
from policy.helping import ask_at
from policy.working_time import LONDON
from services.intake.answers import described
from services.intake.callers import IdempotencyKey, organisation_of, response_of
from services.intake.consultations import domain, shapes, telling
from services.intake.consultations.domain import Consultation, State
from services.intake.consultations.mailing import intend
from services.intake.consultations.store import ConsultationStore
from services.intake.directory import store as directory
from services.intake.directory.domain import shown
from services.intake.domain import Case
from services.intake.drafts.drafting import Drafting
from services.intake.once import once
from services.intake.submission import read_texts

PAGE = 100
FIRST_DUE = (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0))
LAST_ASKED = (datetime(2199, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))

Line = Annotated[str, Field(max_length=200), CLEAN_LINE]
Words = Annotated[str, Field(min_length=10, max_length=20_000), CLEAN_WORDS]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Asker(SentBody):
    """Who asks, so that a practitioner can ring back. Never the family."""

    name: Line | None = None
    role: Line | None = None
    email: EmailStr | None = None
    phone: Annotated[str, Field(max_length=60), CLEAN_LINE] | None = None


class QuestionBody(SentBody):
    """A question about a child who is not named. `worried`: whether the asker thinks that it should
    be a referral. `no_names`: somebody looked, and what seems to be a name is none."""

    authority: str = Field(max_length=80)
    question: Words
    concerns: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    age_band: AgeBand = AgeBand.UNKNOWN
    worried: bool = False
    child_identifiable: bool = False
    no_names: bool = False
    asker: Asker = Asker()


class AnswerBody(SentBody):
    """A practitioner's advice, signed. `refer`: the asker is asked to send a referral. `services`
    are those of the directory that it names."""

    advice: Words
    clauses: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=20)] = ()
    services: Annotated[tuple[UUID, ...], Field(max_length=10)] = ()
    refer: bool = False
    no_names: bool = False
    signed_name: Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]
    signed_role: Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]
    telephone: Annotated[str, Field(max_length=60), CLEAN_LINE] | None = None


@dataclass(frozen=True, slots=True)
class AdviceDesk:
    """What consultations need."""

    service: Service[Case]
    store: ConsultationStore
    drafting: Drafting


def router(desk: AdviceDesk) -> APIRouter:
    """What partners ask."""
    routes = APIRouter(tags=["consultations"])
    service, store = desk.service, desk.store

    @routes.post(
        "/v1/consultations",
        status_code=201,
        **described(shapes.AdviceAtOnce, 201),
    )
    async def ask(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        body: QuestionBody,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Ask for advice without naming anybody. At once you get the clauses of the guidance that
        may bear on it and questions to think about; a named practitioner answers by `due_at`.

        A question that tells who it is about is refused: take that out, or send a referral.
        """
        claim = idempotency.claim_of(
            caller.name, idempotency_key, await request.body(), target=request.url.path
        )
        return response_of(await ask_advice(desk, caller, body, claim))

    @routes.get("/v1/consultations", **described(shapes.AdvicePage))
    async def listed(
        caller: Annotated[Caller, Depends(partner("referral.read"))],
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """Your organisation's questions, the newest first."""
        before = paging.decode(cursor, (datetime, UUID)) if cursor else LAST_ASKED
        async with service.database.connection() as connection:
            found = await store.list_own(connection, organisation_of(caller), before, PAGE + 1)
        return telling.page(found, PAGE, lambda one: (one.asked_at, one.consultation_id))

    @routes.get(
        "/v1/consultations/{consultation_id}",
        **described(shapes.AdviceRead),
    )
    async def read(
        caller: Annotated[Caller, Depends(partner("referral.read"))], consultation_id: UUID
    ) -> Mapping[str, Any]:
        """One question, and its answer as soon as there is one."""
        return await read_advice(desk, organisation_of(caller), consultation_id)

    @routes.post(
        "/v1/consultations/{consultation_id}/referral",
        status_code=201,
        **described(shapes.ReferredOn, 201),
    )
    async def refer(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        consultation_id: UUID,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Go on with a question as a referral: a draft with what you wrote, to be completed with
        the child's details and submitted."""
        claim = idempotency.claim_of(
            caller.name, idempotency_key, await request.body(), target=request.url.path
        )
        return response_of(await refer_on(desk, caller, consultation_id, claim))

    return routes


async def ask_advice(desk: AdviceDesk, caller: Caller, body: QuestionBody, claim: Claim) -> Answer:
    """Keep a question and answer what can be said at once. Raises InvalidInput, also for a question
    that tells who it is about."""
    service, store = desk.service, desk.store
    _check(body, service.policy.authorities)
    domain.refuse_identity(body.question, "/question", looked=body.no_names)
    now = service.clock()
    pack = service.policy.current(body.authority, now.astimezone(LONDON).date())
    signals, readings = read_texts({"question": body.question}, pack)
    advice = advise(
        pack,
        concerns=body.concerns,
        age=body.age_band,
        signals=signals,
        readings=readings,
        at=now,
    )
    due = answer_due(pack, now)
    asked = Consultation(
        consultation_id=service.ids(),
        authority=body.authority,
        organisation_id=organisation_of(caller),
        client_id=caller.name,
        asked_at=now,
        due_at=due.due_at,
        explanation=due.explanation,
        pack_version=pack.version,
        state=State.ASKED,
        concerns=body.concerns,
        refer=domain.why_refer(
            worried=body.worried,
            identifiable=body.child_identifiable,
            red=advice.refer_now,
        ),
        clauses=tuple(clause.id for clause in advice.clauses),
    )

    async def work(connection: Any) -> Mapping[str, Any]:
        words = {"question": body.question, "asker": body.asker.model_dump_json()}
        await store.add(connection, asked, words)
        await append_audit(connection, [_entry("consultation_asked", caller, asked)], now)
        return {
            **telling.told(asked, pack),
            "questions": list(advice.questions),
            **telling.closed(pack, now),
        }

    return await once(service.database, claim, now, 201, work)


async def read_advice(
    desk: AdviceDesk, organisation_id: UUID, consultation_id: UUID
) -> Mapping[str, Any]:
    """One question of an organisation's, and its answer as soon as there is one. Raises NotFound."""
    service, store = desk.service, desk.store
    now = service.clock()
    async with service.database.connection() as connection:
        found = await store.own(connection, consultation_id, organisation_id)
        if found is None:
            raise _unknown()
        words = await store.words(connection, consultation_id)
        named = await _named(connection, found, now)
    pack = service.policy.version(found.authority, found.pack_version)
    return {
        **telling.told(found, pack),
        **telling.written(words),
        "services": named,
        "help": telling.helped(found, now),
    }


async def refer_on(desk: AdviceDesk, caller: Caller, consultation_id: UUID, claim: Claim) -> Answer:
    """Go on with a question as a draft of the caller's. Raises NotFound, DomainError where it went
    on before."""
    service, store = desk.service, desk.store
    now = service.clock()

    async def work(connection: Any) -> Mapping[str, Any]:
        found = await store.own(connection, consultation_id, organisation_of(caller), lock=True)
        if found is None:
            raise _unknown()
        words = await store.words(connection, consultation_id)
        draft = await desk.drafting.begin(
            connection,
            caller,
            {
                "authority": found.authority,
                "narrative": words["question"],
                "concerns": [{"code": code} for code in found.concerns],
            },
            now,
        )
        await store.refer(connection, domain.refer(found, draft.draft_id), draft.draft_id)
        entry = _entry("consultation_referred", caller, found)
        await append_audit(connection, [entry], now)
        return {
            "consultation_id": consultation_id,
            "state": State.REFERRED,
            "draft_id": draft.draft_id,
            "expires_at": draft.expires_at,
            "links": {"draft": f"/v1/drafts/{draft.draft_id}"},
        }

    return await once(service.database, claim, now, 201, work)


def staff_router(desk: AdviceDesk) -> APIRouter:
    """What the hub answers."""
    routes = APIRouter(tags=["consultations"])
    service, store = desk.service, desk.store
    hub = staff("practitioner", "manager", "duty")

    @routes.get("/v1/intake/consultations", **described(shapes.AdvicePage))
    async def listed(
        caller: Annotated[Caller, Depends(hub)],
        state: State = State.ASKED,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """Questions in a state, what is due first. `overdue` is one that nobody answered in
        time."""
        after = paging.decode(cursor, (datetime, UUID)) if cursor else FIRST_DUE
        async with service.database.connection() as connection:
            found = await store.list_for_staff(
                connection, sorted(caller.authorities), state, after, PAGE + 1
            )
        now = service.clock()
        page = telling.page(found, PAGE, lambda one: (one.due_at, one.consultation_id))
        for item, one in zip(page["items"], found, strict=False):
            item["overdue"] = one.state is State.ASKED and one.due_at <= now
        return page

    @routes.get(
        "/v1/intake/consultations/{consultation_id}",
        **described(shapes.AdviceOpened),
    )
    async def opened(
        caller: Annotated[Caller, Depends(hub)], consultation_id: UUID
    ) -> Mapping[str, Any]:
        """One question with its words and who asked."""
        now = service.clock()
        async with service.database.transaction() as connection:
            found = await store.for_staff(connection, consultation_id, sorted(caller.authorities))
            if found is None:
                raise _unknown()
            words = await store.words(connection, consultation_id)
            named = await _named(connection, found, now)
            await append_audit(connection, [_entry("consultation_opened", caller, found)], now)
        pack = service.policy.version(found.authority, found.pack_version)
        return {
            **telling.told(found, pack),
            **telling.written(words),
            "services": named,
            "help": telling.helped(found, now),
            "answered_by": found.answered_by,
        }

    @routes.post(
        "/v1/intake/consultations/{consultation_id}/answer",
        status_code=201,
        **described(shapes.Advice, 201),
    )
    async def answer(
        caller: Annotated[Caller, Depends(hub)], consultation_id: UUID, body: AnswerBody
    ) -> Mapping[str, Any]:
        """Answer a question, once, under your name."""
        domain.refuse_identity(body.advice, "/advice", looked=body.no_names)
        now = service.clock()
        async with service.database.transaction() as connection:
            found = await store.for_staff(
                connection, consultation_id, sorted(caller.authorities), lock=True
            )
            if found is None:
                raise _unknown()
            pack = service.policy.current(found.authority, now.astimezone(LONDON).date())
            unknown = [place for place, one in enumerate(body.clauses) if one not in pack.clauses]
            if unknown:
                raise InvalidInput(
                    "unknown_clause",
                    "There is no such clause in the guidance.",
                    errors=[FieldError(f"/clauses/{unknown[0]}", "No clause of the guidance.")],
                )
            known = await directory.read(connection, body.services)
            gone = [
                FieldError(f"/services/{place}", "No service of the authority's directory.")
                for place, one in enumerate(body.services)
                if one not in known or known[one][0] != found.authority
            ]
            if gone:
                raise InvalidInput("unknown_service", "Some fields are wrong.", errors=gone)
            answered = domain.answer(
                found, caller.id, body.clauses, refer=body.refer, now=now,
                help_ask_at=ask_at(pack, now), services=body.services,
            )  # fmt: skip
            await store.save(connection, answered)
            await intend(store, connection, answered, now)
            signed = body.model_dump_json(include={"signed_name", "signed_role", "telephone"})
            await store.add_words(
                connection, consultation_id, {"answer": body.advice, "answerer": signed}
            )
            await append_audit(connection, [_entry("consultation_answered", caller, found)], now)
        return telling.told(answered, pack)

    return routes


async def _named(connection: Any, found: Consultation, now: datetime) -> list[Mapping[str, Any]]:
    """The services that an answer names, as they are today."""
    known = await directory.read(connection, found.answer_services)
    today = now.astimezone(LONDON).date()
    return [shown(one, known[one][1], today) for one in found.answer_services if one in known]


def _check(body: QuestionBody, authorities: Any) -> None:
    errors = []
    if body.authority not in authorities:
        errors.append(FieldError("/authority", "is not an authority of this front door"))
    errors.extend(
        FieldError(f"/concerns/{place}", "is not a code that is known here")
        for place, code in enumerate(body.concerns)
        if code not in CONCERN_TYPES
    )
    if errors:
        raise InvalidInput("invalid_consultation", "Some fields are wrong.", errors=errors)


def _entry(action: str, caller: Caller, one: Consultation) -> AuditEntry:
    details = {"consultation_id": one.consultation_id}
    return AuditEntry(action, caller, one.authority, None, details)


def _unknown() -> NotFound:
    return NotFound("consultation_not_found", "There is no such question.")
