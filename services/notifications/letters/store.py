"""Every query about letters."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Connection
from chassis.restriction import Seer, hidden, parameters

# Whether somebody of these authorities may see a referral that there are words about.
SEEN = f"""
SELECT FROM referral
 WHERE referral_id = $1 AND authority = ANY ($2) AND NOT erased
   AND NOT {hidden("referral.referral_id", 3)}
"""


async def seen(
    connection: Connection, referral_id: UUID, authorities: Sequence[str], seer: Seer
) -> bool:
    """Whether there is such a referral for whoever looks."""
    asked = (referral_id, list(authorities), *parameters(seer))
    return await connection.fetchrow(SEEN, *asked) is not None
