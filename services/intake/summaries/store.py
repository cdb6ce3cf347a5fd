"""Every query about organisations' summaries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection

# An authority's referrals that wait, or changed since a time, of organisations whose leads have an
# address; of all, or of one. What few may see, what was erased, and what an earlier system told of,
# is in none.
OPEN_OR_CHANGED = """
SELECT organisation_id, organisation.name, lead_email, referral_id, reference,
       document ->> 'stage' AS stage, document ->> 'source_agency' AS source_agency, received_at
  FROM referral JOIN organisation USING (organisation_id)
 WHERE lead_email IS NOT NULL AND authority = $1
   AND ($3::uuid IS NULL OR organisation_id = $3)
   AND (document ->> 'stage' = 'received' OR referral.updated_at >= $2)
   AND document ->> 'historic' IS DISTINCT FROM 'true'
   AND NOT EXISTS (SELECT FROM restriction WHERE restriction.referral_id = referral.referral_id)
   AND NOT EXISTS (SELECT FROM erasure WHERE erasure.referral_id = referral.referral_id)
 ORDER BY organisation_id, received_at, reference
"""


async def open_or_changed(
    connection: Connection, authority: str, since: datetime, organisation_id: UUID | None
) -> list[dict[str, Any]]:
    """A row for each referral, an organisation's together."""
    rows = await connection.fetch(OPEN_OR_CHANGED, authority, since, organisation_id)
    return [dict(row) for row in rows]
