"""Every query about disagreements."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters
from services.triage.domain.case import Case

# Note where disagreements are found, and how they stand.
SAVE = """
INSERT INTO disagreement (disagreement_id, referral_id, authority, organisation_id, agency, stage,
                          state, outcome, theme, immediate_risk, raised_at, due_at, resolved_at)
SELECT disagreement_id, referral_id, authority, organisation_id, agency, stage, state, outcome,
       theme, immediate_risk, raised_at, due_at, resolved_at
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::smallint[],
              $7::text[], $8::text[], $9::text[], $10::boolean[], $11::timestamptz[],
              $12::timestamptz[], $13::timestamptz[])
       AS new (disagreement_id, referral_id, authority, organisation_id, agency, stage, state,
               outcome, theme, immediate_risk, raised_at, due_at, resolved_at)
    ON CONFLICT (disagreement_id) DO UPDATE
   SET stage = excluded.stage, state = excluded.state, outcome = excluded.outcome,
       theme = excluded.theme, due_at = excluded.due_at, resolved_at = excluded.resolved_at
"""

# Disagreements of some authorities in one state, what is due first.
LIST = f"""
SELECT disagreement_id, referral_id, authority, agency, stage, state, outcome, theme,
       immediate_risk, raised_at, due_at, resolved_at
  FROM disagreement
 WHERE authority = ANY ($1) AND state = $2
   AND (coalesce(due_at, resolved_at, raised_at), disagreement_id) > ($3, $4)
   AND NOT {hidden("disagreement.referral_id", 6)}
 ORDER BY coalesce(due_at, resolved_at, raised_at), disagreement_id
 LIMIT $5
"""

# How many disagreements of some authorities were raised in a time, by what they were and how they ended.
COUNT = """
SELECT agency, stage, state, outcome, theme, count(*) AS disagreements
  FROM disagreement
 WHERE authority = ANY ($1) AND raised_at >= $2 AND raised_at < $3
 GROUP BY agency, stage, state, outcome, theme
 ORDER BY agency, stage, state, outcome, theme
"""

# What an organisation disagrees with, the newest first.
LIST_OWN = """
SELECT disagreement_id, referral_id, stage, state, outcome, immediate_risk, raised_at, due_at,
       resolved_at
  FROM disagreement
 WHERE organisation_id = $1 AND (raised_at, disagreement_id) < ($2, $3)
 ORDER BY raised_at DESC, disagreement_id DESC
 LIMIT $4
"""


async def save(connection: Connection, changed: Sequence[tuple[Case | None, Case]]) -> None:
    """Note the disagreements of cases that are new or stand otherwise than before."""
    rows = [
        (
            one.disagreement_id,
            case.referral_id,
            case.authority,
            one.organisation_id,
            case.facts.source_agency,
            one.stage,
            one.state,
            one.outcome,
            one.theme,
            one.immediate_risk,
            one.raised_at,
            one.due_at,
            one.resolved_at,
        )
        for before, case in changed
        for one in case.disagreements
        if before is None or one not in before.disagreements
    ]
    if rows:
        rows.sort(key=lambda row: row[0])
        await connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))


async def page(
    connection: Connection,
    authorities: Sequence[str],
    state: str,
    after: tuple[datetime, UUID],
    limit: int,
    seer: Seer,
) -> list[Mapping[str, Any]]:
    """A page of disagreements that `seer` may know of, what is due first."""
    rows = await connection.fetch(LIST, list(authorities), state, *after, limit, *parameters(seer))
    return [dict(row) for row in rows]


async def counts(
    connection: Connection, authorities: Sequence[str], since: datetime, until: datetime
) -> list[Mapping[str, Any]]:
    """What these authorities' disagreements were, and how they ended."""
    return [dict(row) for row in await connection.fetch(COUNT, list(authorities), since, until)]


async def list_own(
    connection: Connection, organisation_id: UUID, before: tuple[datetime, UUID], limit: int
) -> list[Mapping[str, Any]]:
    """A page of what an organisation disagrees with, the newest first."""
    rows = await connection.fetch(LIST_OWN, organisation_id, *before, limit)
    return [dict(row) for row in rows]
