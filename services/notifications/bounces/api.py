"""Whom to telephone, over HTTP: messages that did not reach somebody outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from chassis import audit
from chassis.change import Change, Ids
from chassis.errors import NotFound
from chassis.http import paging
from chassis.identity import Caller
from chassis.restriction import seer_of
from chassis.stream.kernel import Command, Kernel
from policy.loading import PackSet
from services.notifications.api import FIRST, PAGE, READERS, page_of
from services.notifications.bounces import store
from services.notifications.domain import Case
from services.notifications.domain.returning import told_otherwise


class ToldBody(BaseModel):
    """How somebody was told whom a message did not reach. `not_needed`: they knew."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    how: Literal["by_telephone", "in_person", "by_letter", "not_needed"]


def router(kernel: Kernel[Case]) -> APIRouter:
    """What staff of the hub call. Stands before what reads one message."""
    routes = APIRouter(tags=["messages"])
    database = kernel.service.database

    @routes.get("/v1/messages/undelivered")
    async def undelivered(
        caller: Annotated[Caller, Depends(READERS)],
        cursor: Annotated[str | None, Query(max_length=500)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    ) -> Mapping[str, Any]:
        """Messages that did not reach a referrer or an agency whom nobody has told since: they
        have to be telephoned. The longest queued first; no words, no addresses."""
        after = paging.decode(cursor, (datetime, UUID)) if cursor else FIRST
        async with database.connection() as connection:
            rows = await store.undelivered(
                connection,
                sorted(caller.authorities),
                (after[0], after[1]),
                limit + 1,
                seer_of(caller, kernel.service.clock()),
            )
        return page_of(rows, limit)

    @routes.post("/v1/messages/{message_id}/told")
    async def told(
        caller: Annotated[Caller, Depends(READERS)], message_id: UUID, body: ToldBody
    ) -> Response:
        """Say that you have told somebody whom a message did not reach. Said twice, the first
        counts. 409 says that the message did go. Audited."""
        async with database.connection() as connection:
            seer = seer_of(caller, kernel.service.clock())
            found = await store.visible(connection, message_id, sorted(caller.authorities), seer)
        if found is None:
            raise NotFound("message_not_found", "There is no such message.")
        referral_id, authority = found

        def decide(
            state: Case | None, policy: PackSet, ids: Ids, now: datetime
        ) -> tuple[Change[Case], Mapping[str, Any]]:
            change = told_otherwise(state, message_id, body.how, caller.id, now)
            (one,) = (each for each in change.state.messages if each.message_id == message_id)
            return change, {"id": message_id, "told_at": one.told_at, "told_how": one.told_how}

        answer = await kernel.submit(
            Command(
                referral_id,
                authority,
                decide,
                audit=audit.AuditEntry(
                    "message_told",
                    caller,
                    authority,
                    referral_id,
                    {"message_id": message_id, "how": body.how},
                ),
            )
        )
        return Response(answer.body, answer.status, media_type="application/json")

    return routes
