"""Every query about what deciders saw."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from chassis.database import Connection
from services.triage.domain import Seen

# A decision of some authorities, with what lay before whoever made it.
READ = """
SELECT decision_id, referral_id, authority, kind, decided_at, staff_id, role, rag, suggested,
       previous, child_id, children, clauses, pack_version, lowered_code, without_agreement,
       to_countersign, seen::text AS seen
  FROM decision
 WHERE decision_id = $1 AND authority = ANY ($2)
"""

_SEEN = TypeAdapter(Seen)


async def read(
    connection: Connection, decision_id: UUID, authorities: Sequence[str]
) -> tuple[Mapping[str, Any], Seen | None] | None:
    """A decision, without its words, and what was seen; None where there is none such."""
    row = await connection.fetchrow(READ, decision_id, list(authorities))
    if row is None:
        return None
    record = dict(row)
    seen = record.pop("seen")
    return record, _SEEN.validate_json(seen) if seen else None
