"""One referral, from the read model and from its owners, for somebody who may see it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.errors import NotFound
from chassis.restriction import seer_of
from services.console.desk import Desk
from services.console.domain import Row
from services.console.reads import Opened
from services.console.sessions import Session
from services.console.store import queue as store
from services.console.store.queue import Line, Unprocessed

LINES = 200


@dataclass(frozen=True, slots=True)
class Looked:
    """One referral as the read model has it, and as its owners tell it."""

    referral_id: UUID
    row: Row | None
    note: Unprocessed | None
    lines: list[Line]
    read: Opened
    authority: str

    @property
    def reference(self) -> str:
        """What people call it."""
        said = self.read.case.data.get("reference") or self.read.form.data.get("reference")
        return self.row.reference if self.row else str(said or "Referral")


async def look(desk: Desk, session: Session, referral_id: UUID) -> Looked:
    """One referral with all that this person may see of it. Raises NotFound, the same for one that
    does not exist and one that they may not see."""
    seer = seer_of(session.caller, desk.clock())
    async with desk.database.connection() as connection:
        row = await store.referral(connection, referral_id, session.authorities, seer)
        note = await store.note(connection, referral_id, session.authorities, seer)
        lines = await store.timeline(connection, referral_id, session.authorities, LINES, seer)
    read = await desk.reads.open(session.token, referral_id)
    authority = _authority(row, note, read)
    if authority not in session.authorities:
        raise NotFound("referral_not_found", "There is no such referral.")
    return Looked(referral_id, row, note, lines, read, authority)


def _authority(row: Row | None, note: Unprocessed | None, read: Opened) -> str:
    found = row or note
    if found:
        return str(found.authority)
    said = read.case.data.get("authority") or read.form.data.get("authority")
    return str(said or "")


async def row_of(desk: Desk, session: Session, referral_id: UUID) -> Row | None:
    """One referral as the read model alone has it; None where this person sees none such."""
    seer = seer_of(session.caller, desk.clock())
    async with desk.database.connection() as connection:
        return await store.referral(connection, referral_id, session.authorities, seer)
