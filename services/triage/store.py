"""Every query of triage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from chassis.database import Connection
from chassis.discard import Discard
from chassis.restriction import Seer, hidden, parameters
from chassis.stream.kernel import Saved
from chassis.vault import Vault
from contracts.events import Rag, Reason, ReferralSubmitted, Urgency
from policy.ruleset import RAG_ORDER
from services.triage.checks import store as checks
from services.triage.checks.request import Request
from services.triage.countersigning import store as countersigning
from services.triage.disagreements import store as disagreements
from services.triage.disagreements.disagreement import Disagreement
from services.triage.discussions import store as discussions
from services.triage.domain import (
    Awaiting,
    Case,
    Child,
    Claim,
    Decision,
    Dismissal,
    DutyDone,
    Seen,
    Status,
)
from services.triage.written import store as words

# The cases of some referrals.
LOAD = """
SELECT referral_id, authority, status, version, rag, suggested, level, urgency,
       withdrawal_requested_at, decided_at, updated_at, document::text AS document
  FROM referral
 WHERE referral_id = ANY ($1)
"""

# Write cases as they are now.
SAVE = """
INSERT INTO referral (referral_id, authority, reference, received_at, status, version, rag,
                      suggested, place, level, urgency, withdrawal_requested_at, decided_at,
                      updated_at, document, claim_lapses_at, awaiting_since, domestic_abuse,
                      last_discussed_at)
SELECT referral_id, authority, reference, received_at, status, version, rag, suggested, place,
       level, urgency, withdrawal_requested_at, decided_at, updated_at, document::jsonb,
       claim_lapses_at, awaiting_since, domestic_abuse, last_discussed_at
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::integer[],
              $7::text[], $8::text[], $9::smallint[], $10::smallint[], $11::text[],
              $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::text[],
              $16::timestamptz[], $17::timestamptz[], $18::boolean[], $19::timestamptz[])
       AS new (referral_id, authority, reference, received_at, status, version, rag, suggested,
               place, level, urgency, withdrawal_requested_at, decided_at, updated_at, document,
               claim_lapses_at, awaiting_since, domestic_abuse, last_discussed_at)
    ON CONFLICT (referral_id) DO UPDATE
   SET status = excluded.status, version = excluded.version, rag = excluded.rag,
       suggested = excluded.suggested, place = excluded.place, level = excluded.level,
       urgency = excluded.urgency, withdrawal_requested_at = excluded.withdrawal_requested_at,
       decided_at = excluded.decided_at, updated_at = excluded.updated_at,
       document = excluded.document, claim_lapses_at = excluded.claim_lapses_at,
       awaiting_since = excluded.awaiting_since, domestic_abuse = excluded.domestic_abuse,
       last_discussed_at = excluded.last_discussed_at
"""

# Add decisions; none is ever changed.
ADD_DECISIONS = """
INSERT INTO decision (decision_id, referral_id, authority, kind, decided_at, staff_id, staff_name,
                      role, rag, suggested, previous, child_id, children, clauses, pack_version,
                      lowered_code, rationale, analysis, no_clause_because, actions,
                      to_countersign, without_agreement, duties, seen)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21, $22, $23, $24::text::jsonb)
"""

# A page of the queue after a place in it, without what is hidden from whoever looks.
QUEUE = f"""
SELECT referral_id, authority, reference, status, rag, suggested, level, urgency, received_at,
       place, version, withdrawal_requested_at,
       jsonb_array_length(document -> 'children') AS children, document -> 'claim' AS claim
  FROM referral
 WHERE authority = ANY ($1)
   AND ($2::text IS NULL OR status = $2)
   AND ($3::text IS NULL OR rag = $3)
   AND (place, received_at, referral_id) > ($4, $5, $6)
   AND NOT {hidden("referral.referral_id", 8)}
 ORDER BY place, received_at, referral_id
 LIMIT $7
"""

# The decisions of some referrals, in the order in which they were made, with what a manager said of them.
READ_DECISIONS = """
SELECT decision_id, referral_id, kind, decided_at, decision.staff_id, staff_name, role, rag,
       suggested, previous, child_id, children, clauses, pack_version,
       lowered_code AS lowered_because, rationale, analysis, no_clause_because, actions,
       to_countersign, without_agreement, duties, agreed, signed_at, signed_name, signature_note
  FROM decision LEFT JOIN countersignature USING (decision_id, referral_id)
 WHERE referral_id = ANY ($1)
 ORDER BY referral_id, number
"""

# Which of some referrals came with a family's refusal.
REFUSED = """
SELECT referral_id
  FROM referral
 WHERE referral_id = ANY ($1) AND authority = $2
   AND document -> 'facts' ->> 'agreement' = 'refused'
 ORDER BY received_at
