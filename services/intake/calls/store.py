"""Every query about searches before calls."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection

# Keep that a search was made.
ADD = """
INSERT INTO search (search_id, authority, staff_id, searched_at) VALUES ($1, $2, $3, $4)
"""

# Forget searches before a time.
FORGET = "DELETE FROM search WHERE searched_at < $1"

# Whether somebody made a search in an authority since a time.
MADE = """
SELECT EXISTS (SELECT FROM search
                WHERE search_id = $1 AND authority = $2 AND staff_id = $3 AND searched_at >= $4)
"""

# Which of some referrals are of these authorities.
FOUND = """
SELECT referral_id, reference FROM referral WHERE referral_id = ANY ($1) AND authority = ANY ($2)
"""

# The referral of a reference, in an authority.
BY_REFERENCE = "SELECT referral_id FROM referral WHERE reference = $1 AND authority = $2"


async def by_reference(connection: Connection, reference: str, authority: str) -> list[UUID]:
    """The referral of a reference, if there is one."""
    rows = await connection.fetch(BY_REFERENCE, reference, authority)
    return [row["referral_id"] for row in rows]


async def add(
    connection: Connection,
    search_id: UUID,
    authority: str,
    staff_id: UUID,
    now: datetime,
    forget: datetime,
) -> None:
    """Keep a search, and forget those before `forget`."""
    await connection.execute(FORGET, forget)
    await connection.execute(ADD, search_id, authority, staff_id, now)


async def made(
    connection: Connection, search_id: UUID, authority: str, staff_id: UUID, since: datetime
) -> bool:
    """Whether this person made the search, since a time."""
    return bool(await connection.fetchval(MADE, search_id, authority, staff_id, since))


async def references(
    connection: Connection, referral_ids: Sequence[UUID], authorities: Sequence[str]
) -> dict[UUID, str]:
    """The references of those of these referrals that are of these authorities."""
    rows = await connection.fetch(FOUND, list(referral_ids), list(authorities))
    return {row["referral_id"]: row["reference"] for row in rows}
