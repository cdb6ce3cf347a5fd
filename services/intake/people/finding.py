"""Looking people up: first as a pure-handed piece of work on a connection, then as a loop.

A referral's people are made findable, and committed, before they are looked up: of two referrals
that come at the same moment at least one finds the other, and what is found is kept in the case
of the later one, whichever was looked up first.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from uuid import UUID

from chassis.audit import AuditEntry
from chassis.database import Connection, DatabaseAway
from chassis.rounds import go_round
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import logs, metrics
from chassis.vault import BlindIndex
from policy.matching import (
    MatchingSection,
    NameFrequency,
    Person,
    State,
    Verdict,
    block_keys,
    compare,
    judge,
)
from policy.working_time import LONDON
from services.intake.calls import store as calls
from services.intake.calls.domain import Arrived, call_of
from services.intake.calls.joining import join
from services.intake.domain import Case
from services.intake.elsewhere import domain as elsewhere
from services.intake.elsewhere import store as systems
from services.intake.elsewhere.known import Freshness, counted, digests, freshness
from services.intake.elsewhere.known import Record as Known
from services.intake.incidents.linking import settle
from services.intake.people import domain
from services.intake.people.matches import Match, Role, is_later
from services.intake.people.records import Record, quoted_in, records_of, says_telephoned
from services.intake.people.store import PeopleStore
from services.intake.store import IntakeStore

MOST = 50
MOST_CANDIDATES = 300
EVERY_SECONDS = 0.5
EVERYBODY = 0
STRENGTH = 1000
"""How many people's worth of evidence the pack's own share of a name is: a count over fewer says
little."""

NameField = Literal["given", "family"]

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody who may be the person looked up."""

    record: Record
    verdict: Verdict


class LookUp:
    """Finds people of one authority's referrals by their digests."""

    def __init__(self, people: PeopleStore, index: BlindIndex) -> None:
        self._people = people
        self._index = index

    def digest(self, authority: str, *parts: str) -> int:
        """A keyed digest of 64 bits. Authorities share none."""
        cut = self._index.of("people", authority, *parts)[:8]
        return int.from_bytes(cut, signed=True)

    def blocks(self, authority: str, person: Person, matching: MatchingSection) -> list[int]:
        """The digests under which a person is found."""
        return [self.digest(authority, key) for key in block_keys(person, matching)]

    def names(self, authority: str, person: Person) -> list[tuple[NameField, int]]:
        """(field, digest) of the names that are counted."""
        both: tuple[tuple[NameField, tuple[str, ...]], ...] = (
            ("given", person.given),
            ("family", person.family),
        )
        return [(field, self.digest(authority, field, names[0])) for field, names in both if names]

    async def add(
        self,
        connection: Connection,
        authority: str,
        referral_id: UUID,
        records: Sequence[Record],
        matching: MatchingSection,
    ) -> None:
        """Make the people of a referral findable: those who are not yet, after a correction."""
        there = await self._people.there(connection, referral_id)
        new = [one for one in records if one.person_id not in there]
        people = [(one, self.blocks(authority, one.person, matching)) for one in new]
        names = [name for one in new for name in self.names(authority, one.person)]
        everybody: list[tuple[NameField, int]] = [(field, EVERYBODY) for field, _ in names]
        await self._people.add(
            connection, authority, referral_id, people, sorted((*names, *everybody))
        )

    async def elsewhere(
        self, connection: Connection, authority: str, records: Sequence[Record]
    ) -> Mapping[UUID, list[Known]]:
        """What other systems know of the children among some people."""
        asked = {
            one.person_id: [digest for digest, _ in digests(authority, one.person, self._index)]
            for one in records
            if one.role is not Role.ADULT
        }
        return await systems.of(connection, authority, asked)

    async def find(
        self, connection: Connection, authority: str, record: Record, matching: MatchingSection
    ) -> list[Hit]:
        """Who in other referrals of the authority may be this person, the likeliest first."""
        blocks = self.blocks(authority, record.person, matching)
        if not blocks:
            return []
        candidates = await self._people.candidates(
            connection, authority, record.referral_id, blocks, MOST_CANDIDATES
        )
        if not candidates:
            return []
        frequency = await self._frequency(connection, authority, record.person, matching)
        hits = []
        for other in candidates:
            compared = compare(record.person, other.person, matching, frequency)
            verdict = judge(record.person, other.person, compared, matching)
            if verdict is not None:
                hits.append(Hit(other, verdict))
        hits.sort(key=lambda hit: (hit.verdict.state is not State.LINKED, -hit.verdict.score))
        return hits

    async def _frequency(
        self, connection: Connection, authority: str, person: Person, matching: MatchingSection
    ) -> NameFrequency:
        names = self.names(authority, person)
        asked = [*names, ("given", EVERYBODY), ("family", EVERYBODY)]
        counts = await self._people.counts(connection, authority, asked)
        shares: dict[str, float] = {
            field: (counts.get((field, digest), 0) + STRENGTH * matching.weights[field]["same"].u)
            / (counts.get((field, EVERYBODY), 0) + STRENGTH)
            for field, digest in names
        }
        return lambda field, _name: shares.get(field)