"""

# Whose cases these are.
AUTHORITIES = "SELECT referral_id, authority FROM referral WHERE referral_id = ANY ($1)"

# Which of these referrals have a case here.
KNOWN = "SELECT referral_id FROM referral WHERE referral_id = ANY ($1)"

# Write down that an event may be discarded, unless that was said before.
ADD_DISCARD = """
INSERT INTO discard (discard_id, referral_id, authority, consumer, source, sequence, reason,
                     staff_id, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT DO NOTHING
RETURNING discard_id
"""

# The decisions to discard events of a referral.
READ_DISCARDS = """
SELECT discard_id, referral_id, authority, consumer, source, sequence, reason, staff_id, decided_at
  FROM discard
 WHERE referral_id = $1
"""

# A decision to discard an event.
READ_DISCARD = """
SELECT discard_id, referral_id, authority, consumer, source, sequence, reason, staff_id, decided_at
  FROM discard
 WHERE discard_id = $1
"""

SEALED = ("rationale", "analysis", "no_clause_because", "actions", "duties", "signature_note")
LISTS = ("actions", "duties")


@dataclass(frozen=True, slots=True)
class Document:
    """The part of a case that is read and written whole."""

    facts: ReferralSubmitted
    children: tuple[Child, ...]
    reasons: tuple[Reason, ...]
    clauses: tuple[str, ...]
    claim: Claim | None = None
    awaiting: Awaiting | None = None
    requests: tuple[Request, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    dismissed: tuple[Dismissal, ...] = ()
    domestic_abuse: bool = False
    incidents: tuple[UUID, ...] = ()
    apart: tuple[UUID, ...] = ()
    agreement_withdrawn_at: datetime | None = None
    last_discussed_at: datetime | None = None


_DOCUMENT = TypeAdapter(Document)
_SEEN = TypeAdapter(Seen)
_DUTIES = TypeAdapter(tuple[tuple[UUID, DutyDone], ...])


class TriageStore:
    """Triage's state (a Store of the kernel)."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def load(self, connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Case]:
        return {row["referral_id"]: _case(row) for row in await connection.fetch(LOAD, list(ids))}

    async def save(self, connection: Connection, changes: Sequence[Saved[Case]]) -> None:
        rows = [
            (
                case.referral_id,
                case.authority,
                case.facts.reference,
                case.facts.received_at,
                case.status,
                case.version,
                case.rag,
                case.suggested,
                3 - RAG_ORDER[case.rag],
                case.level,
                case.urgency,
                case.withdrawal_requested_at,
                case.decided_at,
                case.updated_at,
                _DOCUMENT.dump_json(
                    Document(
                        **{field.name: getattr(case, field.name) for field in fields(Document)}
                    )
                ).decode(),
                case.claim.lapses_at if case.claim else None,
                case.awaiting.decided_at if case.awaiting else None,
                case.domestic_abuse,
                case.last_discussed_at,
            )
            for case in (change.state for change in changes)
        ]
        await connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))
        added = [(change.state, decision) for change in changes for decision in change.state.added]
        if added:
            await self._add(connection, added)
        signed = [(change.state, one) for change in changes for one in change.state.signatures]
        if signed:
            await countersigning.add(connection, self._vault, signed)
        before_and_after = [(change.previous, change.state) for change in changes]
        await checks.save(connection, before_and_after)
        await disagreements.save(connection, before_and_after)
        await words.save(connection, self._vault, [change.state for change in changes])
        held = [(change.state, one) for change in changes for one in change.state.discussed]
        if held:
            await discussions.add(connection, self._vault, held)

    async def _add(self, connection: Connection, added: Sequence[tuple[Case, Decision]]) -> None:
        keys = await self._vault.keys(
            connection, sorted({case.referral_id for case, _ in added}), create=True
        )
        rows = []
        for case, made in added:
            key = keys[case.referral_id]

            def seal(text: str | None, field: str, made: Decision = made) -> bytes | None:
                return key.seal(text, f"{made.decision_id}/{field}") if text else None  # noqa: B023

            actions = [
                {"id": action_id, "action": action.action, "owner": action.owner, "by": action.by}
                | ({"service_id": action.service_id} if action.service_id else {})
                for action_id, action in made.actions
            ]
            rows.append(
                (
                    made.decision_id,
                    case.referral_id,
                    case.authority,
                    made.kind,
                    made.decided_at,
                    made.person.staff_id,
                    made.person.name,
                    made.person.role,
                    made.rag,
                    made.suggested,
                    made.previous,
                    made.child_id,
                    made.children,
                    list(made.clauses),
                    made.pack_version,
                    made.lowered_because,
                    seal(made.rationale, "rationale"),
                    seal(made.analysis, "analysis"),
                    seal(made.no_clause_because, "no_clause_because"),
                    seal(to_json(actions).decode(), "actions") if actions else None,
                    list(made.to_countersign),
                    made.without_agreement,
                    seal(_DUTIES.dump_json(made.duties).decode(), "duties")
                    if made.duties
                    else None,
                    _SEEN.dump_json(made.seen).decode() if made.seen else None,
                )
            )
        await connection.executemany(ADD_DECISIONS, rows)

    async def queue(
        self,
        connection: Connection,
        authorities: Sequence[str],
        seer: Seer,
        *,
        status: str | None,
        rag: str | None,
        after: tuple[int, datetime, UUID],
        limit: int,
    ) -> list[Mapping[str, Any]]:
        """A page of the queue as `seer` may see it: most severe first, then who waited longest."""
        rows = await connection.fetch(
            QUEUE, list(authorities), status, rag, *after, limit, *parameters(seer)
        )
        return [dict(row) for row in rows]

    async def authorities(
        self, connection: Connection, referral_ids: Sequence[UUID]
    ) -> dict[UUID, str]:
        """The authority of each of these cases."""
        rows = await connection.fetch(AUTHORITIES, list(referral_ids))
        return {row["referral_id"]: row["authority"] for row in rows}

    async def decisions(
        self, connection: Connection, referral_ids: Sequence[UUID]
    ) -> list[dict[str, Any]]:
        """Decisions with their words, oldest first. Words of an erased referral are None."""
        rows = await connection.fetch(READ_DECISIONS, list(referral_ids))
        keys = await self._vault.keys(
            connection, sorted({row["referral_id"] for row in rows}), create=False
        )
        found = []
        for row in rows:
            record = dict(row)
            key = keys.get(row["referral_id"])
            for field in SEALED:
                sealed = record[field]
                record[field] = (
                    key.open(sealed, f"{row['decision_id']}/{field}") if key and sealed else None
                )
            for field in LISTS:
                record[field] = from_json(record[field]) if record[field] else []
            found.append(record)
        return found

    async def refused(self, connection: Connection, case: Case) -> list[UUID]:
        """The earlier referrals of a child of this case whose family refused, oldest first."""
        links = [link.earlier_referral_id for link in case.facts.links]
        if not links:
            return []
        rows = await connection.fetch(REFUSED, links, case.authority)
        return [row["referral_id"] for row in rows]

    async def known(self, connection: Connection, referral_ids: Sequence[UUID]) -> set[UUID]:
        """Those of `referral_ids` that triage has."""
        rows = await connection.fetch(KNOWN, list(referral_ids))
        return {row["referral_id"] for row in rows}


