"""What those who ask and those who answer are served with: whose request it is, and the way of a
command to the case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.audit import AuditEntry
from chassis.change import Decide
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.http.claims import Claim
from chassis.identity import Caller
from chassis.identity.links import Links
from chassis.stream.kernel import Answer, Command, Kernel
from chassis.telemetry import traces
from chassis.vault import Vault
from contracts.codes import Handling
from contracts.events import NarrativeSignal, TextReading
from contracts.form import CLEAN_LINE, CLEAN_WORDS
from policy.pack import Pack
from policy.reader import read
from policy.working_time import LONDON
from services.triage.checks import domain, store
from services.triage.checks.request import Request
from services.triage.domain import Case, Person
from services.triage.store import TriageStore
from services.triage.written import store as written

Words = Annotated[str, Field(max_length=100_000), CLEAN_WORDS]
Line = Annotated[str, Field(min_length=1, max_length=200), CLEAN_LINE]


class SentBody(BaseModel):
    """What is sent here: unknown fields are refused, so that none is silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ReplyBody(SentBody):
    """An answer. `nothing_known` says that they looked and hold nothing. `handling` is what the
    hub may do with it, `conditions` what the mark doesn't say. `answered_by` is a name and role."""

    information: Words = ""
    nothing_known: bool = False
    handling: Handling = Handling.HUB_ONLY
    conditions: Annotated[str, Field(max_length=2_000), CLEAN_WORDS] | None = None
    answered_by: Line


@dataclass(frozen=True, slots=True)
class Found:
    """A request with its case and its words."""

    case: Case
    request: Request
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """Requests, and the parts that they need."""

    kernel: Kernel[Case]
    store: TriageStore
    vault: Vault
    links: Links

    async def found(self, request_id: UUID) -> Found | None:
        """A request, wherever it belongs."""
        async with self.kernel.service.database.transaction() as connection:
            place = (await store.find(connection, [request_id])).get(request_id)
            if place is None:
                return None
            case = (await self.store.load(connection, [place["referral_id"]]))[place["referral_id"]]
            words = await written.read(connection, self.vault, [request_id])
        request = next(one for one in case.requests if one.request_id == request_id)
        return Found(case, request, words.get(request_id, {}))

    def current_pack(self, case: Case) -> Pack:
        """The pack in force today where a case is."""
        service = self.kernel.service
        return service.policy.current(case.authority, service.clock().astimezone(LONDON).date())

    async def of_organisation(self, request_id: UUID, organisation_id: UUID | None) -> Found:
        """A request that an organisation may answer. Raises NotFound."""
        found = await self.found(request_id)
        if found is None or organisation_id is None:
            raise unknown()
        if found.request.organisation_id != organisation_id:
            raise unknown()
        return found

    async def command(
        self,
        case: Case,
        decide: Decide[Case],
        entry: AuditEntry,
        claim: Claim | None = None,
    ) -> Answer:
        """Have a case changed."""
        return await self.kernel.submit(
            Command(
                referral_id=case.referral_id,
                authority=case.authority,
                decide=decide,
                audit=entry,
                claim=claim,
                status=201,
                traceparent=traces.current_traceparent(),
            )
        )

    async def keep_reply(
        self,
        found: Found,
        body: ReplyBody,
        caller: Caller,
        *,
        how: str,
        person: Person | None = None,
        claim: Claim | None = None,
    ) -> Answer:
        """Keep an answer, read by the rules. Raises InvalidInput, and as the domain does."""
        case, request_id = found.case, found.request.request_id
        if body.nothing_known == bool(body.information.strip()):
            raise InvalidInput(
                "invalid_reply",
                "Say what you know, or that you know nothing: one of them.",
                errors=(FieldError("/information", "Write it here, or set nothing_known."),),
            )
        signals, texts = self._read(case, f"reply/{request_id}", body.information)
        said = domain.Reply(
            information=body.information,
            nothing_known=body.nothing_known,
            handling=body.handling,
            conditions=body.conditions,
            answered_by=body.answered_by,
            signals=signals,
            texts=texts,
            person=person,
        )
        entry = AuditEntry(
            "request_answered",
            caller,
            case.authority,
            case.referral_id,
            {"request_id": str(request_id), "how": how},
        )
        return await self.command(
            case,
            lambda state, policy, ids, now: domain.reply(state, request_id, said, policy, ids, now),
            entry,
            claim,
        )

    def _read(
        self, case: Case, name: str, text: str
    ) -> tuple[tuple[NarrativeSignal, ...], tuple[TextReading, ...]]:
        if not text.strip():
            return (), ()
        pack = self.kernel.service.policy.version(case.authority, case.facts.pack_version)
        made = read(text, field=name, pack=pack)
        return tuple(made.signals), (made.reading,)


def asked(found: Found) -> Mapping[str, Any]:
    """A request as whoever answers it sees it: what was shared, and no more of the referral."""
    request = found.request
    return {
        "request_id": request.request_id,
        "reference": found.case.facts.reference,
        "of": request.of,
        "state": request.state,
        "asked_at": request.asked_at,
        "due_at": request.due_at,
        "basis": request.basis,
        "parents_told": request.parents_told,
        "need": found.words.get("request/need"),
        "shared": found.words.get("request/shared"),
    }


def unknown() -> NotFound:
    return NotFound("request_not_found", "There is no such request.")
