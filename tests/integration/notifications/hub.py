"""Notifications on a real database with a real sender; what intake and triage would say is
invented here, and a test decides when they are away."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.change import Ids
from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.stream import store as stream_store
from chassis.stream.bell import Bell
from chassis.stream.consumer import Consumer
from chassis.stream.kernel import Kernel, Service
from chassis.stream.port import Outgoing
from chassis.stream.postgres import PostgresSource
from chassis.vault import KeyRing, Vault
from contracts.envelope import EventData, sequence_text
from contracts.events import (
    AgeBand,
    ChildDecision,
    ChildFacts,
    Outcome,
    Rag,
    ReferralSubmitted,
    TriageDecided,
)
from contracts.registry import type_of
from policy.loading import PackSet
from services.notifications.channels.port import Channel
from services.notifications.domain import Case
from services.notifications.handlers import HANDLERS
from services.notifications.pace import Pace
from services.notifications.reads import (
    Action,
    AskedPerson,
    Clause,
    DecidedChild,
    Decision,
    DueClock,
    Referral,
    Summary,
    Unreadable,
    Wanted,
)
from services.notifications.rendering import Renderer, TextNumber, no_number
from services.notifications.rendering.templates import Templates
from services.notifications.sending import Sender
from services.notifications.store import NotificationsStore

AUTHORITY = "warwickshire"
LEASE = timedelta(seconds=20)
CONVERSATION = timedelta(seconds=15)
RECEIVED = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)

# Every message and every state it was in, for a test to look at.
MESSAGES = """
SELECT kind, audience, state, attempt, cuts, reason FROM message ORDER BY queued_at, message_id
"""
EVENTS = """
SELECT split_part(type, 'frontdoor.', 2) AS type, body FROM event_stream.event_log
 WHERE source = 'notifications/1' ORDER BY position
