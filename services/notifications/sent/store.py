"""Every query about what was sent."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.vault import Vault

# Every message about some referrals, with what was sent.
SENT = """
SELECT message_id, referral_id, authority, kind, audience, state, queued_at, sent_at, rendered
  FROM message
 WHERE referral_id = ANY ($1)
 ORDER BY queued_at, message_id
"""


async def sent(
    connection: Connection, vault: Vault, referral_ids: Sequence[UUID]
) -> list[dict[str, Any]]:
    """Every message about some referrals; `rendered` is what was sent (JSON), or None."""
    rows = await connection.fetch(SENT, list(referral_ids))
    keys = await vault.keys(connection, sorted({row["referral_id"] for row in rows}), create=False)
    found = []
    for row in rows:
        key, sealed = keys.get(row["referral_id"]), row["rendered"]
        text = key.open(sealed, f"{row['message_id']}/rendered") if key and sealed else None
        found.append({**dict(row), "rendered": text})
    return found
