"""What the console asks for somebody who has no account: their form, their question, and where their
referral stands. Whoever holds the link is heard; nobody is asked who they are. Never routed by a
gateway."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import from_json, to_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.errors import NotFound
from chassis.http import idempotency
from chassis.http.claims import Claim
from chassis.http.routing import joined
from chassis.identity import Caller, Verifier, service
from chassis.identity.links import Links, Purpose
from chassis.restriction import store as restrictions
from policy.helping import Answer
from services.intake.accounts import store as accounts
from services.intake.attachments import api as attaching
from services.intake.attachments import store as attachments
from services.intake.callers import VISITOR, WEB, organisation_of, response_of
from services.intake.consultations.api import (
    AdviceDesk,
    QuestionBody,
    ask_advice,
    read_advice,
    refer_on,
)
from services.intake.consultations.domain import Consultation
from services.intake.consultations.helped import say
from services.intake.domain import Case
from services.intake.drafts.drafting import Drafting, entry
from services.intake.drafts.store import Draft
from services.intake.referrers import store as referrers
from services.intake.telling import Telling
from services.intake.web.domain import Shown, standing, what_to_show

Token = Annotated[str, Field(max_length=200)]
PersonToken = Annotated[SecretStr, Field(max_length=8_192)]


class SentBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TokenBody(SentBody):
    token: Token


class BegunBody(SentBody):
    """A form that says its authority at least. `person` is the access token of whoever is signed
    in and begins it for their organisation; without one it is a visitor's."""

    form: dict[str, Any]
    person: PersonToken | None = None


class MineBody(SentBody):
    """A draft that the person of an access token holds."""

    person: PersonToken
    draft_id: UUID


class SavedBody(TokenBody):
    """What the form says now. `version` is the one that was read."""

    version: int
    form: dict[str, Any]


class HelpedBody(TokenBody):
    """Whether the help that an answer named happened."""

    answer: Answer


class RemovalBody(TokenBody):
    attachment_id: UUID


class AskedBody(SentBody):
    """A question. `key` is new for each one, so that it counts once."""

    key: Annotated[str, Field(min_length=1, max_length=80)]
    question: QuestionBody


@dataclass(frozen=True, slots=True)
class WebDesk:
    """What the pages are served with."""

    drafting: Drafting
    files: attaching.FileDesk
    advice: AdviceDesk
    telling: Telling
    links: Links

    def behind(self, purpose: Purpose, token: str) -> UUID:
        """What a link is about. Raises NotFound."""
        subject = self.links.subject(purpose, token)
        if subject is None:
            raise _nowhere()
        return subject

    async def asked(self, token: str) -> Consultation:
        """The question for advice behind a link, whoever asked it: a partner's is mailed to whom the
        partner named. Raises NotFound."""
        consultation_id = self.behind("advice", token)
        async with self.advice.service.database.connection() as connection:
            found = await self.advice.store.one(connection, consultation_id)
        if found is None:
            raise _nowhere()
        return found

    async def held(self, token: str) -> tuple[UUID, Caller]:
        """The form behind a link, and who holds it: a visitor, or a person of a partner
        organisation who may still come in. Raises NotFound."""
        draft_id = self.behind("form", token)
        async with self.drafting.service.database.connection() as connection:
            holder = await self.drafting.store.holder(connection, draft_id)
            if holder is None or holder[0] == WEB:
                return draft_id, VISITOR
            person = await accounts.staff(connection, holder[1])
        if person is None or person.organisation_id != holder[0]:
            raise _nowhere()
        return draft_id, person.caller(person.roles, ())

    async def own(self, connection: Connection, referral_id: UUID) -> Case:
        """A referral that came by the pages. Raises NotFound."""
        case = await referrers.read_own(connection, referral_id, WEB, VISITOR.name)
        if case is None:
            raise _nowhere()
        return case

    async def told(self, draft: Draft) -> Mapping[str, Any]:
        """A form as its page needs it."""
        async with self.drafting.service.database.connection() as connection:
            files = await attachments.listed(connection, self.files.vault, draft.draft_id)
        return {
            "token": self.links.token("form", draft.draft_id),
            "version": draft.version,
            "expires_at": draft.expires_at,
            "form": from_json(draft.content),
            "files": [
                {"id": one["attachment_id"], "name": one["name"], "size": one["size"]}
                for one in files
            ],
            **self.drafting.look(draft),
        }

    async def sent(self, draft_id: UUID) -> Mapping[str, Any]:
        """What a form became. Raises NotFound."""
        async with self.drafting.service.database.connection() as connection:
            case = (await self.files.store.load(connection, [draft_id])).get(draft_id)
        if case is None:
            raise _nowhere()
        by_visitor = case.organisation_id == WEB
        return {
            "sent": {
                "reference": case.reference,
                "authority": case.authority,
                "receipt": self.links.token("receipt", draft_id) if by_visitor else None,
                "referral_id": None if by_visitor else draft_id,
            }
        }


