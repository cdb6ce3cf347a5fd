"""Opening what is known of one referral, for somebody of the hub who looks."""

from datetime import datetime
from uuid import UUID

from chassis import audit
from chassis.database import Database
from chassis.errors import NotFound
from chassis.identity import Caller
from chassis.restriction import seer_of
from services.notifications.domain import Case
from services.notifications.letters import store as letters
from services.notifications.store import NotificationsStore


async def opened(
    database: Database,
    store: NotificationsStore,
    caller: Caller,
    referral_id: UUID,
    action: str,
    now: datetime,
) -> Case:
    """The case, with `action` in the audit trail. Raises NotFound for one that is not theirs to
    see."""
    seer = seer_of(caller, now)
    async with database.transaction() as connection:
        if not await letters.seen(connection, referral_id, sorted(caller.authorities), seer):
            raise NotFound("referral_not_found", "There is no such referral.")
        case = (await store.load(connection, [referral_id]))[referral_id]
        entry = audit.AuditEntry(action, caller, case.authority, referral_id, {})
        await audit.append(connection, [entry], now)
    return case
