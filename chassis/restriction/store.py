"""Every query about who may see a referral."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.restriction.seeing import Restriction, Seer

# Restrict a referral, whatever held before.
RESTRICT = """
INSERT INTO restriction (referral_id, authority, roles, allowed, denied)
VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (referral_id) DO UPDATE
   SET roles = excluded.roles, allowed = excluded.allowed, denied = excluded.denied
"""

# Take restrictions back.
UNRESTRICT = "DELETE FROM restriction WHERE referral_id = ANY ($1)"

# Whoever opened these has no further use of it.
FORGET_OPENED = "DELETE FROM restriction_opened WHERE referral_id = ANY ($1)"

# Let somebody see a restricted referral for a time.
OPEN = """
INSERT INTO restriction_opened (referral_id, staff_id, until)
VALUES ($1, $2, $3)
    ON CONFLICT (referral_id, staff_id) DO UPDATE SET until = excluded.until
"""

# The restrictions of some referrals, each with whoever opened it.
READ = """
SELECT referral_id, authority, roles, allowed, denied,
       array(SELECT staff_id FROM restriction_opened AS opened
              WHERE opened.referral_id = kept.referral_id ORDER BY staff_id) AS openers,
       array(SELECT until FROM restriction_opened AS opened
              WHERE opened.referral_id = kept.referral_id ORDER BY staff_id) AS untils
  FROM restriction AS kept
 WHERE referral_id = ANY ($1)
"""


def hidden(referral: str, first: int) -> str:
    """SQL that holds where the referral in the column `referral` is hidden from somebody, who
    comes in three parameters from number `first` on: see `parameters`."""
    staff, roles, at = (f"${first + place}" for place in range(3))
    return f"""EXISTS (
       SELECT FROM restriction AS kept
        WHERE kept.referral_id = {referral}
          AND ({staff}::uuid = ANY (kept.denied)
               OR NOT (kept.roles && {roles}::text[]
                       OR {staff}::uuid = ANY (kept.allowed)
                       OR EXISTS (SELECT FROM restriction_opened AS opened
                                   WHERE opened.referral_id = kept.referral_id
                                     AND opened.staff_id = {staff}::uuid
                                     AND opened.until > {at}::timestamptz))))"""


def parameters(seer: Seer) -> tuple[UUID, list[str], datetime]:
    """Who looks, for `hidden`."""
    return seer.staff_id, list(seer.roles), seer.at


# Those of some referrals that are not hidden from somebody.
VISIBLE = f"""
SELECT asked.referral_id
  FROM unnest($1::uuid[]) AS asked (referral_id)
 WHERE NOT {hidden("asked.referral_id", 2)}
"""


async def visible(connection: Connection, referral_ids: Sequence[UUID], seer: Seer) -> set[UUID]:
    """Those of some referrals that somebody may see."""
    rows = await connection.fetch(VISIBLE, list(referral_ids), *parameters(seer))
    return {row["referral_id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Kept:
    """A restriction and whose referral it is of."""

    authority: str
    restriction: Restriction


async def read(connection: Connection, referral_ids: Sequence[UUID]) -> dict[UUID, Kept]:
    """The restrictions of those of some referrals that have one."""
    return {
        row["referral_id"]: Kept(
            row["authority"],
            Restriction(
                frozenset(row["roles"]),
                frozenset(row["allowed"]),
                frozenset(row["denied"]),
                tuple(zip(row["openers"], row["untils"], strict=True)),
            ),
        )
        for row in await connection.fetch(READ, list(referral_ids))
    }


async def restrict(
    connection: Connection, referral_id: UUID, authority: str, restriction: Restriction
) -> None:
    """Restrict a referral, or change who may see it."""
    await connection.execute(
        RESTRICT,
        referral_id,
        authority,
        sorted(restriction.roles),
        sorted(restriction.allowed),
        sorted(restriction.denied),
    )


async def unrestrict(connection: Connection, referral_ids: Sequence[UUID]) -> None:
    """Show referrals again to whoever sees their authorities'."""
    await connection.execute(UNRESTRICT, list(referral_ids))
    await connection.execute(FORGET_OPENED, list(referral_ids))


async def open_to(
    connection: Connection, referral_id: UUID, staff_id: UUID, until: datetime
) -> None:
    """Let somebody see a restricted referral until a time."""
    await connection.execute(OPEN, referral_id, staff_id, until)
