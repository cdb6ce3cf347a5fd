"""Every query of allocation but those about clocks, which are in clocks/store.py."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter
from pydantic_core import to_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from chassis.stream.kernel import Saved
from chassis.vault import Vault
from contracts.events import AgeBand, AgreementStatus, AssigneeKind, Outcome, Rag
from services.allocation.actions import store as actions
from services.allocation.case_system import store as case_system
from services.allocation.clocks import store as clock_store
from services.allocation.clocks.domain import Clock
from services.allocation.domain import Allocation, AllocationState, Case
from services.allocation.domain.case import Barred, Note
from services.allocation.domain.helping import Ended, Milestone, Paper, Step
from services.allocation.domain.tabling import Action, Item
from services.allocation.leading import store as leading
from services.allocation.panels import store as panels
from services.allocation.stepping import store as stepping

# The cases of some referrals.
LOAD = """
SELECT referral_id, authority, document::text AS document
  FROM referral WHERE referral_id = ANY ($1)
"""

# Write cases as they are now.
SAVE = """
INSERT INTO referral (referral_id, authority, document, received_at)
SELECT referral_id, authority, document::jsonb, received_at
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])
       AS new (referral_id, authority, document, received_at)
    ON CONFLICT (referral_id) DO UPDATE SET document = excluded.document
"""

# The allocations of some referrals, in the order in which they were made.
LOAD_ALLOCATIONS = """
SELECT allocation_id, referral_id, kind, assignee, rule, reason, rag, urgent, children, state,
       assigned_at, accepted_at, accepted_by, ended_at, version, worker_id, offered_of, joint,
       points, needs, answer, waiting, look_at, locality
  FROM allocation
 WHERE referral_id = ANY ($1)
 ORDER BY referral_id, allocation_id
"""

# Write allocations as they are now. They travel as one JSON text, because a list of lists of
# children is no array.
SAVE_ALLOCATIONS = """
INSERT INTO allocation (allocation_id, referral_id, authority, kind, assignee, rule, reason, rag,
                        urgent, children, state, assigned_at, accepted_at, accepted_by, ended_at,
                        version, worker_id, offered_of, joint, points, needs, answer, waiting,
                        look_at, locality)
SELECT allocation_id, referral_id, authority, kind, assignee, rule, reason, rag, urgent, children,
       state, assigned_at, accepted_at, accepted_by, ended_at, version, worker_id, offered_of,
       joint, points, needs, answer, waiting, look_at, locality
  FROM json_populate_recordset(NULL::allocation, $1::json)
 ORDER BY allocation_id
    ON CONFLICT (allocation_id) DO UPDATE
   SET state = excluded.state, accepted_at = excluded.accepted_at,
       accepted_by = excluded.accepted_by, ended_at = excluded.ended_at,
       version = excluded.version, answer = excluded.answer, waiting = excluded.waiting,
       look_at = excluded.look_at
"""

# Which referral an allocation is of, and whose worker has it.
FIND_ALLOCATION = """
SELECT referral_id, allocation.authority, allocation.worker_id, staff_id, organisation_id
  FROM allocation LEFT JOIN worker USING (worker_id)
 WHERE allocation_id = $1
"""

# A page of allocations for somebody of these authorities.
LIST = f"""
SELECT allocation_id, referral_id, allocation.authority, kind, assignee, rule, reason, rag, urgent,
       children, state, assigned_at, accepted_at, accepted_by, ended_at, version, worker_id,
       offered_of, joint, answer, waiting, locality, referral.document ->> 'agreement' AS agreement,
       (referral.document ->> 'agreement_withdrawn_at')::timestamptz AS agreement_withdrawn_at
  FROM allocation JOIN referral USING (referral_id)
 WHERE allocation.authority = ANY ($1) AND ($2::uuid IS NULL OR referral_id = $2) AND allocation_id > $3
   AND NOT {hidden("allocation.referral_id", 5)}
 ORDER BY allocation_id
 LIMIT $4
