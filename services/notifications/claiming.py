"""Claiming what is due, so that nobody else sends it meanwhile."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis.change import Change, Ids
from chassis.stream.kernel import Kernel
from policy.loading import PackSet
from services.notifications.batches import Job
from services.notifications.domain import Case
from services.notifications.domain.following import claim
from services.notifications.store import NotificationsStore


async def claim_due(
    kernel: Kernel[Case], store: NotificationsStore, most: int, lease: timedelta
) -> list[Job]:
    """Claim up to `most` messages that are due and that nobody else is working on, for as long as
    `lease`, alerts first. Raises DatabaseAway."""
    service = kernel.service
    async with service.database.connection() as connection:
        due = await store.due(connection, service.clock(), most)
    if not due:
        return []
    token = service.ids()
    offered: dict[UUID, Job] = {}

    def take(case: Case, policy: PackSet, ids: Ids, now: datetime) -> Change[Case] | None:
        del policy, ids
        change = claim(case, due.keys(), token, lease, now)
        for message in change.state.messages if change else ():
            if message.claim == token:
                offered[message.message_id] = Job(case, message, message.due_at)
        return change

    await kernel.sweep(dict(due.values()), take)
    if not offered:
        return []
    # A transaction that was tried twice may have offered what it then did not get.
    async with service.database.connection() as connection:
        held = await store.claimed(connection, list(offered), token)
    return [offered[message_id] for message_id in due if message_id in held]
