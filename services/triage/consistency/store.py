"""Every query of the figures. What each counts stands in words in the domain's definitions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection

# The first decision of each referral in a time.
_FIRST = """
WITH first AS (
    SELECT DISTINCT ON (d.referral_id)
           d.referral_id, d.authority, d.decided_at, d.staff_id, d.rag, d.suggested, d.clauses,
           d.pack_version, d.children, r.document -> 'facts' AS facts
      FROM decision AS d
      JOIN referral AS r USING (referral_id)
     WHERE d.kind = 'decision' AND d.authority = ANY ($1)
       AND d.decided_at >= $2 AND d.decided_at < $3
     ORDER BY d.referral_id, d.number
)
"""

# Suggested against decided.
SUGGESTED = f"""
{_FIRST}
SELECT authority AS key, suggested, rag AS decided, count(*) AS decisions
  FROM first GROUP BY authority, suggested, rag ORDER BY authority, suggested, rag
"""

# By the agency that referred.
AGENCY = f"""
{_FIRST}
SELECT facts ->> 'source_agency' AS key, suggested, rag AS decided, count(*) AS decisions
  FROM first GROUP BY facts ->> 'source_agency', suggested, rag
"""

# By who decided.
PRACTITIONER = f"""
{_FIRST}
SELECT staff_id::text AS key, suggested, rag AS decided, count(*) AS decisions
  FROM first GROUP BY staff_id, suggested, rag
"""

# By each clause that a decision cites.
CLAUSE = f"""
{_FIRST}
SELECT clause AS key, suggested, rag AS decided, count(*) AS decisions
  FROM first, unnest(clauses) AS clause GROUP BY clause, suggested, rag
"""

# By the month of the decision, in England.
DRIFT = f"""
{_FIRST}
SELECT to_char(decided_at AT TIME ZONE 'Europe/London', 'YYYY-MM') AS key, suggested,
       rag AS decided, count(*) AS decisions
  FROM first GROUP BY to_char(decided_at AT TIME ZONE 'Europe/London', 'YYYY-MM'), suggested, rag
"""

# The referrer's level beside the clauses of the decision.
REFERRER = f"""
{_FIRST}
SELECT authority, pack_version, facts ->> 'referrer_level' AS referrer_level, clauses,
       count(*) AS decisions
  FROM first GROUP BY authority, pack_version, facts ->> 'referrer_level', clauses
"""

# What was decided for each child, and whether somebody disagreed about the referral.
CHILDREN = f"""
{_FIRST}
SELECT referral_id, child ->> 'child_id' AS child_id, child ->> 'rag' AS rag,
       child ->> 'outcome' AS outcome,
       (SELECT fact ->> 'age_band' FROM jsonb_array_elements(facts -> 'children') AS fact
         WHERE fact ->> 'child_id' = child ->> 'child_id') AS age_band,
       EXISTS (SELECT FROM disagreement AS d WHERE d.referral_id = first.referral_id) AS disputed
  FROM first, jsonb_array_elements(children) AS child
 WHERE referral_id > $4
 ORDER BY referral_id, child_id
 LIMIT $5
"""

# What was decided first in a quarter, to draw a sample from: few may read what is restricted.
DRAWABLE = f"""
{_FIRST}
SELECT referral_id, rag
  FROM first
 WHERE NOT EXISTS (SELECT FROM restriction AS kept WHERE kept.referral_id = first.referral_id)
 ORDER BY referral_id
"""

# Hold a quarter's sample until the transaction ends, drawn or not.
HOLD_QUARTER = (
    "SELECT pg_advisory_xact_lock(hashtextextended('audit_sample/' || $1 || '/' || $2, 0))"
)

# Whether a quarter's sample was drawn.
DRAWN = "SELECT EXISTS (SELECT FROM audit_sample WHERE authority = $1 AND quarter = $2)"

# Add to a quarter's sample.
ADD_SAMPLE = """
INSERT INTO audit_sample (sample_id, authority, quarter, referral_id, drawn_at, first_rag)
VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (authority, quarter, referral_id) DO NOTHING
"""

# The samples of some authorities in a quarter, and whether somebody decided or rated each before.
LIST_SAMPLE = """
SELECT sample_id, authority, quarter, referral_id, drawn_at, first_rag, second_rag, rated_by,
       rated_at,
       EXISTS (SELECT FROM decision AS d
                WHERE d.referral_id = audit_sample.referral_id AND d.staff_id = $3) AS decided_by
  FROM audit_sample
 WHERE authority = ANY ($1) AND quarter = $2
 ORDER BY authority, sample_id
