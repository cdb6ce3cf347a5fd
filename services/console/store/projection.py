"""Load and save rows for the kernel, many at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from chassis.database import Connection
from chassis.restriction import Seer, visible
from chassis.stream.kernel import Saved
from contracts.events import Rag, Urgency
from services.console.domain import Assignment, ClockState, Entry, OpenClock, Row, Stage

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands in `due_at` for a referral with no clock that counts, so that it sorts last."""

COLUMNS = """
    referral_id, authority, received_at, claim_lapses_at, claimed_by, number, immediate_danger,
    restricted, withdrawal_asked, raised, reference, stage, rag, suggested, urgency,
    source_agency, locality, claimed_role, age_bands, concerns, outcomes, clocks, assignments,
    out_of_hours, asked, agreement, incidents
"""

# The rows of some referrals, as the fold needs them.
LOAD = f"SELECT {COLUMNS} FROM queue_row WHERE referral_id = ANY ($1)"

# Write rows as they are now. As one JSON text they cost half of what an array for each column does.
SAVE = f"""
INSERT INTO queue_row ({COLUMNS}, due_at, place, severity, to_allocate, waiting, to_countersign,
                       to_agree, offered, holders)
SELECT {COLUMNS}, due_at, place, severity, to_allocate, waiting,
       to_countersign, to_agree, offered, holders
  FROM json_to_recordset($1::json)
       AS new (referral_id uuid, authority text, received_at timestamptz,
               claim_lapses_at timestamptz, claimed_by uuid, number integer,
               immediate_danger boolean, restricted boolean, withdrawal_asked boolean,
               raised boolean, reference text, stage text, rag text, suggested text, urgency text,
               source_agency text, locality text, claimed_role text, age_bands jsonb,
               concerns jsonb, outcomes jsonb, clocks jsonb, assignments jsonb,
               out_of_hours boolean, asked jsonb, agreement text, incidents jsonb, due_at timestamptz,
               place smallint, severity smallint, to_allocate boolean, waiting boolean,
               to_countersign boolean, to_agree boolean, offered boolean, holders text[])
    ON CONFLICT (referral_id) DO UPDATE
   SET claim_lapses_at = excluded.claim_lapses_at, claimed_by = excluded.claimed_by,
       number = excluded.number, immediate_danger = excluded.immediate_danger,
       restricted = excluded.restricted,
       withdrawal_asked = excluded.withdrawal_asked, raised = excluded.raised,
       stage = excluded.stage, rag = excluded.rag, suggested = excluded.suggested,
       urgency = excluded.urgency, locality = excluded.locality,
       claimed_role = excluded.claimed_role, concerns = excluded.concerns,
       outcomes = excluded.outcomes, clocks = excluded.clocks,
       assignments = excluded.assignments, due_at = excluded.due_at, place = excluded.place,
       severity = excluded.severity, asked = excluded.asked,
       to_allocate = excluded.to_allocate, waiting = excluded.waiting,
       to_countersign = excluded.to_countersign, agreement = excluded.agreement,
       incidents = excluded.incidents, to_agree = excluded.to_agree, offered = excluded.offered, holders = excluded.holders
"""

# Add lines to timelines.
ADD_ENTRIES = """
INSERT INTO timeline (referral_id, number, at, event_id, authority, kind, codes)
SELECT referral_id, number, at, event_id, authority, kind, codes
  FROM json_to_recordset($1::json)
       AS new (referral_id uuid, number integer, at timestamptz, event_id uuid, authority text,
               kind text, codes jsonb)
"""

# Tell open queues of these authorities that something changed.
RING = """
INSERT INTO revision (authority, number)
SELECT authority, 1 FROM unnest($1::text[]) AS rung (authority) ORDER BY authority
    ON CONFLICT (authority) DO UPDATE SET number = revision.number + 1
"""


