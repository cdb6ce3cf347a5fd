"""Queries that make a corrected child be found as who it is."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Connection

# Forget the exact keys of children that were corrected.
FORGET_KEYS = "DELETE FROM person_key WHERE referral_id = ANY ($1) AND child_id = ANY ($2)"

# Forget children as they were looked up.
FORGET_PEOPLE = "DELETE FROM person WHERE referral_id = ANY ($1) AND person_id = ANY ($2)"

# Later referrals that keep a match with somebody of this one.
KEEPERS = """
SELECT DISTINCT referral_id FROM match
 WHERE other_referral_id = $1 AND other_person_id = $2 AND authority = $3
 ORDER BY referral_id
"""

# Have the people of referrals looked up again.
AGAIN = """
INSERT INTO to_look_up (referral_id, authority, received_at)
SELECT referral_id, authority, received_at FROM referral WHERE referral_id = ANY ($1)
    ON CONFLICT (referral_id) DO UPDATE SET indexed = false, tries = 0
"""


async def forget(
    connection: Connection, referrals: Sequence[UUID], children: Sequence[UUID]
) -> None:
    """Forget who these children were said to be, and have them looked up again."""
    await connection.execute(FORGET_KEYS, referrals, children)
    await connection.execute(FORGET_PEOPLE, referrals, children)
    await connection.execute(AGAIN, referrals)


async def keepers(
    connection: Connection, referral_id: UUID, person_id: UUID, authority: str
) -> list[UUID]:
    """Later referrals in whose cases matches with somebody are kept."""
    rows = await connection.fetch(KEEPERS, referral_id, person_id, authority)
    return [row["referral_id"] for row in rows]