"""

# One of a sample, held until the transaction ends.
LOCK_SAMPLE = """
SELECT sample_id, authority, quarter, referral_id, drawn_at, first_rag, second_rag, second_level,
       rated_by, rated_at
  FROM audit_sample
 WHERE sample_id = $1 AND authority = ANY ($2)
   FOR UPDATE
"""

# Keep a second rating.
RATE = """
UPDATE audit_sample
   SET second_rag = $2, rated_by = $3, rated_at = $4, second_level = $5
 WHERE sample_id = $1
"""

QUERIES: Mapping[str, str] = {
    "suggested": SUGGESTED,
    "agency": AGENCY,
    "practitioner": PRACTITIONER,
    "clause": CLAUSE,
    "drift": DRIFT,
}

Span = tuple[Sequence[str], datetime, datetime]
"""Authorities, and a time from a moment up to another, in UTC."""


async def compared(connection: Connection, measure: str, span: Span) -> list[Mapping[str, Any]]:
    """Decisions by the measure's key, suggested and decided colour."""
    return [dict(row) for row in await connection.fetch(QUERIES[measure], list(span[0]), *span[1:])]


async def by_referrer_level(connection: Connection, span: Span) -> list[Mapping[str, Any]]:
    """Decisions by the referrer's level and the clauses that were cited."""
    return [dict(row) for row in await connection.fetch(REFERRER, list(span[0]), *span[1:])]


async def children(
    connection: Connection, span: Span, after: UUID, limit: int
) -> list[Mapping[str, Any]]:
    """A page of decided children, in order of their referrals."""
    rows = await connection.fetch(CHILDREN, list(span[0]), *span[1:], after, limit)
    return [dict(row) for row in rows]


async def drawable(connection: Connection, span: Span) -> list[tuple[UUID, str]]:
    """The referrals that a sample can be drawn from, with the colour decided."""
    rows = await connection.fetch(DRAWABLE, list(span[0]), *span[1:])
    return [(row["referral_id"], row["rag"]) for row in rows]


async def hold_quarter(connection: Connection, authority: str, quarter: str) -> None:
    """Wait until nobody else draws this sample, and let nobody until the transaction ends."""
    await connection.execute(HOLD_QUARTER, authority, quarter)


async def is_drawn(connection: Connection, authority: str, quarter: str) -> bool:
    """Whether a quarter's sample was drawn."""
    return bool(await connection.fetchval(DRAWN, authority, quarter))


async def add_sample(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep what was drawn."""
    await connection.executemany(ADD_SAMPLE, rows)


async def sample(
    connection: Connection, authorities: Sequence[str], quarter: str, staff_id: UUID
) -> list[Mapping[str, Any]]:
    """A quarter's samples, as somebody of the staff has to do with them."""
    rows = await connection.fetch(LIST_SAMPLE, list(authorities), quarter, staff_id)
    return [dict(row) for row in rows]


async def locked(
    connection: Connection, sample_id: UUID, authorities: Sequence[str]
) -> Mapping[str, Any] | None:
    """One of a sample, held."""
    row = await connection.fetchrow(LOCK_SAMPLE, sample_id, list(authorities))
    return dict(row) if row else None


async def rate(
    connection: Connection,
    sample_id: UUID,
    given: tuple[str, int | None],
    staff_id: UUID,
    now: datetime,
) -> None:
    """Keep a second rating: its colour and level."""
    rag, level = given
    await connection.execute(RATE, sample_id, rag, staff_id, now, level)