class Finding:
    """Looks up the people of new referrals until cancelled."""

    def __init__(
        self,
        kernel: Kernel[Case],
        store: IntakeStore,
        people: PeopleStore,
        look_up: LookUp,
    ) -> None:
        self._kernel = kernel
        self._store = store
        self._people = people
        self._look_up = look_up

    async def run(self) -> None:
        """Look for new referrals twice a second; at once again where there are many."""
        await go_round(self.step, EVERY_SECONDS, most=MOST)

    async def step(self) -> int:
        """Look up the people of what is waiting, up to a batch. Returns how many referrals."""
        service = self._kernel.service
        async with service.database.connection() as connection:
            waiting = await self._people.next(connection, service.policy.authorities, MOST)
        for referral_id in waiting:
            try:
                await self._index(referral_id)
                await self._find(referral_id)
            except DatabaseAway:
                raise
            except Exception:
                metrics.LOOP_FAULTS.labels("intake people").inc()
                log.exception("look_up_fault", referral_id=str(referral_id))
                async with service.database.transaction() as connection:
                    await self._people.tried(connection, referral_id)
        return len(waiting)

    async def _index(self, referral_id: UUID) -> None:
        async with self._kernel.service.database.transaction() as connection:
            taken = await self._people.take(connection, referral_id)
            if taken is None or taken[2]:
                return
            authority, received_at, _ = taken
            matching = self._matching(authority)
            forms = await self._store.words(connection, [referral_id], ["form"])
            records = [
                record
                for form in forms
                for record in records_of(form["content"], referral_id, received_at, matching)
            ]
            await self._look_up.add(connection, authority, referral_id, records, matching)
            quoted = next(filter(None, (quoted_in(form["content"]) for form in forms)), None)
            if quoted:
                named = await calls.by_reference(connection, quoted, authority)
                await self._join(connection, referral_id, named, quoted)

    async def _find(self, referral_id: UUID) -> None:
        async with self._kernel.service.database.transaction() as connection:
            taken = await self._people.take(connection, referral_id)
            if taken is None:
                return
            authority, _, _ = taken
            matching = self._matching(authority)
            records = await self._people.people_of(connection, [referral_id], [authority])
            found: dict[UUID, list[Match]] = {}
            others: set[UUID] = set()
            kept: set[UUID] = set()
            for record in records:
                hits = await self._look_up.find(connection, authority, record, matching)
                others.update(hit.record.referral_id for hit in hits)
                for hit in hits[: matching.shown]:
                    owner, match = matched(record, hit)
                    found.setdefault(owner, []).append(match)
                    kept.add(hit.record.referral_id)
            await self._keep(authority, found, matching)
            await self._tell(connection, authority, referral_id, records, matching, met=bool(found))
            await self._join(connection, referral_id, others)
            await settle(
                self._kernel, self._store, connection, referral_id, kept, matching.incident_days
            )
            await self._people.looked_up(connection, referral_id)

    async def _join(
        self,
        connection: Connection,
        referral_id: UUID,
        others: Collection[UUID],
        quoted: str | None = None,
    ) -> None:
        """Join a form that says that it was telephoned first with that call: one about the same
        child, or the one whose reference it quotes, however the child was spelt then."""
        forms = await self._store.words(connection, [referral_id], ["form"]) if others else []
        if not any(says_telephoned(form["content"]) for form in forms):
            return
        cases = await self._store.load(connection, sorted({referral_id, *others}))
        form = cases.pop(referral_id)
        call = call_of(form, cases.values(), quoted)
        if call is not None:
            await join(self._kernel, call, Arrived(referral_id, form.received_at), None)

    async def _keep(
        self, authority: str, found: Mapping[UUID, list[Match]], matching: MatchingSection
    ) -> None:
        await asyncio.gather(
            *(
                self._kernel.submit(
                    Command(
                        referral_id=owner,
                        authority=authority,
                        decide=partial(_found, domain.Found(tuple(matches), matching.shown)),
                        audit=AuditEntry(
                            "people_looked_up", None, authority, owner, {"found": len(matches)}
                        ),
                    )
                )
                for owner, matches in found.items()
            )
        )

    async def _tell(
        self,
        connection: Connection,
        authority: str,
        referral_id: UUID,
        records: Sequence[Record],
        matching: MatchingSection,
        *,
        met: bool,
    ) -> None:
        """Say what is known of its children already: here, and surely in other systems. Where these
        were asked too long ago, what they said before stands, and nothing is added."""
        as_of = await systems.as_of(connection, authority)
        if as_of is None and not met:
            return
        case = (await self._store.load(connection, [referral_id]))[referral_id]
        if case.historic:
            return
        linked = sorted({match.other_referral_id for match in case.matches})
        children = list(elsewhere.here(case, await self._store.load(connection, linked)))
        now = self._kernel.service.clock()
        match freshness(as_of, now, matching.stale_days):
            case Freshness.FRESH:
                known = await self._look_up.elsewhere(connection, authority, records)
                children += [
                    one
                    for child_id, found in known.items()
                    for record in found
                    if record.sure
                    for one in counted(child_id, record)
                ]
            case Freshness.STALE:
                children += case.history
        told = elsewhere.Told(elsewhere.in_order(children), as_of or now)
        if told.children != case.history:
            await self._kernel.submit(
                Command(
                    referral_id=referral_id,
                    authority=authority,
                    decide=partial(_told, told),
                    audit=AuditEntry(
                        "known_already", None, authority, referral_id, {"found": len(told.children)}
                    ),
                )
            )

    def _matching(self, authority: str) -> MatchingSection:
        service = self._kernel.service
        today = service.clock().astimezone(LONDON).date()
        return service.policy.current(authority, today).matching


def _found(command: domain.Found, state: Case | None, *rest: Any) -> Any:
    return domain.found(state, command, *rest)


def _told(command: elsewhere.Told, state: Case | None, *rest: Any) -> Any:
    return elsewhere.tell(state, command, *rest)


def matched(record: Record, hit: Hit) -> tuple[UUID, Match]:
    """The referral that keeps a match, the later of the two, and the match as that one sees it."""
    other = hit.record
    first = is_later(
        (record.received_at, record.referral_id), (other.received_at, other.referral_id)
    )
    mine, theirs = (record, other) if first else (other, record)
    verdict = hit.verdict
    return mine.referral_id, pair_of(mine, theirs, verdict.state, verdict.score, verdict.reasons)


def pair_of(
    mine: Record, theirs: Record, state: State, score: float, reasons: tuple[str, ...]
) -> Match:
    """A match of two records, kept by the referral of `mine`."""
    return Match(
        person_id=mine.person_id,
        role=mine.role,
        other_referral_id=theirs.referral_id,
        other_person_id=theirs.person_id,
        other_received_at=theirs.received_at,
        state=state,
        how="matched",
        score=score,
        reasons=reasons,
    )
