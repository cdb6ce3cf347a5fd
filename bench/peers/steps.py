"""The steps of a referral for a peer: the same domain functions, rules, readers, seals and tables
as the house's, one referral at a time, in one transaction a step. How steps are made durable and
put in order is the peer's affair.

Less is asked of a peer than of the house: no read model for pages, nothing for the referrer's
status page, no marks, no lock for the order of the log.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.change import Change
from chassis.clock import system_clock
from chassis.database import Connection, Database
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.stream.kernel import Saved
from chassis.vault import BlindIndex, KeyRing, Vault
from contracts.envelope import Event, EventData, sequence_text
from contracts.form import read_form
from contracts.registry import parse, type_of
from policy.loading import PackSet
from policy.working_time import LONDON
from services.allocation.handlers import HANDLERS as ALLOCATION
from services.allocation.store import AllocationStore
from services.intake import domain as intake
from services.intake import submission
from services.intake.references import References
from services.intake.store import IntakeStore
from services.intake.telling import received
from services.notifications.channels.port import Letter, Taken
from services.notifications.channels.smtp import SmtpChannel
from services.notifications.domain import Audience, Kind, State
from services.notifications.domain.following import Accepted, claim, record
from services.notifications.handlers import HANDLERS as NOTIFICATIONS
from services.notifications.reads import Decision, Referral
from services.notifications.rendering import Email, Renderer, kept
from services.notifications.store import NotificationsStore
from services.triage import domain as triage
from services.triage import shown
from services.triage.handlers import HANDLERS as TRIAGE
from services.triage.store import TriageStore

# Record what a step said, beside the change that it says.
SAY = """
INSERT INTO event_stream.event_log (source, referral_id, sequence, type, authority, time, body)
SELECT $1, $2, number, type, $3, $4, body::json
  FROM unnest($5::bigint[], $6::text[], $7::text[]) AS said (number, type, body)
"""

# What a step said when it was done before: it was cut off between its commit and its record.
SAID = """
SELECT type, body::text AS body FROM event_stream.event_log
 WHERE referral_id = $1 AND source = $2
 ORDER BY sequence
"""

LEASE = timedelta(seconds=20)

Said = list[tuple[str, str]]
"""Events as (type, JSON)."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a post came to: a referral that is read, rated by nobody yet, and nowhere stored."""

    referral_id: UUID
    authority: str
    case: intake.Case
    said: Said
    answer: Mapping[str, Any]


