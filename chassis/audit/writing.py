"""Writing audit entries."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chassis.audit import store
from chassis.audit.entries import AuditEntry
from chassis.database import Connection

if TYPE_CHECKING:
    from chassis.identity import Caller


async def append(connection: Connection, entries: Sequence[AuditEntry], now: datetime) -> None:
    """Write entries, as the last act of the transaction but the append to the stream."""
    if entries:
        await store.append(connection, entries, now)


async def note_list_read(
    connection: Connection,
    caller: "Caller",
    authority: str,
    referral_ids: Sequence[UUID],
    day: date,
    now: datetime,
) -> None:
    """Write one entry with the referrals that a list showed this person for the first time on
    `day` (a date in England); none when it showed nothing new."""
    new = await store.newly_shown(connection, caller.id, referral_ids, day)
    if new:
        entry = AuditEntry("list_read", caller, authority, None, {"referral_ids": new})
        await append(connection, [entry], now)
