"""Every query of intake about referrals; accounts/store.py has those about who may post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from chassis.database import Connection
from chassis.stream.kernel import Saved
from chassis.vault import Vault
from contracts.events import (
    AssigneeKind,
    ChildDecision,
    ContinuedBecause,
    ExactLink,
    KnownElsewhere,
    Rag,
)
from services.intake.attachments import store as attachments
from services.intake.calls.call import Call
from services.intake.correcting import store as correcting
from services.intake.correcting.domain import KIND as CORRECTION
from services.intake.correcting.domain import as_corrected
from services.intake.domain import Case, PublicClock, SealedLater, Stage
from services.intake.drafts.store import forget as forget_drafts
from services.intake.incidents.incident import Incident
from services.intake.people import store as people
from services.intake.people.keys import PersonKey
from services.intake.people.matches import Match
from services.intake.retaining import store as retention
from services.intake.retaining.closing import may_move

# What every query for cases reads.
CASES = """
SELECT referral_id, authority, reference, organisation_id, client_id, received_at, updated_at,
       version, your_reference, document::text AS document
  FROM referral
"""

# The cases of some referrals.
LOAD = f"{CASES} WHERE referral_id = ANY ($1)"

# Write cases as they are now.
SAVE = """
INSERT INTO referral (referral_id, authority, reference, organisation_id, client_id, received_at,
                      updated_at, version, your_reference, document)
SELECT referral_id, authority, reference, organisation_id, client_id, received_at, updated_at,
       version, your_reference, document::jsonb
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[],
              $7::timestamptz[], $8::integer[], $9::bytea[], $10::text[])
       AS new (referral_id, authority, reference, organisation_id, client_id, received_at,
               updated_at, version, your_reference, document)
    ON CONFLICT (referral_id) DO UPDATE
   SET updated_at = excluded.updated_at, version = excluded.version, document = excluded.document
"""

# Add sealed words; none is ever changed.
ADD_WORDS = """
INSERT INTO words (text_id, referral_id, authority, kind, received_at, sealed)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::bytea[])
"""

# Add the digests by which a child is found again.
ADD_KEYS = """
INSERT INTO person_key (authority, kind, digest, referral_id, child_id, received_at, agrees, given,
                        home)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT DO NOTHING
"""

# Children of earlier referrals who have one of these numbers, each number asked for by an authority.
FIND_KEYS = """
SELECT known.authority, known.kind, known.digest, known.referral_id, known.child_id,
       known.received_at, known.agrees, known.given, known.home
  FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::bytea[])) AS asked
       (authority, kind, digest)
  JOIN person_key AS known USING (authority, kind, digest)
 ORDER BY known.received_at
"""

# Which of these organisations' own references were used before.
FIND_YOUR_REFERENCES = """
SELECT organisation_id, your_reference
  FROM unnest($1::uuid[], $2::bytea[]) AS asked (organisation_id, your_reference)
 WHERE EXISTS (SELECT FROM referral AS known
                WHERE known.organisation_id = asked.organisation_id
                  AND known.your_reference = asked.your_reference)
"""

# Take a block of numbers for references.
TAKE_NUMBERS = """
INSERT INTO reference_counter AS counter (authority, next) VALUES ($1, 1 + $2)
    ON CONFLICT (authority) DO UPDATE SET next = counter.next + $2
RETURNING next - $2
"""

# One referral for staff of these authorities.
READ_FOR_STAFF = f"{LOAD} AND authority = ANY ($2)"

# Everything written about some referrals, oldest first.
READ_WORDS = """
SELECT text_id, referral_id, kind, received_at, sealed
  FROM words
 WHERE referral_id = ANY ($1) AND kind = ANY ($2)
 ORDER BY referral_id, received_at, text_id
"""

# Referrals received in a stretch of time, for the watchdog: nobody rates historic ones.
RECEIVED_BETWEEN = """
SELECT referral_id, authority, reference, received_at
  FROM referral
 WHERE received_at > $1 AND received_at <= $2
   AND document->>'historic' IS DISTINCT FROM 'true'
 ORDER BY received_at
