"""Every query about words that people write about something of a case."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Connection
from chassis.vault import Vault
from services.triage.domain.case import Case
from services.triage.written import Written

# Keep words, sealed; what was written first stays.
ADD = """
INSERT INTO written (subject_id, kind, referral_id, sealed)
VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
"""

# The words about some subjects.
READ = "SELECT subject_id, kind, referral_id, sealed FROM written WHERE subject_id = ANY ($1)"

# All words of some referrals.
OF_REFERRALS = """
SELECT subject_id, kind, referral_id, sealed FROM written
 WHERE referral_id = ANY ($1)
 ORDER BY subject_id, kind
"""


async def save(connection: Connection, vault: Vault, cases: Sequence[Case]) -> None:
    """Seal what was written about these cases."""
    await keep(
        connection, vault, [(one.referral_id, each) for one in cases for each in one.written]
    )


async def keep(connection: Connection, vault: Vault, new: Sequence[tuple[UUID, Written]]) -> None:
    """Seal what was written, each with the key of its referral."""
    if not new:
        return
    keys = await vault.keys(
        connection, sorted({referral_id for referral_id, _ in new}), create=True
    )
    rows = [
        (
            one.subject_id,
            one.kind,
            referral_id,
            keys[referral_id].seal(one.text, f"{one.subject_id}/{one.kind}"),
        )
        for referral_id, one in new
    ]
    await connection.executemany(ADD, rows)


async def read(
    connection: Connection, vault: Vault, subject_ids: Sequence[UUID]
) -> dict[UUID, dict[str, str]]:
    """The words about each subject, by kind. Those of an erased referral are left out."""
    rows = await connection.fetch(READ, list(subject_ids)) if subject_ids else []
    keys = await vault.keys(connection, sorted({row["referral_id"] for row in rows}), create=False)
    found: dict[UUID, dict[str, str]] = {}
    for row in rows:
        key = keys.get(row["referral_id"])
        if key:
            text = key.open(row["sealed"], f"{row['subject_id']}/{row['kind']}")
            found.setdefault(row["subject_id"], {})[row["kind"]] = text
    return found


async def of_referrals(
    connection: Connection, vault: Vault, referral_ids: Sequence[UUID]
) -> dict[UUID, list[Written]]:
    """All words of each referral. Those of an erased one are left out."""
    keys = await vault.keys(connection, referral_ids, create=False)
    found: dict[UUID, list[Written]] = {}
    for row in await connection.fetch(OF_REFERRALS, list(keys)):
        text = keys[row["referral_id"]].open(row["sealed"], f"{row['subject_id']}/{row['kind']}")
        found.setdefault(row["referral_id"], []).append(
            Written(row["subject_id"], row["kind"], text)
        )
    return found
