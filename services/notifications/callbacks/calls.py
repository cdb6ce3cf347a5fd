"""Calls over HTTP: a partner has one made, made again, and sees what became of each."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from chassis.errors import DomainError, FieldError, InvalidInput, NotFound
from chassis.http import paging
from chassis.identity import Caller, partner
from contracts.events import PartnerNews
from services.notifications.callbacks.api import MANAGE, CallbackDesk, SentBody
from services.notifications.callbacks.domain import CALLS, Call, Callback, CallState
from services.notifications.news.telling import told

PAGE = 50
LAST = (datetime(2199, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


class ReplayBody(SentBody):
    """Which calls to make again: one of the log, or all about what happened since a moment."""

    call_id: UUID | None = None
    since: AwareDatetime | None = None


def router(desk: CallbackDesk) -> APIRouter:
    """What partners call."""
    routes = APIRouter(tags=["call-backs"])
    service, store = desk.kernel.service, desk.store
    database = service.database

    @routes.post("/v1/callbacks/{callback_id}/ping", status_code=202)
    async def ping(
        caller: Annotated[Caller, Depends(partner(MANAGE))], callback_id: UUID
    ) -> Mapping[str, Any]:
        """Be called now with a message about nothing. See the log for how it went."""
        now = service.clock()
        call = Call(
            call_id=service.ids(),
            callback_id=callback_id,
            notice_id=service.ids(),
            referral_id=None,
            news=PartnerNews.PING,
            stage=None,
            at=now,
            state=CallState.QUEUED,
            attempt=0,
            queued_at=now,
            begun_at=now,
            due_at=now,
        )
        async with database.transaction() as connection:
            _switched_on(await desk.own(connection, caller, callback_id))
            await store.ping(connection, callback_id, call)
        service.bell.ring(CALLS)
        return _logged(call)

    @routes.get("/v1/callbacks/{callback_id}/calls")
    async def log(
        caller: Annotated[Caller, Depends(partner(MANAGE))],
        callback_id: UUID,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """What became of each call, the newest first. Kept for 30 days after a call has ended."""
        before = paging.decode(cursor, (datetime, UUID)) if cursor else LAST
        async with database.connection() as connection:
            await desk.own(connection, caller, callback_id, hold=False)
            found = await store.log(connection, callback_id, (before[0], before[1]), PAGE + 1)
        page = found[:PAGE]
        more = len(found) > PAGE
        following = paging.encode((page[-1].queued_at, page[-1].call_id)) if more else None
        return {"items": [_logged(one) for one in page], "next": following}

    @routes.post("/v1/callbacks/{callback_id}/replay", status_code=202)
    async def replay(
        caller: Annotated[Caller, Depends(partner(MANAGE))], callback_id: UUID, body: ReplayBody
    ) -> Mapping[str, Any]:
        """Be called again: about one thing of the log, or about everything since a moment that the
        call-back is about. The `webhook-id` of each is the same as before."""
        if (body.call_id is None) == (body.since is None):
            wrong = FieldError("/since", "Give either `call_id` or `since`.")
            raise InvalidInput("invalid_replay", "Say what to replay.", errors=(wrong,))
        now = service.clock()
        async with database.transaction() as connection:
            _switched_on(await desk.own(connection, caller, callback_id))
            if body.call_id is not None:
                if await store.call(connection, callback_id, body.call_id) is None:
                    raise NotFound("call_not_found", "There is no such call.")
                queued = await store.replay_one(connection, callback_id, body.call_id, now)
            else:
                queued = await store.replay_since(connection, callback_id, body.since or now, now)
            await desk.note(connection, "callback_replayed", caller, callback_id)
        service.bell.ring(CALLS)
        return {"queued": queued}

    return routes


def _switched_on(one: Callback) -> None:
    if one.reason is not None:
        raise DomainError(
            "callback_switched_off", "The call-back is switched off. PUT it to switch it on."
        )


def _logged(call: Call) -> Mapping[str, Any]:
    said: dict[str, Any] = {"news": call.news}
    if call.referral_id is not None:
        said.update(told(call.news, call.referral_id, call.stage, call.about))
        del said["href"]
    return {
        "id": call.call_id,
        "webhook_id": call.notice_id,
        "referral_id": None,
        "stage": None,
        **said,
        "state": call.state,
        "attempts": call.attempt,
        "reason": call.reason,
        "at": call.at,
        "next_at": call.due_at if call.state is CallState.QUEUED else None,
        "ended_at": call.ended_at,
    }
