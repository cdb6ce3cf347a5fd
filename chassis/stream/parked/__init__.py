"""What an operator may know of parked events, and discarding one after a practitioner decided so
(practice rule 1). The same on a single machine and in the distributed edition: everything here
works on one consumer's own database.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.discard import Discard
from chassis.identity import Caller
from chassis.stream import store as stream_store
from chassis.stream.parked import store

__all__ = ["NotDiscarded", "authority_of", "discard", "oldest", "shown"]


class NotDiscarded(Exception):
    """A parked event that cannot be discarded; the message says why."""


async def shown(connection: Connection, consumer: str, referral_id: UUID) -> list[dict[str, Any]]:
    """A referral's parked events in order: what each is and why it waits, never what it says."""
    return [dict(row) for row in await connection.fetch(store.SHOW, consumer, referral_id)]


async def oldest(connection: Connection, consumer: str) -> datetime | None:
    """Since when the event waits that was parked first."""
    found: datetime | None = await connection.fetchval(store.OLDEST, consumer)
    return found


async def authority_of(connection: Connection, consumer: str, referral_id: UUID) -> str | None:
    """The authority of a referral with parked events."""
    found: str | None = await connection.fetchval(store.AUTHORITY, consumer, referral_id)
    return found


async def discard(
    connection: Connection, decided: Discard, now: datetime, by: Caller | None = None
) -> None:
    """Pass by the event that was decided about, and ask for those behind it to be tried again.
    `by` carries it out; without them an operator at the command line does.

    The event counts as handled, so that it stays without effect if it is ever delivered again.
    Raises NotDiscarded where it isn't the first of its referral that the consumer has parked.
    """
    consumer, referral_id = decided.consumer, decided.referral_id
    source = f"{consumer}/{await stream_store.epoch(connection, consumer)}"
    await stream_store.lock_cases(connection, consumer, source, [referral_id])
    events = await shown(connection, consumer, referral_id)
    if not events:
        raise NotDiscarded("nothing of this referral is parked there")
    first = events[0]
    if (first["source"], first["sequence"]) != (decided.source, decided.sequence):
        raise NotDiscarded(
            f"{first['source']} {first['sequence']} stands first and would have to be decided on"
        )
    await connection.execute(store.PAST, consumer, referral_id, decided.source, decided.sequence)
    await stream_store.ask_replay(connection, consumer, referral_id)
    entry = AuditEntry(
        "parked_event_discarded",
        by,
        decided.authority,
        referral_id,
        {
            "discard_id": str(decided.discard_id),
            "type": first["type"],
            "source": decided.source,
            "sequence": decided.sequence,
            "reason": decided.reason,
            "decided_by": str(decided.staff_id),
        },
    )
    await append_audit(connection, [entry], now)
