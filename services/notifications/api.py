"""Notifications over HTTP, for staff: who was told what, when, and whether it went."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from chassis import audit
from chassis.errors import NotFound
from chassis.http import paging
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from chassis.stream.kernel import Kernel
from services.notifications.domain import Case
from services.notifications.store import NotificationsStore

HUB = staff("practitioner", "manager", "duty", "coordinator", "panel_chair", "analyst")
READERS = staff("practitioner", "manager", "duty")
PAGE = 50
FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


def router(kernel: Kernel[Case], store: NotificationsStore) -> APIRouter:
    """What staff of the hub call."""
    routes = APIRouter(tags=["messages"])
    database = kernel.service.database

    @routes.get("/v1/messages")
    async def messages(
        caller: Annotated[Caller, Depends(HUB)],
        referral_id: Annotated[UUID | None, Query()] = None,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    ) -> Mapping[str, Any]:
        """Messages of the caller's authorities, oldest first. No words, no addresses."""
        after = paging.decode(cursor, (datetime, UUID)) if cursor else FIRST
        async with database.connection() as connection:
            rows = await store.page(
                connection,
                sorted(caller.authorities),
                referral_id,
                (after[0], after[1]),
                limit + 1,
                seer_of(caller, kernel.service.clock()),
            )
        return page_of(rows, limit)

    @routes.get("/v1/messages/{message_id}")
    async def one(
        caller: Annotated[Caller, Depends(READERS)], message_id: UUID
    ) -> Mapping[str, Any]:
        """One message with what was sent, kept as it was sent. Audited."""
        async with database.transaction() as connection:
            seer = seer_of(caller, kernel.service.clock())
            found = await store.read(connection, message_id, sorted(caller.authorities), seer)
            if found is None:
                raise NotFound("message_not_found", "There is no such message.")
            row, sent = found
            entry = audit.AuditEntry(
                "message_read",
                caller,
                row["authority"],
                row["referral_id"],
                {"message_id": message_id},
            )
            await audit.append(connection, [entry], kernel.service.clock())
        return {**_listed(row), "sent": json.loads(sent) if sent else None}

    return routes


def page_of(rows: Sequence[Mapping[str, Any]], limit: int) -> Mapping[str, Any]:
    """A page of messages, from a list that may have one more than fits."""
    page = rows[:limit]
    more = len(rows) > limit
    following = paging.encode((page[-1]["queued_at"], page[-1]["message_id"])) if more else None
    return {"items": [_listed(row) for row in page], "next": following}


def _listed(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "id": row["message_id"],
        "referral_id": row["referral_id"],
        "kind": row["kind"],
        "channel": row["channel"],
        "audience": row["audience"],
        "state": row["state"],
        "attempt": row["attempt"],
        "reason": row["reason"],
        "queued_at": row["queued_at"],
        "sent_at": row["sent_at"],
        "delivered_at": row["delivered_at"],
        "told_at": row["told_at"],
        "told_how": row["told_how"],
    }
