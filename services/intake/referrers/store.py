"""Every query about referrals for those who sent them, and about their accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection
from services.intake.domain import Case
from services.intake.store import CASES, LOAD, case_of

# One of an organisation's own referrals. A restricted one is for the client alone that sent it:
# others of the organisation may be whom it is about (practice rule 10). Of the organisation's people
# most see what they sent themselves (rule 14).
OWN = """
   AND (client_id = $3
        OR NOT {alone}
           AND NOT EXISTS (SELECT FROM restriction AS kept
                            WHERE kept.referral_id = referral.referral_id))
"""
READ_OWN = f"{LOAD} AND organisation_id = $2 {OWN.format(alone='$4')}"

# An organisation's own referrals in the order of change, after a place in it.
_OF_ONE = f"{CASES} WHERE organisation_id = $1 {OWN.format(alone='$6')}"
LIST_OWN = f"""
{_OF_ONE} AND (updated_at, referral_id) > ($2, $4)
 ORDER BY updated_at, referral_id LIMIT $5
"""

# The same, those that changed last first, before a place.
LIST_NEWEST = f"""
{_OF_ONE} AND (updated_at, referral_id) < ($2, $4)
 ORDER BY updated_at DESC, referral_id DESC LIMIT $5
"""


# Who of a client's organisation has, or had, an account.
PEOPLE = """
SELECT username, staff.roles, staff.created_at, staff.disabled_at
  FROM staff JOIN client USING (organisation_id)
 WHERE client_id = $1
 ORDER BY username
"""


async def read_own(
    connection: Connection,
    referral_id: UUID,
    organisation_id: UUID,
    client_id: str,
    *,
    alone: bool = False,
) -> Case | None:
    """A referral that this organisation made, as its client may see it; `alone`: that the
    client itself sent."""
    row = await connection.fetchrow(READ_OWN, [referral_id], organisation_id, client_id, alone)
    return case_of(row) if row else None


async def list_own(
    connection: Connection,
    organisation_id: UUID,
    client_id: str,
    after: tuple[datetime, UUID],
    limit: int,
    *,
    newest_first: bool = False,
    alone: bool = False,
) -> list[Case]:
    """An organisation's referrals, as its client may see them, in the order of change;
    `alone`: those that the client itself sent."""
    query = LIST_NEWEST if newest_first else LIST_OWN
    rows = await connection.fetch(
        query, organisation_id, after[0], client_id, after[1], limit, alone
    )
    return [case_of(row) for row in rows]


async def people_beside(connection: Connection, client_id: str) -> list[Mapping[str, Any]]:
    """The people of the organisation that has a client."""
    return [dict(row) for row in await connection.fetch(PEOPLE, client_id)]