"""


@dataclass(frozen=True, slots=True)
class Document:
    """The part of a case that is read and written whole."""

    pack_version: str
    source_agency: str
    stage: Stage
    rag: Rag | None
    decision_id: UUID | None
    decided_at: datetime | None
    outcomes: tuple[ChildDecision, ...]
    allocated_to: AssigneeKind | None
    withdrawal_requested_at: datetime | None
    clocks: tuple[PublicClock, ...]
    withdrawal_continued_at: datetime | None = None
    withdrawal_continued_because: ContinuedBecause | None = None
    assignee: str | None = None
    team: str | None = None
    matches: tuple[Match, ...] = ()
    incidents: tuple[Incident, ...] = ()
    historic: bool = False
    call: Call | None = None
    closed_at: datetime | None = None
    history: tuple[KnownElsewhere, ...] = ()


_DOCUMENT = TypeAdapter(Document)
_KEPT_WHOLE = tuple(field.name for field in fields(Document))


class IntakeStore:
    """Intake's state (a Store of the kernel), and what its pages read."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def load(self, connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Case]:
        return {row["referral_id"]: case_of(row) for row in await connection.fetch(LOAD, list(ids))}

    async def save(self, connection: Connection, changes: Sequence[Saved[Case]]) -> None:
        rows = [
            (
                case.referral_id,
                case.authority,
                case.reference,
                case.organisation_id,
                case.client_id,
                case.received_at,
                case.updated_at,
                case.version,
                case.your_reference,
                _DOCUMENT.dump_json(_document(case)).decode(),
            )
            for case in (change.state for change in changes)
        ]
        await connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))
        sent = [
            change.referral_id
            for change in changes
            if change.previous is None and change.state.was_draft
        ]
        if sent:
            await forget_drafts(connection, sent)
        files = [
            (change.referral_id, change.authority, file)
            for change in changes
            for file in change.state.files
        ]
        if files:
            await attachments.add(connection, self._vault, files)
        words = [(change.state, words) for change in changes for words in change.state.added]
        if words:
            await self._add_words(connection, words)
        corrected = [change.state for change in changes if change.state.corrected]
        if corrected:
            await correcting.forget(
                connection,
                [case.referral_id for case in corrected],
                [child for case in corrected for child in case.corrected],
            )
        keys = [
            (case.authority, key.kind, key.digest, case.referral_id, key.child_id,
             case.received_at, list(key.agrees), list(key.given), key.home)
            for case in (change.state for change in changes)
            for key in case.keys
        ]  # fmt: skip
        if keys:
            await connection.executemany(ADD_KEYS, keys)
        await people.ask_for_look_ups(
            connection,
            [
                (
                    change.referral_id,
                    change.authority,
                    change.state.received_at,
                    change.state.historic,
                )
                for change in changes
                if change.previous is None
            ],
        )
        await retention.ask(
            connection,
            [
                (change.referral_id, change.authority)
                for change in changes
                if may_move(change.previous, change.state)
            ],
        )
        await people.forget_matches(
            connection,
            [
                (change.referral_id, *gone)
                for change in changes
                if change.previous and change.state.matches != change.previous.matches
                for gone in {one.pair for one in change.previous.matches}
                - {one.pair for one in change.state.matches}
            ],
        )
        await people.note_matches(
            connection,
            [
                (change.authority, change.referral_id, match)
                for change in changes
                if change.state.matches != (change.previous.matches if change.previous else ())
                for match in change.state.matches
            ],
        )

    async def _add_words(
        self, connection: Connection, added: Sequence[tuple[Case, SealedLater]]
    ) -> None:
        keys = await self._vault.keys(
            connection, sorted({case.referral_id for case, _ in added}), create=True
        )
        rows = [
            (
                words.text_id,
                case.referral_id,
                case.authority,
                words.kind,
                words.received_at,
                keys[case.referral_id].seal(words.content, f"{words.text_id}/{words.kind}"),
            )
            for case, words in added
        ]
        await connection.execute(ADD_WORDS, *(list(column) for column in zip(*rows, strict=True)))

    async def find_links(
        self, connection: Connection, asked: Sequence[tuple[str, PersonKey]]
    ) -> dict[tuple[str, PersonKey], list[ExactLink]]:
        """Earlier referrals of the same children to the same authority: an identical number, and
        an agreeing name or birth date (practice rule 15)."""
        rows = await connection.fetch(
            FIND_KEYS,
            [authority for authority, _ in asked],
            [key.kind for _, key in asked],
            [key.digest for _, key in asked],
        )
        known: dict[tuple[str, str, bytes], list[asyncpg.Record]] = {}
        for row in rows:
            known.setdefault((row["authority"], row["kind"], row["digest"]), []).append(row)
        return {
            (authority, key): [
                ExactLink(
                    child_id=key.child_id,
                    earlier_referral_id=row["referral_id"],
                    earlier_child_id=row["child_id"],
                    key=key.kind,
                    earlier_received_at=row["received_at"],
                )
                for row in known.get((authority, key.kind, key.digest), ())
                if key.is_child(row["agrees"], row["given"], row["home"])
            ]
            for authority, key in asked
        }

    async def your_references_known(
        self, connection: Connection, asked: Sequence[tuple[UUID, bytes]]
    ) -> set[tuple[UUID, bytes]]:
        """Those of these (organisation, its own reference) that were used before."""
        rows = await connection.fetch(
            FIND_YOUR_REFERENCES, [one[0] for one in asked], [one[1] for one in asked]
        )
        return {(row["organisation_id"], row["your_reference"]) for row in rows}

    async def take_numbers(self, connection: Connection, authority: str, count: int) -> int:
        """Reserve `count` numbers for references; the first of them."""
        return int(await connection.fetchval(TAKE_NUMBERS, authority, count))

    async def read_for_staff(
        self, connection: Connection, referral_id: UUID, authorities: Sequence[str]
    ) -> Case | None:
        """A referral of one of these authorities."""
        row = await connection.fetchrow(READ_FOR_STAFF, [referral_id], list(authorities))
        return case_of(row) if row else None

    async def words(
        self,
        connection: Connection,
        referral_ids: Sequence[UUID],
        kinds: Sequence[str],
        *,
        by_hub: bool = True,
    ) -> list[dict[str, Any]]:
        """What was written about some referrals, opened; forms as they were corrected since, without
        `by_hub` as their referrers did. Erased words are left out."""
        asked = {*kinds, CORRECTION} if "form" in kinds else kinds
        rows = await connection.fetch(READ_WORDS, list(referral_ids), list(asked))
        keys = await self._vault.keys(
            connection, sorted({row["referral_id"] for row in rows}), create=False
        )
        words = [
            {
                "text_id": row["text_id"],
                "referral_id": row["referral_id"],
                "kind": row["kind"],
                "received_at": row["received_at"],
                "content": keys[row["referral_id"]].open(
                    row["sealed"], f"{row['text_id']}/{row['kind']}"
                ),
            }
            for row in rows
            if row["referral_id"] in keys
        ]
        return [one for one in as_corrected(words, by_hub=by_hub) if one["kind"] in kinds]

    async def received_between(
        self, connection: Connection, after: datetime, until: datetime
    ) -> list[Mapping[str, Any]]:
        """What was received after one time and up to another."""
        return [dict(row) for row in await connection.fetch(RECEIVED_BETWEEN, after, until)]


def _document(case: Case) -> Document:
    return Document(**{name: getattr(case, name) for name in _KEPT_WHOLE})


def case_of(row: asyncpg.Record) -> Case:
    """The case that a row of `CASES` holds."""
    document = _DOCUMENT.validate_json(row["document"])
    return Case(
        referral_id=row["referral_id"],
        authority=row["authority"],
        reference=row["reference"],
        organisation_id=row["organisation_id"],
        client_id=row["client_id"],
        received_at=row["received_at"],
        version=row["version"],
        updated_at=row["updated_at"],
        your_reference=row["your_reference"],
        **{name: getattr(document, name) for name in _KEPT_WHOLE},
    )
