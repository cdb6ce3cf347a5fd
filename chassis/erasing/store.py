"""Every query about erasing.

Nobody has to remember a table: whatever in a service's schema names a referral goes, but for what
is kept on purpose. A key is destroyed and not deleted, so that none is ever made again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection

KEPT = ("audit_entry", "erasure", "mark", "vault_key")
"""Who did what stays known, by ids; how far events were handled stays counted."""

# The columns of this schema that hold a referral's id.
COLUMNS = """
SELECT quote_ident(relname) AS table, quote_ident(attname) AS column
  FROM pg_attribute
  JOIN pg_class ON pg_class.oid = attrelid
 WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
   AND attname ~ '(^|_)referral_id$' AND NOT attisdropped
   AND relname <> ALL ($1)
 ORDER BY relname, attname
"""

# Delete rows; several of these are one statement, so that tables may point at each other.
DELETE = "DELETE FROM {table} WHERE {condition}"

# Destroy keys, and with them whatever was sealed, here and in every copy; those of what stands
# beside a referral too.
DESTROY_KEYS = """
UPDATE vault_key SET wrapped = NULL, destroyed_at = $2
 WHERE (referral_id = ANY ($1) OR goes_with = ANY ($1)) AND wrapped IS NOT NULL
"""

# Remember that referrals are erased; the first time counts.
NOTE = """
INSERT INTO erasure (referral_id, authority, reason, erased_at)
SELECT referral_id, authority, $3, $4
  FROM unnest($1::uuid[], $2::text[]) AS new (referral_id, authority)
    ON CONFLICT DO NOTHING
"""

# Erasures that the list outside the database lacks.
UNLISTED = """
SELECT referral_id, authority, reason, erased_at FROM erasure WHERE NOT listed LIMIT $1
   FOR UPDATE SKIP LOCKED
"""

# They stand in the list now.
LISTED = "UPDATE erasure SET listed = true WHERE referral_id = ANY ($1) AND NOT listed"

# Which of these are erased.
ERASED = "SELECT referral_id FROM erasure WHERE referral_id = ANY ($1)"


async def erase(
    connection: Connection, referrals: Sequence[tuple[UUID, str]], reason: str, now: datetime
) -> None:
    """Erase (referral, authority) from the service of `connection`'s schema."""
    ids = [referral_id for referral_id, _ in referrals]
    columns: dict[str, list[str]] = {}
    for row in await connection.fetch(COLUMNS, list(KEPT)):
        columns.setdefault(row["table"], []).append(row["column"])
    deletes = [
        DELETE.format(
            table=table, condition=" OR ".join(f"{column} = ANY ($1)" for column in named)
        )
        for table, named in columns.items()
    ]
    parts = ", ".join(f"part_{place} AS ({one})" for place, one in enumerate(deletes))
    await connection.execute(f"WITH {parts} SELECT", ids)
    await connection.execute(DESTROY_KEYS, ids, now)
    await connection.execute(NOTE, ids, [authority for _, authority in referrals], reason, now)


async def erased(connection: Connection, referral_ids: Sequence[UUID]) -> set[UUID]:
    """Those of `referral_ids` that are erased here."""
    rows = await connection.fetch(ERASED, list(referral_ids))
    return {row["referral_id"] for row in rows}


async def unlisted(connection: Connection, most: int) -> list[tuple[UUID, str, str, datetime]]:
    """(referral, authority, reason, when) of some erasures that the list lacks."""
    return [tuple(row) for row in await connection.fetch(UNLISTED, most)]


async def note_listed(connection: Connection, referral_ids: Sequence[UUID]) -> None:
    """The list has these."""
    await connection.execute(LISTED, list(referral_ids))
