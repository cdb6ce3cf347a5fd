"""Allocation over HTTP: clocks, allocations, and taking work on."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chassis.http import etags, paging
from chassis.identity import Caller, service, staff
from chassis.restriction import seer_of
from chassis.stream.kernel import Kernel
from policy.loading import PackSet
from services.allocation import domain
from services.allocation.callers import LEADS
from services.allocation.clocks import store as clock_store
from services.allocation.clocks.domain import State
from services.allocation.domain import Case
from services.allocation.offers import store as offers
from services.allocation.offers.desk import Desk, answerer, told
from services.allocation.store import AllocationStore
from services.allocation.workers import store as workers

PAGE = 100
NONE = UUID(int=0)

ReferralId = Annotated[UUID | None, Query()]
Cursor = Annotated[str | None, Query(max_length=500)]


MOST_DUE = 2000


class DueBody(BaseModel):
    """Whose clocks, and by when they are due. UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    authority: str = Field(max_length=80)
    until: AwareDatetime


class AuthorityBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    authority: str = Field(max_length=80)


class WorkersBody(AuthorityBody):
    """Workers by their id, or by what their authority calls them."""

    workers: tuple[Annotated[str, Field(max_length=40)], ...] = Field(max_length=500)


class IdsBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: tuple[UUID, ...] = Field(max_length=5000)
    purpose: str = Field(max_length=80)


def router(desk: Desk) -> APIRouter:
    """What staff call."""
    routes = APIRouter(tags=["allocation"])
    kernel, store = desk.kernel, desk.store
    database = kernel.service.database
    policy = kernel.service.policy

    @routes.get("/v1/clocks")
    async def clocks(
        caller: Annotated[Caller, Depends(staff())],
        referral_id: ReferralId = None,
        state: Annotated[State | None, Query()] = None,
        cursor: Cursor = None,
    ) -> Mapping[str, Any]:
        """Clocks, each with why it is due when it is. All times are UTC."""
        async with database.connection() as connection:
            rows = await clock_store.page(
                connection,
                sorted(caller.authorities),
                seer_of(caller, kernel.service.clock()),
                referral_id=referral_id,
                state=state,
                after=paging.decode(cursor, (UUID,))[0] if cursor else NONE,
                limit=PAGE + 1,
            )
        return _page([{"id": row["clock_id"], **_without(row, "clock_id")} for row in rows])

    @routes.get("/v1/allocations")
    async def allocations(
        caller: Annotated[Caller, Depends(staff())],
        referral_id: ReferralId = None,
        cursor: Cursor = None,
    ) -> Mapping[str, Any]:
        """Who has what, by which rule of the pack, and whether a person has taken it on."""
        async with database.connection() as connection:
            rows = await store.page(
                connection,
                sorted(caller.authorities),
                seer_of(caller, kernel.service.clock()),
                referral_id=referral_id,
                after=paging.decode(cursor, (UUID,))[0] if cursor else NONE,
                limit=PAGE + 1,
            )
            names = await workers.names(
                connection, [row["worker_id"] for row in rows if row["worker_id"]]
            )
        return _page(
            [
                {
                    "id": row["allocation_id"],
                    **_without(row, "allocation_id"),
                    "assignee_name": names.get(row["worker_id"])
                    or _name(policy, row["authority"], row["assignee"]),
                }
                for row in rows
            ]
        )

    @routes.post("/v1/allocations/{allocation_id}/acceptance", status_code=201)
    async def accept(
        caller: Annotated[Caller, Depends(LEADS)],
        allocation_id: UUID,
        if_match: Annotated[str | None, Header(alias="If-Match")] = None,
    ) -> Response:
        """Take on work that you, your team or a worker of your organisation was given. 409 says that
        somebody was first, that it was declined, or that it has ended."""
        async with database.connection() as connection:
            found = await desk.find(connection, caller, allocation_id)
        command = domain.Accept(allocation_id, answerer(caller, found), etags.version(if_match))
        answer = await desk.do(
            "allocation_accepted",
            caller,
            found,
            lambda state, policy, ids, now: domain.accept(state, command, policy, ids, now),
            status=201,
        )
        return told(answer)

    return routes


def internal_router(kernel: Kernel[Case], store: AllocationStore) -> APIRouter:
    """What other services read. Never routed by a gateway."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/internal/v1/allocation/known:batch")
    async def known(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """Which of these referrals have a clock: the watchdog's question."""
        del caller
        async with kernel.service.database.connection() as connection:
            return {"ids": sorted(await store.known(connection, body.ids))}

    @routes.post("/internal/v1/allocation/clocks:due")
    async def due(
        caller: Annotated[Caller, Depends(service())], body: DueBody
    ) -> Mapping[str, Any]:
        """What is due by a time, or overdue, and which team has it: for the teams' morning lists.
        Ids, codes and times alone."""
        del caller
        async with kernel.service.database.connection() as connection:
            rows = await clock_store.due_by(connection, body.authority, body.until, MOST_DUE)
        return {"items": rows}

    @routes.post("/internal/v1/allocation/asked")
    async def asked(
        caller: Annotated[Caller, Depends(service())], body: AuthorityBody
    ) -> Mapping[str, Any]:
        """What people with an account were asked to take on and have not answered: for an email to
        them. Ids alone."""
        del caller
        async with kernel.service.database.connection() as connection:
            return {"items": await offers.asked(connection, body.authority)}

    @routes.post("/internal/v1/allocation/workers:batch")
    async def with_account(
        caller: Annotated[Caller, Depends(service())], body: WorkersBody
    ) -> Mapping[str, Any]:
        """The accounts of some workers, for a word to whoever has a case. Ids alone."""
        del caller
        async with kernel.service.database.connection() as connection:
            found = await workers.with_account(connection, body.authority, body.workers)
        return {"items": [{"worker": one, "staff_id": found[one]} for one in sorted(found)]}

    @routes.get("/internal/v1/allocation/unfired")
    async def unfired(caller: Annotated[Caller, Depends(service())]) -> Mapping[str, Any]:
        """Every referral with a due clock that could not be fired: the watchdog's question."""
        del caller
        asked = kernel.service
        async with asked.database.connection() as connection:
            rows = await clock_store.unfired(connection, asked.clock())
        return {
            "items": [
                {"referral_id": referral_id, "authority": authority}
                for referral_id, authority in rows
                if authority in asked.policy.authorities
            ]
        }

    return routes


def _page(items: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    page = items[:PAGE]
    more = len(items) > PAGE
    return {"items": page, "next": paging.encode((page[-1]["id"],)) if more else None}


def _without(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _name(policy: PackSet, authority: str, assignee: str) -> str:
    """What the newest pack calls a team or a panel; its code where it has gone."""
    pack = policy.packs[authority][-1]
    team = pack.allocation.teams.get(assignee) or pack.allocation.panels.get(assignee)
    return team.name if team else assignee