class ConsoleStore:
    """The console's state (a Store of the kernel)."""

    async def load(self, connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Row]:
        return {row["referral_id"]: read(row) for row in await connection.fetch(LOAD, list(ids))}

    async def save(self, connection: Connection, changes: Sequence[Saved[Row]]) -> None:
        rows = [change.state for change in changes]
        await connection.execute(SAVE, _json([_written(row) for row in rows]))
        lines = [_line(row, entry) for row in rows for entry in row.added]
        if lines:
            await connection.execute(ADD_ENTRIES, _json(lines))
        await ring(connection, {row.authority for row in rows})


async def ring(connection: Connection, authorities: set[str]) -> None:
    """Count one more change for each of `authorities`."""
    await connection.execute(RING, sorted(authorities))


def read(row: asyncpg.Record) -> Row:
    """A row of the table as the fold knows it."""
    return Row(
        referral_id=row["referral_id"],
        authority=row["authority"],
        reference=row["reference"],
        received_at=row["received_at"],
        stage=Stage(row["stage"]),
        rag=Rag(row["rag"]) if row["rag"] else None,
        suggested=Rag(row["suggested"]) if row["suggested"] else None,
        urgency=Urgency(row["urgency"]) if row["urgency"] else None,
        age_bands=tuple(row["age_bands"]),
        concerns=tuple(row["concerns"]),
        source_agency=row["source_agency"],
        locality=row["locality"],
        immediate_danger=row["immediate_danger"],
        restricted=row["restricted"],
        withdrawal_asked=row["withdrawal_asked"],
        raised=row["raised"],
        claimed_by=row["claimed_by"],
        claimed_role=row["claimed_role"],
        claim_lapses_at=row["claim_lapses_at"],
        outcomes=tuple(row["outcomes"]),
        clocks=tuple(_clock(clock) for clock in row["clocks"]),
        assignments=tuple(_assignment(held) for held in row["assignments"]),
        out_of_hours=row["out_of_hours"],
        asked=tuple(UUID(one) for one in row["asked"]),
        agreement=row["agreement"],
        incidents=tuple(UUID(one) for one in row["incidents"]),
        number=row["number"],
    )


async def read_for(connection: Connection, rows: Sequence[asyncpg.Record], seer: Seer) -> list[Row]:
    """Rows of the table. That another referral tells of the same incident is not said to whom that
    one is hidden from."""
    found = [read(row) for row in rows]
    others = sorted({other for row in found for other in row.incidents})
    if not others:
        return found
    seen = await visible(connection, others, seer)
    return [
        row.changed(incidents=tuple(other for other in row.incidents if other in seen))
        for row in found
    ]


def _written(row: Row) -> dict[str, Any]:
    following = row.next_clock
    return {
        **vars(row),
        "clocks": [[clock.clock_id, clock.name, clock.due_at, clock.state] for clock in row.clocks],
        "assignments": [
            [held.allocation_id, held.kind, held.assignee, held.accepted]
            for held in row.assignments
        ],
        "added": None,
        "due_at": following.due_at if following else NEVER,
        "place": row.place,
        "severity": row.severity,
        "to_allocate": row.to_allocate,
        "waiting": bool(row.asked),
        "to_countersign": row.to_countersign,
        "to_agree": row.to_agree,
        "offered": row.offered,
        "holders": row.holders,
    }


def _line(row: Row, entry: Entry) -> dict[str, Any]:
    return {
        "referral_id": row.referral_id,
        "number": entry.number,
        "at": entry.at,
        "event_id": entry.event_id,
        "authority": row.authority,
        "kind": entry.kind,
        "codes": {name: code for name, code in entry.codes.items() if code is not None},
    }


def _json(value: Any) -> str:
    return to_json(value).decode()


def _clock(stored: list[str]) -> OpenClock:
    clock_id, name, due_at, state = stored
    return OpenClock(UUID(clock_id), name, datetime.fromisoformat(due_at), ClockState(state))


def _assignment(stored: list[Any]) -> Assignment:
    allocation_id, kind, assignee, accepted = stored
    return Assignment(UUID(allocation_id), kind, assignee, accepted)
