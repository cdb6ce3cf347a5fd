"""Every query of allocation but those about clocks, which are in clocks/store.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter
from pydantic_core import to_json

from chassis.database import Connection
from chassis.stream.kernel import Saved
from contracts.events import AgeBand, AgreementStatus, AssigneeKind, Outcome, Rag
from services.allocation.clocks import store as clock_store
from services.allocation.clocks.domain import Clock
from services.allocation.domain import Allocation, AllocationState, Case

# The cases of some referrals.
LOAD = """
SELECT referral_id, authority, document::text AS document
  FROM referral WHERE referral_id = ANY ($1)
"""

# Write cases as they are now.
SAVE = """
INSERT INTO referral (referral_id, authority, document)
SELECT referral_id, authority, document::jsonb
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new (referral_id, authority, document)
    ON CONFLICT (referral_id) DO UPDATE SET document = excluded.document
"""

# The allocations of some referrals, in the order in which they were made.
LOAD_ALLOCATIONS = """
SELECT allocation_id, referral_id, kind, assignee, rule, reason, rag, urgent, children, state,
       assigned_at, accepted_at, accepted_by, ended_at
  FROM allocation
 WHERE referral_id = ANY ($1)
 ORDER BY referral_id, allocation_id
"""

# Write allocations as they are now. They travel as one JSON text, because a list of lists of
# children is no array.
SAVE_ALLOCATIONS = """
INSERT INTO allocation (allocation_id, referral_id, authority, kind, assignee, rule, reason, rag,
                        urgent, children, state, assigned_at, accepted_at, accepted_by, ended_at)
SELECT allocation_id, referral_id, authority, kind, assignee, rule, reason, rag, urgent, children,
       state, assigned_at, accepted_at, accepted_by, ended_at
  FROM json_populate_recordset(NULL::allocation, $1::json)
 ORDER BY allocation_id
    ON CONFLICT (allocation_id) DO UPDATE
   SET state = excluded.state, accepted_at = excluded.accepted_at,
       accepted_by = excluded.accepted_by, ended_at = excluded.ended_at
"""

# Which referral an allocation is of, for people of these authorities.
FIND_ALLOCATION = """
SELECT referral_id, authority FROM allocation
 WHERE allocation_id = $1 AND authority = ANY ($2)
"""

# A page of allocations for people of these authorities.
LIST = """
SELECT allocation_id, referral_id, authority, kind, assignee, rule, reason, rag, urgent, children,
       state, assigned_at, accepted_at, accepted_by, ended_at
  FROM allocation
 WHERE authority = ANY ($1) AND ($2::uuid IS NULL OR referral_id = $2) AND allocation_id > $3
 ORDER BY allocation_id
 LIMIT $4
"""

# Which of these referrals have a case here with a clock.
KNOWN = """
SELECT DISTINCT referral_id FROM clock WHERE referral_id = ANY ($1)
"""


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


_DOCUMENT = TypeAdapter(Document)
_PARTS = tuple(part.name for part in fields(Document))
_OF_ALLOCATION = tuple(part.name for part in fields(Allocation))


class AllocationStore:
    """Allocation's state (a Store of the kernel), and what its lists read."""

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
            (change.referral_id, change.authority, _document(change.state))
            for change in changes
            if change.previous is None or _document(change.previous) != _document(change.state)
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
            await clock_store.save(connection, clocks)

    async def find(
        self, connection: Connection, allocation_id: UUID, authorities: Sequence[str]
    ) -> tuple[UUID, str] | None:
        """The (referral, authority) of an allocation."""
        row = await connection.fetchrow(FIND_ALLOCATION, allocation_id, list(authorities))
        return (row["referral_id"], row["authority"]) if row else None

    async def page(
        self,
        connection: Connection,
        authorities: Sequence[str],
        *,
        referral_id: UUID | None,
        after: UUID,
        limit: int,
    ) -> list[Mapping[str, Any]]:
        """Allocations for people of these authorities, in order of id."""
        rows = await connection.fetch(LIST, list(authorities), referral_id, after, limit)
        return [dict(row) for row in rows]

    async def known(self, connection: Connection, referral_ids: Sequence[UUID]) -> set[UUID]:
        """Those of `referral_ids` that have a clock."""
        rows = await connection.fetch(KNOWN, list(referral_ids))
        return {row["referral_id"] for row in rows}


def _changed(change: Saved[Case]) -> list[Clock]:
    before = set(map(id, change.previous.clocks)) if change.previous else set()
    return [clock for clock in change.state.clocks if id(clock) not in before]


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
    return Allocation(
        allocation_id=row["allocation_id"],
        kind=AssigneeKind(row["kind"]),
        assignee=row["assignee"],
        rule=row["rule"],
        reason=row["reason"],
        rag=Rag(row["rag"]),
        urgent=row["urgent"],
        children=tuple(row["children"]),
        state=AllocationState(row["state"]),
        assigned_at=row["assigned_at"],
        accepted_at=row["accepted_at"],
        accepted_by=row["accepted_by"],
        ended_at=row["ended_at"],
    )
