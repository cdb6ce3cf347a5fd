"""Every query about countersignatures."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.vault import Vault
from services.triage.domain import Case, Countersignature

# Keep what a manager said of a decision; nobody says it twice.
ADD = """
INSERT INTO countersignature (decision_id, referral_id, authority, agreed, signed_at, staff_id,
                              signed_name, signature_note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

# Decisions of some authorities that wait, the longest first.
WAITING = """
SELECT referral_id, authority, reference, rag, suggested, version, awaiting_since,
       document -> 'awaiting' AS awaiting
  FROM referral
 WHERE authority = ANY ($1) AND awaiting_since IS NOT NULL
   AND (awaiting_since, referral_id) > ($2, $3)
 ORDER BY awaiting_since, referral_id
 LIMIT $4
"""


async def add(
    connection: Connection, vault: Vault, signed: Sequence[tuple[Case, Countersignature]]
) -> None:
    """Keep countersignatures, their notes sealed."""
    ids = sorted({case.referral_id for case, _ in signed})
    keys = await vault.keys(connection, ids, create=True)
    rows = [
        (
            one.decision_id,
            case.referral_id,
            case.authority,
            one.agreed,
            one.signed_at,
            one.person.staff_id,
            one.person.name,
            keys[case.referral_id].seal(one.note, f"{one.decision_id}/signature_note")
            if one.note
            else None,
        )
        for case, one in signed
    ]
    await connection.executemany(ADD, rows)


async def waiting(
    connection: Connection, authorities: Sequence[str], after: tuple[datetime, UUID], limit: int
) -> list[Mapping[str, Any]]:
    """A page of what waits for a manager."""
    rows = await connection.fetch(WAITING, list(authorities), *after, limit)
    return [dict(row) for row in rows]