House = Annotated[Caller, Depends(service())]


def internal_router(desk: WebDesk) -> APIRouter:
    """What the console asks."""
    routes = APIRouter(include_in_schema=False)
    drafting = desk.drafting
    database, clock = drafting.service.database, drafting.service.clock

    @routes.post("/internal/v1/intake/web/drafts:begun", status_code=201)
    async def begun(request: Request, caller: House, body: BegunBody) -> Mapping[str, Any]:
        """Begin a form."""
        person = await referrer_of(request, body.person) if body.person else None
        async with database.transaction() as connection:
            form = await _signed(connection, person, body.form) if person else body.form
            draft = await drafting.begin(connection, person or VISITOR, form, clock())
        return await desk.told(draft)

    @routes.post("/internal/v1/intake/web/drafts:mine")
    async def mine(request: Request, caller: House, body: MineBody) -> Mapping[str, Any]:
        """A form that somebody who is signed in holds, begun by them or handed to them."""
        person = await referrer_of(request, body.person)
        return await desk.told(await drafting.read(person, body.draft_id))

    @routes.post("/internal/v1/intake/web/drafts:opened")
    async def opened(caller: House, body: TokenBody) -> Mapping[str, Any]:
        """A form as it stands; or, once it was sent, the reference that it has."""
        draft_id, holder = await desk.held(body.token)
        try:
            return await desk.told(await drafting.read(holder, draft_id))
        except NotFound:
            return await desk.sent(draft_id)

    @routes.post("/internal/v1/intake/web/drafts:saved")
    async def saved(caller: House, body: SavedBody) -> Mapping[str, Any]:
        """Keep what a form says now."""
        draft_id, holder = await desk.held(body.token)
        changed = await drafting.change(
            holder,
            draft_id,
            body.version,
            lambda found: drafting.filled(found, body.form),
            "draft_changed",
        )
        return {"version": changed.version}

    @routes.post("/internal/v1/intake/web/drafts:sent", status_code=201)
    async def sent(caller: House, body: TokenBody) -> Mapping[str, Any]:
        """Send a form. Sent again, it counts once."""
        draft_id, holder = await desk.held(body.token)
        # The draft itself is the key: one form is one referral, however often it is sent.
        claim = Claim(holder.name, str(draft_id), hashlib.sha256(b"sent").digest())
        # Not found: the answer was forgotten since, or there never was such a form.
        with suppress(NotFound):
            await drafting.submit(holder, draft_id, claim, lenient=False)
        return await desk.sent(draft_id)

    @routes.post("/internal/v1/intake/web/attachments", status_code=201)
    async def attached(
        request: Request,
        caller: House,
        frontdoor_link: Annotated[str, Header()],
        content_disposition: attaching.Disposition = None,
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Keep the file that is the body beside a form."""
        draft_id, holder = await desk.held(frontdoor_link)
        return response_of(
            await attaching.keep_beside(
                desk.files, request, holder, draft_id, content_disposition, key=idempotency_key
            )
        )

    @routes.post("/internal/v1/intake/web/attachments:removed")
    async def removed(caller: House, body: RemovalBody) -> Mapping[str, Any]:
        """Take a file away again."""
        draft_id, holder = await desk.held(body.token)
        async with database.transaction() as connection:
            draft = await drafting.writable(connection, holder, draft_id)
            await attachments.remove(connection, draft.draft_id, body.attachment_id)
            await append_audit(connection, [entry("file_removed", holder, draft)], clock())
        return {}

    return joined((routes, _statuses(desk), _questions(desk)))


def _statuses(desk: WebDesk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    store, service = desk.files.store, desk.drafting.service

    @routes.post("/internal/v1/intake/web/referrals:opened")
    async def status(caller: House, body: TokenBody) -> Mapping[str, Any]:
        """Where a referral stands, as whoever holds this link may know it. Audited."""
        emailed = desk.links.subject("status", body.token)
        referral_id = emailed or desk.behind("receipt", body.token)
        now = service.clock()
        async with service.database.transaction() as connection:
            case = await desk.own(connection, referral_id)
            form = await store.words(connection, [referral_id], ["form"])
            restricted = bool(await restrictions.read(connection, [referral_id]))
            details = {"link": "status" if emailed else "receipt"}
            audit = AuditEntry("status_read", caller, case.authority, referral_id, details)
            await append_audit(connection, [audit], now)
        pack = service.policy.current(case.authority, now.date())
        shown = what_to_show(
            case,
            form[0]["content"] if form else None,
            pack,
            emailed=emailed is not None,
            restricted=restricted,
        )
        full = await desk.telling.status(case, now) if shown is Shown.FULL else {}
        return {**standing(case, shown, pack), **full}

    return routes


def _questions(desk: WebDesk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/intake/web/consultations:asked", status_code=201)
    async def asked(caller: House, body: AskedBody) -> Mapping[str, Any]:
        """Keep a question, and answer what can be said at once."""
        claim = idempotency.claim_of(VISITOR.name, body.key, to_json(body.question), target="asked")
        said = from_json((await ask_advice(desk.advice, VISITOR, body.question, claim)).body)
        return {**said, "token": desk.links.token("advice", UUID(said["id"]))}

    @routes.post("/internal/v1/intake/web/consultations:opened")
    async def advised(caller: House, body: TokenBody) -> Mapping[str, Any]:
        """A question, and its answer as soon as there is one."""
        asked = await desk.asked(body.token)
        told = await read_advice(desk.advice, asked.organisation_id, asked.consultation_id)
        return {**told, "by_web": asked.organisation_id == WEB}

    @routes.post("/internal/v1/intake/web/consultations:helped")
    async def helped(caller: House, body: HelpedBody) -> Mapping[str, Any]:
        """What became of the help that an answer named."""
        asked, advice = await desk.asked(body.token), desk.advice
        return await say(
            advice.service, advice.store, VISITOR, asked.organisation_id, asked.consultation_id,
            body.answer,
        )  # fmt: skip

    @routes.post("/internal/v1/intake/web/consultations:referred", status_code=201)
    async def referred(caller: House, body: TokenBody) -> Mapping[str, Any]:
        """Go on with a question as a form. Asked again, it is the same form."""
        consultation_id = desk.behind("advice", body.token)
        claim = Claim(
            VISITOR.name, f"refer-{consultation_id}", hashlib.sha256(b"referred").digest()
        )
        answer = await refer_on(desk.advice, VISITOR, consultation_id, claim)
        return {"token": desk.links.token("form", UUID(from_json(answer.body)["draft_id"]))}

    return routes


async def referrer_of(request: Request, person: SecretStr) -> Caller:
    """Whom an access token speaks for: a person of a partner organisation. Raises Unauthorised,
    NotFound."""
    verifier: Verifier = request.app.state.verifier
    caller = await verifier.verified(person.get_secret_value())
    if not caller.is_referrer:
        raise _nowhere()
    return caller


async def _signed(
    connection: Connection, person: Caller, form: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A form that says who fills it in, as far as their account does."""
    own = await accounts.organisation(connection, organisation_of(person))
    said = {"agency": own.agency, "organisation": own.name} if own else {}
    return {**form, "referrer": {**said, "email": person.name}}


def _nowhere() -> NotFound:
    return NotFound("link_unknown", "This link leads nowhere. Was it copied whole?")
