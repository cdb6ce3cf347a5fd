"""Every query about attachments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.vault import Vault
from services.intake.attachments.file import File

# Keep files, sealed.
ADD = """
INSERT INTO attachment (attachment_id, referral_id, authority, received_at, kind, size, scanned,
                        name, sealed)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[],
                     $6::integer[], $7::boolean[], $8::bytea[], $9::bytea[])
"""

# What hangs on a referral or a draft, without the content.
LIST = """
SELECT attachment_id, received_at, kind, size, scanned, name
  FROM attachment WHERE referral_id = $1
 ORDER BY received_at, attachment_id
"""

# One file.
READ = """
SELECT attachment_id, received_at, kind, size, scanned, name, sealed
  FROM attachment WHERE referral_id = $1 AND attachment_id = $2
"""

# Take one file away again.
REMOVE = "DELETE FROM attachment WHERE referral_id = $1 AND attachment_id = $2"

# Forget the files of what is thrown away.
FORGET = "DELETE FROM attachment WHERE referral_id = ANY ($1)"


async def add(
    connection: Connection, vault: Vault, files: Sequence[tuple[UUID, str, File]]
) -> None:
    """Keep (referral, authority, file), each sealed with its referral's key."""
    keys = await vault.keys(connection, sorted({one[0] for one in files}), create=True)
    rows = [
        (
            file.attachment_id,
            referral_id,
            authority,
            file.received_at,
            file.kind,
            len(file.content),
            file.scanned,
            keys[referral_id].seal(file.name, f"{file.attachment_id}/name"),
            keys[referral_id].seal_bytes(file.content, f"{file.attachment_id}/content"),
        )
        for referral_id, authority, file in files
    ]
    await connection.execute(ADD, *(list(column) for column in zip(*rows, strict=True)))


async def listed(connection: Connection, vault: Vault, referral_id: UUID) -> list[dict[str, Any]]:
    """What hangs on a referral or a draft. Erased ones are left out."""
    key = (await vault.keys(connection, [referral_id], create=False)).get(referral_id)
    rows = await connection.fetch(LIST, referral_id) if key else []
    return [
        {**dict(row), "name": key.open(row["name"], f"{row['attachment_id']}/name")}
        for row in rows
        if key
    ]


async def read(
    connection: Connection, vault: Vault, referral_id: UUID, attachment_id: UUID
) -> File | None:
    """One file, opened."""
    key = (await vault.keys(connection, [referral_id], create=False)).get(referral_id)
    row = await connection.fetchrow(READ, referral_id, attachment_id) if key else None
    if row is None or key is None:
        return None
    return File(
        attachment_id,
        row["received_at"],
        row["kind"],
        row["scanned"],
        key.open(row["name"], f"{attachment_id}/name"),
        key.open_bytes(row["sealed"], f"{attachment_id}/content"),
    )


async def remove(connection: Connection, referral_id: UUID, attachment_id: UUID) -> None:
    """Take one file of a draft away again."""
    await connection.execute(REMOVE, referral_id, attachment_id)


async def forget(connection: Connection, referral_ids: Sequence[UUID]) -> None:
    """Forget the files of drafts that are thrown away."""
    await connection.execute(FORGET, list(referral_ids))