"""


@dataclass
class Words:
    """What intake and triage would answer (Reads)."""

    referrers: dict[UUID, Referral] = field(default_factory=dict)
    said: dict[UUID, Decision] = field(default_factory=dict)
    away: bool = False
    spoiled: set[UUID] = field(default_factory=set)
    reads: int = 0
    due: list[DueClock] = field(default_factory=list)
    summed: list[Summary] = field(default_factory=list)
    people: list[AskedPerson] = field(default_factory=list)
    accounts: dict[UUID, str] = field(default_factory=dict)
    asked: dict[UUID, Wanted] = field(default_factory=dict)
    registered: dict[tuple[str, str], str] = field(default_factory=dict)
    register_away: bool = False

    async def referrals(self, ids: Sequence[UUID]) -> dict[UUID, Referral]:
        self._read(ids)
        return {one: self.referrers[one] for one in ids if one in self.referrers}

    async def decisions(self, ids: Sequence[UUID]) -> dict[UUID, Decision]:
        self._read(ids)
        return {each.decision_id: each for each in self.said.values() if each.referral_id in ids}

    async def wanted(self, ids: Sequence[UUID]) -> dict[UUID, Wanted]:
        if ids:
            self._read(ids)
        return {one: self.asked[one] for one in ids if one in self.asked}

    async def names(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        self._read(ids)
        return {}

    async def summaries(
        self, authority: str, since: datetime, organisation_id: UUID | None = None
    ) -> list[Summary]:
        self._read([])
        found = self.summed if authority == AUTHORITY else []
        return [one for one in found if organisation_id in (None, one.organisation_id)]

    async def asked_people(self, authority: str) -> list[AskedPerson]:
        self._read([])
        return self.people if authority == AUTHORITY else []

    async def addresses(self, staff_ids: Sequence[UUID]) -> dict[UUID, str]:
        return {one: address for one, address in self.accounts.items() if one in staff_ids}

    async def workers(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        if asked and self.register_away:
            raise Unavailable("words_away", "Away.")
        return {one: self.registered[one] for one in asked if one in self.registered}

    async def due_clocks(self, authority: str, until: datetime) -> list[DueClock]:
        return [one for one in self.due if one.due_at <= until] if authority == AUTHORITY else []

    def _read(self, ids: Sequence[UUID]) -> None:
        self.reads += 1
        if self.away:
            raise Unavailable("words_away", "Away.")
        if not self.spoiled.isdisjoint(ids):
            raise Unreadable


class Hub:
    """One installation's notifications. `sender()` makes as many senders as a test wants."""

    def __init__(self, url: str, clock: Clock, packs: PackSet, ring: KeyRing) -> None:
        self.database = Database(url, schema="notifications")
        self.clock = clock
        self.packs = packs
        self.ids: Ids = new_id
        self.words = Words()
        self.vault = Vault("notifications", ring)
        self.store = NotificationsStore(self.vault)
        self.kernel: Kernel[Case] = Kernel(
            Service(
                name="notifications",
                source="notifications/1",
                database=self.database,
                store=self.store,
                handlers=HANDLERS,
                policy=packs,
                clock=clock,
                ids=self.ids,
                bell=Bell(),
            )
        )
        source = PostgresSource(self.database, "notifications", self.kernel.service.types, clock)
        self.consumer = Consumer(self.kernel, source)
        self._sequences: dict[tuple[str, UUID], int] = {}

    def sender(
        self,
        channel: Channel,
        *,
        text_number: TextNumber = no_number,
        paging: str | None = None,
        **pace: Any,
    ) -> Sender:
        """A sender over `channel`, without any chance in it."""
        limits = {"conversation": CONVERSATION, "lease": LEASE, "random": lambda: 0.0, **pace}
        renderer = Renderer(
            self.packs,
            Templates(),
            "no-reply@frontdoor.example",
            "https://frontdoor.example",
            lambda _authority, audience, _open, _person: f"{audience}@council.example",
            text_number,
            paging=paging,
        )
        return Sender(self.kernel, self.store, channel, self.words, renderer, Pace(**limits))

    async def told(self, source: str, referral_id: UUID, *events: EventData) -> None:
        """Append events of another service, and let notifications answer them."""
        await self.append([(source, referral_id, event) for event in events])
        while await self.consumer.step():
            pass

    async def append(self, said: Sequence[tuple[str, UUID, EventData]]) -> None:
        """Append events of other services."""
        outgoing = []
        for source, referral_id, data in said:
            number = self._sequences.get((source, referral_id), 0) + 1
            self._sequences[source, referral_id] = number
            known = type_of(type(data))
            event_id = self.ids()
            body = known.envelope(
                id=event_id,
                source=f"{source}/1",
                type=known.type,
                subject=referral_id,
                time=self.clock(),
                partitionkey=str(referral_id),
                sequence=sequence_text(number),
                authority=AUTHORITY,
                correlationid=event_id,
                data=data,
            ).model_dump_json(exclude_none=True)
            outgoing.append(
                Outgoing(
                    f"{source}/1", referral_id, number, known.type, AUTHORITY, self.clock(), body
                )
            )
        async with self.database.transaction() as connection:
            await stream_store.append(connection, outgoing)

    async def submitted(
        self, email: str = "dsl@testwood.school.example", agency: str = "school"
    ) -> UUID:
        """A referral that was received, acknowledged by nothing yet."""
        referral_id = self.ids()
        await self.told("intake", referral_id, self.received(referral_id, email, agency))
        return referral_id

    def received(
        self,
        referral_id: UUID,
        email: str = "dsl@testwood.school.example",
        agency: str = "school",
    ) -> ReferralSubmitted:
        """The event of a referral, whose referrer is known to the invented intake."""
        reference = f"WAR-{len(self.words.referrers):06}-K"
        self.words.referrers[referral_id] = Referral(
            referral_id=referral_id,
            reference=reference,
            referrer_email=email,
            organisation="Testwood Academy",
            received_at=RECEIVED,
            authority=AUTHORITY,
        )
        return ReferralSubmitted(
            reference=reference,
            received_at=RECEIVED,
            pack_version=self.packs.current(AUTHORITY, RECEIVED.date()).version,
            children=(ChildFacts(child_id=self.ids(), age_band=AgeBand.AGE_5_TO_10),),
            source_agency=agency,
            census_source="2A",
            organisation_id=self.ids(),
            basis="public_task",
        )

    async def decided(self, referral_id: UUID, **lacking: Any) -> UUID:
        """A decision about it. `lacking` replaces what triage would say."""
        pack = self.packs.current(AUTHORITY, RECEIVED.date())
        clause = next(iter(pack.clauses.values()))
        child_id, decision_id = self.ids(), self.ids()
        said = Decision(
            decision_id=decision_id,
            referral_id=referral_id,
            rag=Rag.AMBER,
            level=3,
            children=(
                DecidedChild(
                    child_id=child_id,
                    rag=Rag.AMBER,
                    outcome=Outcome.CHILD_AND_FAMILY_ASSESSMENT,
                ),
            ),
            rationale="What you saw over the term fits our guidance for an assessment.",
            clauses=(Clause(id=clause.id, title=clause.title, version=pack.version),),
            actions=(
                Action(action="A social worker visits", owner="North team", by=date(2026, 3, 9)),
            ),
            decided_at=self.clock(),
        )
        self.words.said[decision_id] = said.model_copy(update=lacking)
        event = TriageDecided(
            decision_id=decision_id,
            decided_at=self.clock(),
            staff_id=self.ids(),
            role="practitioner",
            rag=Rag.AMBER,
            children=(
                ChildDecision(
                    child_id=child_id,
                    rag=Rag.AMBER,
                    outcome=Outcome.CHILD_AND_FAMILY_ASSESSMENT,
                ),
            ),
            suggested=Rag.AMBER,
            rationale_id=decision_id,
            pack_version=pack.version,
        )
        await self.told("triage", referral_id, event)
        return decision_id

    async def messages(self) -> list[dict[str, Any]]:
        """Every message as it stands."""
        async with self.database.connection() as connection:
            return [dict(row) for row in await connection.fetch(MESSAGES)]

    async def states(self) -> list[str]:
        """The state of every message."""
        return [message["state"] for message in await self.messages()]

    async def events(self) -> list[str]:
        """The types of what notifications has appended."""
        async with self.database.connection() as connection:
            return [row["type"] for row in await connection.fetch(EVENTS)]
