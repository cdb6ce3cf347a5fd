"""Beginning, changing and submitting drafts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.errors import (
    BadRequest,
    DomainError,
    FieldError,
    InvalidInput,
    NotFound,
    PreconditionFailed,
)
from chassis.http import idempotency
from chassis.http import store as keys
from chassis.http.claims import Claim
from chassis.identity import Caller
from chassis.stream.kernel import Answer, Service
from contracts.form import FormRefused, read_form
from policy.working_time import LONDON
from services.intake.attachments.domain import unread
from services.intake.callers import organisation_of
from services.intake.domain import Case
from services.intake.drafts.store import Draft, DraftStore
from services.intake.preparing import Written
from services.intake.receiving import Receiving, Sender

SUBMITTING: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Drafting:
    """What drafts need. `kept` is how long one is kept after its last change."""

    service: Service[Case]
    store: DraftStore
    receiving: Receiving
    kept: timedelta

    async def begin(
        self,
        connection: Connection,
        caller: Caller,
        content: Mapping[str, Any],
        now: datetime,
        holder: str | None = None,
    ) -> Draft:
        """Begin a draft in the caller's transaction. Raises InvalidInput without an authority."""
        draft = Draft(
            draft_id=self.service.ids(),
            authority=self._authority(content),
            organisation_id=organisation_of(caller),
            client_id=caller.name,
            version=1,
            created_at=now,
            updated_at=now,
            expires_at=now + self.kept,
            content=to_json(content).decode(),
            holder=holder,
        )
        await self.store.add(connection, draft)
        await append_audit(connection, [entry("draft_begun", caller, draft)], now)
        return draft

    async def change(
        self,
        caller: Caller,
        draft_id: UUID,
        version: int,
        how: Callable[[Draft], Draft],
        action: str,
    ) -> Draft:
        """Change a draft that the caller saw at `version`. Raises NotFound, PreconditionFailed,
        DomainError while it is submitted."""
        now = self.service.clock()
        async with self.service.database.transaction() as connection:
            draft = await self._mine(connection, caller, draft_id, lock=True)
            _not_submitting(draft, now)
            if draft.version != version:
                raise PreconditionFailed(
                    "draft_changed", "The draft was changed meanwhile. Read it again."
                )
            changed = replace(
                how(draft),
                version=draft.version + 1,
                updated_at=now,
                expires_at=now + self.kept,
            )
            await self.store.save(connection, changed)
            await append_audit(connection, [entry(action, caller, changed)], now)
        return changed

    async def writable(self, connection: Connection, caller: Caller, draft_id: UUID) -> Draft:
        """A draft that the caller holds, locked. Raises NotFound, DomainError while it is
        submitted."""
        draft = await self._mine(connection, caller, draft_id, lock=True)
        _not_submitting(draft, self.service.clock())
        return draft

    def filled(self, draft: Draft, content: Mapping[str, Any]) -> Draft:
        """`draft` with other content. Raises InvalidInput without an authority."""
        return replace(draft, authority=self._authority(content), content=to_json(content).decode())

    async def hand_over(
        self, caller: Caller, draft_id: UUID, version: int, to: str | None, client_id: str | None
    ) -> Draft:
        """Give a draft to a colleague of the same organisation, perhaps at another of its systems."""
        if client_id is not None:
            async with self.service.database.connection() as connection:
                if not await self.store.same_organisation(
                    connection, client_id, organisation_of(caller)
                ):
                    raise InvalidInput(
                        "not_a_colleague",
                        "A draft goes to a colleague of your own organisation.",
                        errors=(FieldError("/client_id", "No client of your organisation."),),
                    )
        return await self.change(
            caller,
            draft_id,
            version,
            lambda draft: replace(draft, holder=to, client_id=client_id or draft.client_id),
            "draft_handed_over",
        )

    async def read(self, caller: Caller, draft_id: UUID) -> Draft:
        """A draft that the caller holds. Raises NotFound."""
        async with self.service.database.connection() as connection:
            return await self._mine(connection, caller, draft_id)

    async def throw_away(self, caller: Caller, draft_id: UUID) -> None:
        """Throw a draft away. Raises NotFound, DomainError while it is submitted."""
        now = self.service.clock()
        async with self.service.database.transaction() as connection:
            draft = await self._mine(connection, caller, draft_id, lock=True)
            _not_submitting(draft, now)
            await self.store.throw_away(connection, [draft_id], now)
            await append_audit(connection, [entry("draft_thrown_away", caller, draft)], now)

    async def submit(
        self, caller: Caller, draft_id: UUID, claim: Claim, *, lenient: bool
    ) -> Answer:
        """Make a draft the referral of the same id. The referral, its event and the end of the
        draft are one transaction. Raises what receiving a referral raises, NotFound."""
        now = self.service.clock()
        async with self.service.database.transaction() as connection:
            draft = await self.store.read(
                connection, draft_id, organisation_of(caller), caller.name, lock=True
            )
            if draft is None:
                done = (await keys.read(connection, [(claim.client, claim.key)])).get(
                    (claim.client, claim.key)
                )
                if done is None or done.status is None or done.body is None:
                    raise _unknown()
                if done.request_hash != claim.request_hash:
                    raise idempotency.another_request()
                return Answer(done.status, done.body, replayed=True)
            _not_submitting(draft, now)
            await self.store.hold(connection, draft_id, now + SUBMITTING)
            files = await self.store.files(connection, draft_id)
        try:
            return await self.receiving.receive(
                Written(
                    draft.content.encode(),
                    lenient=lenient,
                    referral_id=draft_id,
                    unread=tuple(unread(one) for one in files),
                ),
                Sender(caller, draft.organisation_id, claim),
            )
        except DomainError:
            async with self.service.database.transaction() as connection:
                await self.store.hold(connection, draft_id, None)
            raise

    def look(self, draft: Draft) -> Mapping[str, Any]:
        """How complete a draft is, and what it lacks to be sent."""
        today = self.service.clock().astimezone(LONDON).date()
        try:
            reading = read_form(
                draft.content.encode(),
                today=today,
                authorities=self.service.policy.authorities,
                lenient=True,
            )
        except FormRefused as refused:
            return {
                "can_be_sent": False,
                "completeness": None,
                "needed": [
                    {"pointer": pointer, "detail": detail} for pointer, detail in refused.errors
                ],
            }
        return {
            "can_be_sent": True,
            "completeness": {
                "score": reading.completeness.score,
                "sections": reading.completeness.sections,
                "missing": [
                    {"pointer": pointer, "add": what}
                    for pointer, what in reading.completeness.missing
                ],
            },
            "needed": [{"pointer": one.pointer, "detail": one.detail} for one in reading.warnings],
        }

    async def forget_expired(self) -> int:
        """Forget what nobody came back to. Returns how many."""
        now = self.service.clock()
        async with self.service.database.transaction() as connection:
            gone = await self.store.expired(connection, now)
            if gone:
                await self.store.throw_away(connection, [one for one, _ in gone], now)
                await append_audit(
                    connection,
                    [
                        AuditEntry("draft_forgotten", None, authority, None, {"draft_id": one})
                        for one, authority in gone
                    ],
                    now,
                )
        return len(gone)

    def _authority(self, content: Mapping[str, Any]) -> str:
        authority = content.get("authority")
        if authority not in self.service.policy.authorities:
            raise InvalidInput(
                "invalid_draft",
                "A draft says which authority it is for.",
                errors=(FieldError("/authority", "is not an authority of this front door"),),
            )
        return str(authority)

    async def _mine(
        self, connection: Connection, caller: Caller, draft_id: UUID, *, lock: bool = False
    ) -> Draft:
        draft = await self.store.read(
            connection, draft_id, organisation_of(caller), caller.name, lock=lock
        )
        if draft is None:
            raise _unknown()
        return draft


def content_of(body: bytes) -> Mapping[str, Any]:
    """The object that was sent. Raises BadRequest."""
    try:
        content = from_json(body)
    except ValueError as wrong:
        raise BadRequest("malformed_json", "The body is not JSON.") from wrong
    if not isinstance(content, dict):
        raise BadRequest("malformed_json", "The body is not a JSON object.")
    return content


def entry(action: str, caller: Caller, draft: Draft) -> AuditEntry:
    """Who did what to a draft."""
    return AuditEntry(action, caller, draft.authority, None, {"draft_id": draft.draft_id})


def _not_submitting(draft: Draft, now: datetime) -> None:
    if draft.submitting_until is not None and draft.submitting_until > now:
        raise DomainError("draft_being_submitted", "The draft is being submitted.")


def _unknown() -> NotFound:
    return NotFound("draft_not_found", "There is no such draft.")