class Steps:
    """The steps of every referral. `databases` by service, each under its own schema."""

    def __init__(
        self,
        databases: Mapping[str, Database],
        policy: PackSet,
        ring: KeyRing,
        mail: tuple[SmtpChannel, Renderer] | None,
    ) -> None:
        self.databases = databases
        self._policy = policy
        self._index = BlindIndex(ring.index_key)
        self._mail = mail
        self._intake = IntakeStore(Vault("intake", ring))
        self.triage = TriageStore(Vault("triage", ring))
        self._notifications = NotificationsStore(Vault("notifications", ring))
        self._references = References(databases["intake"], self._intake)
        self._answering: dict[str, tuple[Any, Mapping[type[EventData], Any]]] = {
            "triage": (self.triage, TRIAGE),
            "allocation": (AllocationStore(Vault("allocation", ring)), ALLOCATION),
            "notifications": (self._notifications, NOTIFICATIONS),
        }

    async def read(self, body: bytes, caller: Caller, referral_id: UUID) -> Posted:
        """Read a posted form and its narrative. Stores nothing but a number for its reference."""
        now = system_clock()
        today = now.astimezone(LONDON).date()
        reading = read_form(body, today=today, authorities=self._policy.authorities, lenient=True)
        authority = str(reading.form.authority)
        pack = self._policy.current(authority, today)
        read = submission.prepare(reading, pack, self._index, today, new_id)
        assert caller.organisation_id
        command = intake.Submission(
            referral_id=referral_id,
            authority=authority,
            reference=await self._references.next(authority, pack.prefix),
            organisation_id=caller.organisation_id,
            client_id=caller.name,
            facts=submission.facts(
                read,
                (),
                pack,
                completeness=reading.completeness.score,
                repeated_reference=False,
            ),
            pack_version=pack.version,
            form=submission.content(read, reading.originals),
            keys=read.keys,
            your_reference=None,
            answer=received(referral_id, pack, reading, reading.warnings, now),
        )
        change, answer = intake.submit(None, command, self._policy, new_id, now)
        said = _enveloped("receive", referral_id, authority, change.events, None, now)
        return Posted(referral_id, authority, change.state, said, answer)

    async def receive(self, posted: Posted, caller: Caller) -> None:
        """Store a referral with its sealed words."""
        now = posted.case.received_at
        async with self.databases["intake"].transaction() as connection:
            if await self._intake.load(connection, [posted.referral_id]):
                return
            saved = Saved(posted.referral_id, posted.authority, None, posted.case, now)
            await self._intake.save(connection, [saved])
            entry = AuditEntry("referral_received", caller, posted.authority, posted.referral_id)
            await append_audit(connection, [entry], now)
            await self._say(
                connection, "receive", posted.referral_id, posted.authority, posted.said
            )

    async def answer(self, service: str, step: str, said: Said) -> Said:
        """Let a service answer events about one referral. What it says."""
        store, handlers = self._answering[service]
        events = [event for event in map(_parsed, said) if type(event.data) in handlers]
        first = events[0]

        def fold(state: Any, now: datetime) -> Change[Any] | None:
            said_now: list[EventData] = []
            before = state
            for event in events:
                change = handlers[type(event.data)](state, event, self._policy, new_id, now)
                if change is not None:
                    state = change.state
                    said_now += change.events
            return Change(state, tuple(said_now)) if state is not before else None

        return await self._step(service, step, store, first.subject, first, fold)

    async def decide(self, command: triage.Decide, cause: Event[Any], caller: Caller) -> Said:
        """Record a practitioner's decision. Raises DomainError."""

        def fold(state: Any, now: datetime) -> Change[Any]:
            return triage.decide(state, command, self._policy, new_id, now)[0]

        audit = AuditEntry("decided", caller, cause.authority, cause.subject)
        return await self._step("triage", "decide", self.triage, cause.subject, cause, fold, audit)

    async def opened(self, referral_id: UUID, caller: Caller) -> tuple[int, Any] | None:
        """A case as a practitioner reads it, audited, with its version; None without one."""
        async with self.databases["triage"].transaction() as connection:
            case = (await self.triage.load(connection, [referral_id])).get(referral_id)
            if case is None or case.authority not in caller.authorities:
                return None
            changed = [referral_id] if case.version > 1 else []
            decisions = await self.triage.decisions(connection, changed) if changed else []
            entry = AuditEntry("case_opened", caller, case.authority, referral_id)
            await append_audit(connection, [entry], system_clock())
        return case.version, shown.case(case, decisions, self._policy, system_clock())

    async def send(self, kind: Kind, said: Said) -> Said:
        """Write the message of this kind that was queued, hand it over, and record that."""
        assert self._mail
        channel, renderer = self._mail
        about = _parsed(said[0])
        referral_id = about.subject
        token = new_id()
        async with self.databases["notifications"].connection() as connection:
            case = (await self._notifications.load(connection, [referral_id]))[referral_id]
        message = next(
            one for one in case.messages if one.kind is kind and one.audience is Audience.REFERRER
        )
        if message.state is not State.QUEUED:
            return await self._said("notifications", f"send {kind}", referral_id)
        referral, decision = await self._words(referral_id, message.about)
        email = renderer.email(case, message, referral, decision, system_clock())
        assert isinstance(email, Email)
        delivery = await channel.hand_over(Letter(email.sender, email.recipient, email.content()))
        assert isinstance(delivery, Taken), delivery

        def fold(state: Any, now: datetime) -> Change[Any] | None:
            claimed = claim(state, {message.message_id}, token, LEASE, now)
            if claimed is None:
                return None
            return record(claimed.state, message.message_id, token, Accepted(kept(email)), now)

        return await self._step(
            "notifications", f"send {kind}", self._notifications, referral_id, about, fold
        )

    async def _words(self, referral_id: UUID, about: UUID | None) -> tuple[Referral, Any]:
        async with self.databases["intake"].connection() as connection:
            case = (await self._intake.load(connection, [referral_id]))[referral_id]
            forms = await self._intake.words(connection, [referral_id], ["form"])
        referral = Referral(
            referral_id=referral_id,
            reference=case.reference,
            referrer_email=from_json(forms[0]["content"])["referrer"]["email"],
            received_at=case.received_at,
            authority=case.authority,
            trusted=True,
        )
        if about is None:
            return referral, None
        async with self.databases["triage"].connection() as connection:
            cases = await self.triage.load(connection, [referral_id])
            records = await self.triage.decisions(connection, [referral_id])
        told = shown.decision(records[-1], cases, self._policy)
        return referral, Decision.model_validate({**told, "referral_id": referral_id})

    async def _step(
        self,
        service: str,
        step: str,
        store: Any,
        referral_id: UUID,
        cause: Event[Any],
        fold: Callable[[Any, datetime], Change[Any] | None],
        audit: AuditEntry | None = None,
    ) -> Said:
        now = system_clock()
        try:
            async with self.databases[service].transaction() as connection:
                state = (await store.load(connection, [referral_id])).get(referral_id)
                change = fold(state, now)
                if change is not None:
                    authority = cause.authority
                    saved = Saved(referral_id, authority, state, change.state, now)
                    await store.save(connection, [saved])
                    said = _enveloped(step, referral_id, authority, change.events, cause, now)
                    if audit:
                        await append_audit(connection, [audit], now)
                    await self._say(connection, step, referral_id, authority, said)
                    return said
        except (DomainError, asyncpg.UniqueViolationError):
            said = await self._said(service, step, referral_id)
            if said:
                return said
            raise
        return await self._said(service, step, referral_id)

    async def _say(
        self, connection: Connection, step: str, referral_id: UUID, authority: str, said: Said
    ) -> None:
        if said:
            await connection.execute(
                SAY, step, referral_id, authority, system_clock(), list(range(1, len(said) + 1)),
                [kind for kind, _ in said], [body for _, body in said],
            )  # fmt: skip

    async def _said(self, service: str, step: str, referral_id: UUID) -> Said:
        async with self.databases[service].connection() as connection:
            rows = await connection.fetch(SAID, referral_id, step)
        return [(row["type"], row["body"]) for row in rows]


def _parsed(said: tuple[str, str]) -> Event[Any]:
    event = parse(*said)
    assert event is not None
    return event


def _enveloped(
    step: str,
    referral_id: UUID,
    authority: str,
    events: Sequence[EventData],
    cause: Event[Any] | None,
    now: datetime,
) -> Said:
    said: Said = []
    for number, data in enumerate(events, 1):
        known = type_of(type(data))
        event_id = new_id()
        envelope = known.envelope.model_construct(
            id=event_id,
            source=step,
            type=known.type,
            subject=referral_id,
            time=now,
            partitionkey=str(referral_id),
            sequence=sequence_text(number),
            authority=authority,
            correlationid=cause.correlationid if cause else event_id,
            causationid=cause.id if cause else None,
            data=data,
        )
        said.append((known.type, envelope.model_dump_json(exclude_none=True)))
    return said
