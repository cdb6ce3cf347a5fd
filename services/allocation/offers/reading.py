"""Who would be asked and why not the others, and what waits for a person."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.database import Connection
from chassis.http import paging
from chassis.identity import Caller, staff
from policy.allocation import Candidate, Load, explain
from policy.allocation.choosing import WORDS
from services.allocation.domain.case import held
from services.allocation.offers import domain, store
from services.allocation.offers.desk import Desk
from services.allocation.offers.domain import Before
from services.allocation.store import Found
from services.allocation.workers import store as workers

PAGE: Final = 100
SHOWN: Final = 100
FIRST: Final = (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0))
READERS = staff("practitioner", "manager", "duty", "coordinator", "panel_chair")
COORDINATORS = staff("coordinator", "manager")

IfMatch = Annotated[str | None, Header(alias="If-Match")]
Roster = tuple[dict[UUID, Candidate], dict[UUID, Load]]


def router(desk: Desk) -> APIRouter:
    """What coordinators look at."""
    routes = APIRouter(tags=["allocation"])
    service = desk.kernel.service
    database = service.database

    @routes.get("/v1/allocations/{allocation_id}/preview")
    async def preview(
        caller: Annotated[Caller, Depends(READERS)], allocation_id: UUID
    ) -> Mapping[str, Any]:
        """Who would be asked now, and why not the others; those of other teams are left out.
        Reading it is written to the audit trail."""
        async with database.transaction() as connection:
            found = await desk.find(connection, caller, allocation_id)
            case = (await desk.store.load(connection, [found.referral_id]))[found.referral_id]
            candidates, loads = await desk.roster(connection, found.authority)
            before = await store.before(connection, [found.referral_id])
            one = held(case, allocation_id)
            team = await _team(connection, found, one.assignee)
            task = domain.task_of(case, one, team, before.get(found.referral_id, Before()))
            choice, others = explain(task, candidates.values(), loads)
            shown = [each for each in others if each[1] != "other_team"][:SHOWN]
            ids = [worker for worker, _ in shown]
            names = await workers.names(
                connection, [*ids, *([choice.worker_id] if choice.worker_id else [])]
            )
            entry = AuditEntry("allocation_previewed", caller, found.authority, found.referral_id)
            await append_audit(connection, [entry], service.clock())
        return {
            "id": allocation_id,
            "referral_id": found.referral_id,
            "reference": case.reference,
            "team": team,
            "points": one.points,
            "worker_id": choice.worker_id,
            "name": names.get(choice.worker_id) if choice.worker_id else None,
            "rule": choice.rule,
            "reason": choice.reason,
            "others": [
                {
                    "worker_id": worker,
                    "name": names.get(worker),
                    "why_not": why,
                    "explanation": WORDS[why],
                    "carries": loads[worker].open,
                    "capacity": candidates[worker].capacity,
                }
                for worker, why in shown
            ],
        }

    @routes.get("/v1/waiting")
    async def waiting(
        caller: Annotated[Caller, Depends(READERS)],
        locality: Annotated[str | None, Query(max_length=60)] = None,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """What waits for a person, the longest first, and how many in each locality. `waiting` says
        why nobody was found; a locality of null is what no locality claims. For what is `offered`
        somebody is asked, and has not answered."""
        after = paging.decode(cursor, (datetime, UUID)) if cursor else FIRST
        authorities = sorted(caller.authorities)
        async with database.connection() as connection:
            rows = await store.waiting(connection, authorities, locality, after, PAGE + 1)
            counts = await store.waiting_counts(connection, authorities)
        now = service.clock()
        items = [
            {
                "id": row["allocation_id"],
                **{name: value for name, value in row.items() if name != "allocation_id"},
                "days": (now - row["assigned_at"]).days,
            }
            for row in rows[:PAGE]
        ]
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        following = paging.encode((last["assigned_at"], last["allocation_id"])) if last else None
        return {
            "items": items,
            "localities": [{**row, "oldest_days": (now - row["oldest"]).days} for row in counts],
            "next": following,
        }

    return routes


async def _team(connection: Connection, found: Found, assignee: str) -> str:
    if found.worker_id is None:
        return assignee
    worker = await workers.read(connection, found.worker_id, [found.authority])
    return worker.team if worker else assignee
