"""Audit entries, and writing them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from chassis.audit import store
from chassis.database import Connection

if TYPE_CHECKING:
    from chassis.identity import Caller


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What somebody did or saw. `details` holds codes, ids and counts, never words. Without a
    caller the system itself acted."""

    action: str
    caller: "Caller | None"
    authority: str
    referral_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class Subject(Protocol):
    """Whatever is about one referral."""

    @property
    def authority(self) -> str: ...

    @property
    def referral_id(self) -> UUID: ...


def read_for(
    action: str, caller: "Caller", subjects: Iterable[Subject], purpose: str
) -> list[AuditEntry]:
    """An entry for each referral of which something was read for a stated purpose, a code."""
    return [
        AuditEntry(action, caller, one.authority, one.referral_id, {"purpose": purpose})
        for one in subjects
    ]


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
