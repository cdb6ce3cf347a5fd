"""Every query about how soon referrers hear."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from services.notifications.measures.domain import Told

# What was told about the referrals of some authorities that were received in a period. What few
# may see is in no count.
TOLD = """
SELECT referral.authority, referral.document ->> 'source_agency' AS agency, referral.received_at,
       acknowledgement.sent_at AS acknowledged_at, decision.queued_at AS decided_at,
       decision.sent_at,
       coalesce(decision.state = 'sent' OR decision.told_at IS NOT NULL, false) AS arrived,
       look.first_at AS looked_at
  FROM referral
  LEFT JOIN look USING (referral_id)
  LEFT JOIN LATERAL (
       SELECT min(sent_at) AS sent_at
         FROM message
        WHERE message.referral_id = referral.referral_id AND audience = 'referrer'
          AND kind IN ('acknowledgement', 'decision')) AS acknowledgement ON true
  LEFT JOIN LATERAL (
       SELECT queued_at, sent_at, state, told_at
         FROM message
        WHERE message.referral_id = referral.referral_id AND kind = 'decision'
        ORDER BY queued_at
        LIMIT 1) AS decision ON true
 WHERE referral.authority = ANY ($1) AND referral.received_at >= $2 AND referral.received_at < $3
   AND NOT referral.erased AND NOT (referral.document ->> 'restricted')::boolean
"""

# Note that whoever referred has opened the page that says where it stands; the first time counts.
LOOKED = """
INSERT INTO look (referral_id, first_at)
SELECT referral_id, $2 FROM referral WHERE referral_id = $1 AND NOT erased
    ON CONFLICT (referral_id) DO NOTHING
"""


async def looked(connection: Connection, referral_id: UUID, now: datetime) -> None:
    """Write down that somebody looked. Nothing where the referral is not known here."""
    await connection.execute(LOOKED, referral_id, now)


async def told(
    connection: Connection, authorities: Sequence[str], start: datetime, end: datetime
) -> list[Told]:
    """What was told about the referrals of a period, `end` not included."""
    rows = await connection.fetch(TOLD, list(authorities), start, end)
    return [Told(**row) for row in rows]