async def add_discard(connection: Connection, decided: Discard) -> bool:
    """Write down a decision to discard an event. False where there was one about it before."""
    values = (getattr(decided, field.name) for field in fields(Discard))
    return await connection.fetchval(ADD_DISCARD, *values) is not None


async def discards_of(connection: Connection, referral_id: UUID) -> list[Discard]:
    """The decisions to discard events of a referral."""
    return [Discard(**row) for row in await connection.fetch(READ_DISCARDS, referral_id)]


async def read_discard(connection: Connection, discard_id: UUID) -> Discard | None:
    """A decision to discard an event."""
    row = await connection.fetchrow(READ_DISCARD, discard_id)
    return Discard(**row) if row else None


def _case(row: asyncpg.Record) -> Case:
    document = _DOCUMENT.validate_json(row["document"])
    return Case(
        referral_id=row["referral_id"],
        authority=row["authority"],
        facts=document.facts,
        status=Status(row["status"]),
        version=row["version"],
        rag=Rag(row["rag"]),
        level=row["level"],
        urgency=Urgency(row["urgency"]),
        suggested=Rag(row["suggested"]),
        children=document.children,
        reasons=document.reasons,
        clauses=document.clauses,
        requests=document.requests,
        disagreements=document.disagreements,
        updated_at=row["updated_at"],
        withdrawal_requested_at=row["withdrawal_requested_at"],
        decided_at=row["decided_at"],
        claim=document.claim,
        awaiting=document.awaiting,
        dismissed=document.dismissed,
        domestic_abuse=document.domestic_abuse,
        incidents=document.incidents,
        apart=document.apart,
        agreement_withdrawn_at=document.agreement_withdrawn_at,
        last_discussed_at=document.last_discussed_at,
    )
