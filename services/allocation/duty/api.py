"""Duty over HTTP: what lies with the duty team and the emergency duty team, and its handover."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.audit import AuditEntry
from chassis.errors import DomainError, Forbidden
from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import traces
from policy.pack import Pack
from policy.working_time import LONDON, closes_next, is_open, opens_next
from services.allocation import domain
from services.allocation.domain import Case
from services.allocation.domain.handing_over import HANDOVER
from services.allocation.duty import store

MOST = 100
TAKERS = ("duty", "manager")


class HandoverBody(BaseModel):
    """What somebody of the day takes over: all that the emergency duty team holds, as they read
    it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    authority: str = Field(max_length=80)
    allocation_ids: tuple[UUID, ...] = Field(min_length=1, max_length=500)


def router(kernel: Kernel[Case]) -> APIRouter:
    """What staff call."""
    routes = APIRouter(tags=["duty"])
    database, policy = kernel.service.database, kernel.service.policy

    def pack_of(authority: str, now: datetime) -> Pack:
        try:
            return policy.current(authority, now.astimezone(LONDON).date())
        except KeyError:
            return policy.packs[authority][-1]

    @routes.get("/v1/allocations/duty")
    async def duty(caller: Annotated[Caller, Depends(staff())]) -> Mapping[str, Any]:
        """Who takes urgent work now in each of your authorities, until when, up which ladder; and
        what each duty team holds. `handover_due`: the hub is open, and the emergency duty team
        still holds work that nobody of the day has taken over. All times are UTC."""
        now = kernel.service.clock()
        found = []
        async with database.connection() as connection:
            for authority in sorted(caller.authorities & policy.packs.keys()):
                rows = await store.held(connection, authority, seer_of(caller, now))
                found.append(_duty(authority, pack_of(authority, now), now, rows))
        return {"items": found}

    @routes.get("/v1/allocations/handovers")
    async def handovers(caller: Annotated[Caller, Depends(staff())]) -> Mapping[str, Any]:
        """Who took over what from the emergency duty team, the newest first."""
        seer = seer_of(caller, kernel.service.clock())
        async with database.connection() as connection:
            rows = await store.handovers(
                connection, sorted(caller.authorities), HANDOVER, MOST, seer
            )
        return {"items": rows}

    @routes.post("/v1/allocations/handovers", status_code=201)
    async def take_over(
        caller: Annotated[Caller, Depends(staff(*TAKERS))], body: HandoverBody
    ) -> Mapping[str, Any]:
        """Sign for everything that the emergency duty team holds. 409 when that is no longer what
        you read. Sent again by the same person it answers the same."""
        if body.authority not in caller.authorities & policy.packs.keys():
            raise Forbidden("authority_needed", "You do not work for this authority.")
        now = kernel.service.clock()
        duty = pack_of(body.authority, now).allocation.duty
        async with database.connection() as connection:
            rows = await store.held(connection, body.authority, seer_of(caller, now))
            signed = await store.taken_over(
                connection,
                body.allocation_ids,
                authority=body.authority,
                of=duty.out_of_hours,
                rule=HANDOVER,
                by=caller.id,
            )
        open_now = {
            row["allocation_id"]: row["referral_id"]
            for row in rows
            if row["assignee"] == duty.out_of_hours
        }
        if open_now.keys() | signed != set(body.allocation_ids):
            raise DomainError(
                "handover_changed", "The emergency duty team holds something else now: read again."
            )
        commands = [
            Command(
                referral_id=referral_id,
                authority=body.authority,
                decide=partial(
                    domain.take_over,
                    domain.TakeOver(allocation_id, duty.team, caller.id),
                ),
                audit=AuditEntry(
                    "allocation_taken_over",
                    caller,
                    body.authority,
                    referral_id,
                    {"allocation_id": str(allocation_id)},
                ),
                traceparent=traces.current_traceparent(),
            )
            for allocation_id, referral_id in sorted(open_now.items())
        ]
        await asyncio.gather(*map(kernel.submit, commands))
        return {
            "authority": body.authority,
            "signed_by": caller.id,
            "allocation_ids": sorted(body.allocation_ids),
        }

    return routes


def _duty(
    authority: str, pack: Pack, now: datetime, rows: list[Mapping[str, Any]]
) -> Mapping[str, Any]:
    rules, hub_open = pack.allocation.duty, is_open(pack.calendar, now)
    on_duty = rules.team if hub_open else rules.out_of_hours
    teams = dict.fromkeys((rules.team, rules.out_of_hours, *(row["assignee"] for row in rows)))
    ladder = rules.ladder if hub_open else rules.out_of_hours_ladder
    queues = [
        {
            "team": team,
            "name": pack.allocation.teams[team].name if team in pack.allocation.teams else team,
            "items": [
                {name: value for name, value in row.items() if name != "assignee"}
                for row in rows
                if row["assignee"] == team
            ],
        }
        for team in teams
    ]
    waits = any(row["assignee"] == rules.out_of_hours for row in rows)
    return {
        "authority": authority,
        "hub_open": hub_open,
        "on_duty": on_duty,
        "until": closes_next(pack.calendar, now) if hub_open else opens_next(pack.calendar, now),
        "ladder": [step.model_dump() for step in ladder],
        "handover_due": hub_open and waits and rules.out_of_hours != rules.team,
        "queues": queues,
    }