"""

# Which of these referrals have a case here with a clock.
KNOWN = """
SELECT DISTINCT referral_id FROM clock WHERE referral_id = ANY ($1)
"""


# Keep what was written, sealed.
ADD_NOTES = """
INSERT INTO note (note_id, referral_id, authority, about, kind, written_at, written_by, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

# What was written about some cases, of all kinds or of some, in order.
READ_NOTES = """
SELECT note_id, referral_id, about, kind, written_at, written_by, sealed FROM note
 WHERE referral_id = ANY ($1) AND ($2::text[] IS NULL OR kind = ANY ($2))
 ORDER BY note_id
 LIMIT 2000
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Where an allocation is, and who answers for the worker who has it."""

    referral_id: UUID
    authority: str
    worker_id: UUID | None
    staff_id: UUID | None
    organisation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Document:
    """The part of a case that is read and written whole."""

    reference: str
    received_at: datetime
    pack_version: str
    source_agency: str
    locality: str | None
    school_cluster: str | None
    agreement: AgreementStatus
    age_bands: tuple[AgeBand, ...]
    children: tuple[UUID, ...]
    rag: Rag | None
    level: int | None
    decided: bool
    outcomes: tuple[Outcome, ...]
    restricted: bool = False
    earlier: tuple[UUID, ...] = ()
    barred: tuple[Barred, ...] = ()
    preferred: UUID | None = None
    milestones: tuple[Milestone, ...] = ()
    papers: tuple[Paper, ...] = ()
    items: tuple[Item, ...] = ()
    actions: tuple[Action, ...] = ()
    steps: tuple[Step, ...] = ()
    ended: Ended | None = None
    news_at: datetime | None = None
    agreement_withdrawn_at: datetime | None = None
    domestic_abuse: bool = False
    school_to_tell: bool = False
    concerns: tuple[str, ...] = ()


_DOCUMENT = TypeAdapter(Document)
_PARTS = tuple(part.name for part in fields(Document))
_OF_ALLOCATION = tuple(part.name for part in fields(Allocation))


class AllocationStore:
    """Allocation's state (a Store of the kernel), and what its lists read."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def load(self, connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Case]:
        rows = await connection.fetch(LOAD, list(ids))
        if not rows:
            return {}
        known = [row["referral_id"] for row in rows]
        clocks = await clock_store.load(connection, known)
        allocations: dict[UUID, list[Allocation]] = {}
        for row in await connection.fetch(LOAD_ALLOCATIONS, known):
            allocations.setdefault(row["referral_id"], []).append(_allocation(row))
        return {
            row["referral_id"]: _case(
                row, allocations.get(row["referral_id"], []), clocks.get(row["referral_id"], [])
            )
            for row in rows
        }

    async def save(self, connection: Connection, changes: Sequence[Saved[Case]]) -> None:
        documents = [
            (
                change.referral_id,
                change.authority,
                _document(change.state),
                change.state.received_at,
            )
            for change in changes
            if change.previous is None or _differs(change.previous, change.state)
        ]
        if documents:
            await connection.execute(
                SAVE, *(list(column) for column in zip(*documents, strict=True))
            )
        allocations = [
            {
                "referral_id": change.referral_id,
                "authority": change.authority,
                **{name: getattr(one, name) for name in _OF_ALLOCATION},
            }
            for change in changes
            for one in change.state.allocations
            if change.previous is None or one not in change.previous.allocations
        ]
        if allocations:
            await connection.execute(SAVE_ALLOCATIONS, to_json(allocations).decode())
        clocks = [
            (change.referral_id, change.authority, clock)
            for change in changes
            for clock in _changed(change)
        ]
        if clocks:
            await _save_clocks(connection, changes, clocks)
        await leading.save(connection, changes)
        await panels.save(connection, changes)
        await actions.save(connection, changes)
        await stepping.save(connection, changes)
        await case_system.save(connection, changes)
        await self._save_notes(connection, [one for one in changes if one.state.notes])

    async def _save_notes(self, connection: Connection, changes: Sequence[Saved[Case]]) -> None:
        keys = await self._vault.keys(
            connection, [change.referral_id for change in changes], create=True
        )
        rows = [
            (
                note.note_id,
                change.referral_id,
                change.authority,
                note.about,
                note.kind,
                note.written_at,
                note.written_by,
                keys[change.referral_id].seal(note.text, f"note/{note.kind}"),
            )
            for change in changes
            for note in change.state.notes
        ]
        if rows:
            await connection.executemany(ADD_NOTES, rows)

    async def notes(self, connection: Connection, referral_id: UUID) -> list[Note]:
        """What was written about a case; nothing where its key was destroyed."""
        return await self.written(connection, [referral_id])

    async def written(
        self,
        connection: Connection,
        referral_ids: Sequence[UUID],
        kinds: Sequence[str] | None = None,
    ) -> list[Note]:
        """What was written about some cases, of all kinds or of some."""
        keys = await self._vault.keys(connection, referral_ids, create=False)
        rows = await connection.fetch(READ_NOTES, list(keys), kinds) if keys else []
        return [
            Note(
                row["note_id"],
                row["about"],
                row["kind"],
                keys[row["referral_id"]].open(row["sealed"], f"note/{row['kind']}"),
                row["written_by"],
                row["written_at"],
            )
            for row in rows
        ]

    async def find(self, connection: Connection, allocation_id: UUID) -> Found | None:
        """Where an allocation is."""
        row = await connection.fetchrow(FIND_ALLOCATION, allocation_id)
        return Found(*row) if row else None

    async def page(
        self,
        connection: Connection,
        authorities: Sequence[str],
        seer: Seer,
        *,
        referral_id: UUID | None,
        after: UUID,
        limit: int,
    ) -> list[Mapping[str, Any]]:
        """Allocations for somebody of these authorities, in order of id."""
        rows = await connection.fetch(
            LIST, list(authorities), referral_id, after, limit, *parameters(seer)
        )
        return [dict(row) for row in rows]

    async def known(self, connection: Connection, referral_ids: Sequence[UUID]) -> set[UUID]:
        """Those of `referral_ids` that have a clock."""
        rows = await connection.fetch(KNOWN, list(referral_ids))
        return {row["referral_id"] for row in rows}


async def _save_clocks(
    connection: Connection,
    changes: Sequence[Saved[Case]],
    clocks: Sequence[tuple[UUID, str, Clock]],
) -> None:
    """Write clocks that changed. Whatever moved a due time, it never moves unseen: an audit entry
    says so."""
    counted = {
        id(clock.times)
        for change in changes
        if change.previous is not None
        for clock in change.previous.clocks
    }
    # Most changes leave the times alone: a clock fires, or is stopped.
    moved_on = [one for one in clocks if id(one[2].times) in counted]
    if moved_on:
        await clock_store.save_states(connection, [clock for _, _, clock in moved_on])
    if len(moved_on) < len(clocks):
        others = [one for one in clocks if id(one[2].times) not in counted]
        await clock_store.save(connection, others)
    moved = [entry for change in changes for entry in _moves(change)]
    if moved:
        await append_audit(connection, moved, changes[0].now)


def _differs(before: Case, after: Case) -> bool:
    """Whether the document has to be written. Looks first whether anything was replaced at all:
    where only clocks moved, nothing was."""
    if all(getattr(before, name) is getattr(after, name) for name in _PARTS):
        return False
    return _document(before) != _document(after)


def _changed(change: Saved[Case]) -> list[Clock]:
    before = set(map(id, change.previous.clocks)) if change.previous else set()
    return [clock for clock in change.state.clocks if id(clock) not in before]


def _moves(change: Saved[Case]) -> Iterator[AuditEntry]:
    if change.previous is None:
        return
    before = {clock.clock_id: clock.times.due_at for clock in change.previous.clocks}
    for clock in _changed(change):
        due_at = before.get(clock.clock_id, clock.times.due_at)
        if due_at != clock.times.due_at:
            details = {
                "clock_id": str(clock.clock_id),
                "clock": clock.name,
                "because": clock.moved_because,
                "previous_due_at": due_at.isoformat(),
                "due_at": clock.times.due_at.isoformat(),
                "pack_version": clock.pack_version,
                "calendar_version": clock.times.calendar_version,
            }
            yield AuditEntry(
                "clock_recalculated", None, change.authority, change.referral_id, details
            )


def _document(case: Case) -> str:
    return _DOCUMENT.dump_json(Document(**{name: getattr(case, name) for name in _PARTS})).decode()


def _case(row: asyncpg.Record, allocations: Sequence[Allocation], clocks: Sequence[Clock]) -> Case:
    document = _DOCUMENT.validate_json(row["document"])
    return Case(
        referral_id=row["referral_id"],
        authority=row["authority"],
        allocations=tuple(allocations),
        clocks=tuple(clocks),
        **{name: getattr(document, name) for name in _PARTS},
    )


def _allocation(row: asyncpg.Record) -> Allocation:
    found = {name: row[name] for name in _OF_ALLOCATION}
    return Allocation(
        **{
            **found,
            "kind": AssigneeKind(row["kind"]),
            "rag": Rag(row["rag"]),
            "state": AllocationState(row["state"]),
            "children": tuple(row["children"]),
            "needs": tuple(row["needs"]),
        }
    )
