"""The register of workers over HTTP, their absences, and the duty rota."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import NotFound
from chassis.http import etags, paging
from chassis.identity import Caller
from chassis.stream.kernel import Service
from policy.allocation import AllocationSection
from services.allocation.domain import Case
from services.allocation.offers import store as offers
from services.allocation.workers import domain, reach, registering, store
from services.allocation.workers.bodies import AbsenceBody, LeavingBody, WorkerBody
from services.allocation.workers.domain import Worker
from services.allocation.workers.reach import KEEPERS, READERS

PAGE = 100
NONE = UUID(int=0)

Authority = Annotated[str, Path(max_length=80)]
WorkerCode = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
IfMatch = Annotated[str | None, Header(alias="If-Match")]


def router(service: Service[Case]) -> APIRouter:
    """What coordinators keep up to date."""
    routes = APIRouter(tags=["workers"])
    database = service.database

    @routes.get("/v1/workers")
    async def listed(
        caller: Annotated[Caller, Depends(READERS)],
        team: Annotated[str | None, Query(max_length=60)] = None,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Mapping[str, Any]:
        """Who is on the register, each with their capacity and what they carry, in points."""
        after = paging.decode(cursor, (UUID,))[0] if cursor else NONE
        today = reach.today(service)
        async with database.connection() as connection:
            found = await store.page(
                connection, sorted(caller.authorities), team=team, after=after, limit=PAGE + 1
            )
            ids = [one.worker_id for one in found]
            away = await store.absences(connection, ids, today)
            carried = await offers.carried(connection, ids)
        items = [
            {
                **_told(
                    one, reach.section(service, caller, one.authority), away.get(one.worker_id, [])
                ),
                "carries": carried.get(one.worker_id, 0),
            }
            for one in found[:PAGE]
        ]
        more = len(found) > PAGE
        return {"items": items, "next": paging.encode((items[-1]["id"],)) if more else None}

    @routes.get("/v1/workers/teams")
    async def teams(caller: Annotated[Caller, Depends(READERS)]) -> Mapping[str, Any]:
        """The teams in which you stand, by the register, and the ids of who stands in them."""
        async with database.connection() as connection:
            found = await store.teams_of(connection, caller.id, sorted(caller.authorities))
        return {"items": found}

    @routes.get("/v1/workers/{worker_id}")
    async def read(
        caller: Annotated[Caller, Depends(READERS)], worker_id: UUID, response: Response
    ) -> Mapping[str, Any]:
        """One worker. The `ETag` is for changing them."""
        async with database.connection() as connection:
            found = await reach.worker(connection, caller, worker_id)
            away = await store.absences(connection, [worker_id], reach.today(service))
        response.headers["ETag"] = etags.etag(found.version)
        section = reach.section(service, caller, found.authority)
        return _told(found, section, away.get(worker_id, []))

    @routes.put("/v1/workers/{authority}/{code}")
    async def put(
        caller: Annotated[Caller, Depends(KEEPERS)],
        authority: Authority,
        code: WorkerCode,
        body: WorkerBody,
        response: Response,
        if_match: IfMatch = None,
    ) -> Mapping[str, Any]:
        """Register somebody under the authority's own code, or change them. With the `ETag` as
        `If-Match`, 412 says that somebody changed them meanwhile."""
        section = reach.section(service, caller, authority)
        now = service.clock()
        said = {
            code: registering.worker_of(service.ids(), authority, code, body, reach.today(service))
        }
        registering.refuse(said, section, lambda _: "")
        try:
            async with database.transaction() as connection:
                done = await registering.register(
                    connection, authority, said, etags.version(if_match)
                )
                await offers.wake(connection, authority, done.teams, now)
                await append_audit(connection, [_kept(caller, authority, done)], now)
        except asyncpg.UniqueViolationError as first:
            raise domain.stale() from first
        response.headers["ETag"] = etags.etag(done.workers[code].version)
        return _told(done.workers[code], section, [])

    @routes.post("/v1/workers/{authority}/import")
    async def take(
        request: Request, caller: Annotated[Caller, Depends(KEEPERS)], authority: Authority
    ) -> Mapping[str, Any]:
        """Register the workers of a CSV file, all of them or none: code, name, agency, team,
        skills, localities, wards, school_clusters, hours, leads_up_to, staff_id, organisation_id;
        lists are parted by semicolons. Who is not in the file stays as they are."""
        section = reach.section(service, caller, authority)
        said = registering.read(
            await request.body(), authority, service.ids, section, reach.today(service)
        )
        try:
            async with database.transaction() as connection:
                done = await registering.register(connection, authority, said, None)
                await offers.wake(connection, authority, done.teams, service.clock())
                entry = _kept(caller, authority, done)
                await append_audit(connection, [entry], service.clock())
        except asyncpg.UniqueViolationError as first:
            raise domain.stale() from first
        return {
            "registered": len(done.new),
            "changed": len(done.changed),
            "unchanged": len(said) - len(done.new) - len(done.changed),
        }

    @routes.post("/v1/workers/{worker_id}/leaving")
    async def leave(
        caller: Annotated[Caller, Depends(KEEPERS)], worker_id: UUID, body: LeavingBody
    ) -> Mapping[str, Any]:
        """Take somebody off the register. 409 while they hold cases, or have yet to do what they
        were asked for a family."""
        async with database.transaction() as connection:
            found = await reach.worker(connection, caller, worker_id)
            # Whoever offers work at this moment is waited for: nobody is asked who has left.
            await offers.wait_turn(connection, found.authority)
            found = await reach.worker(connection, caller, worker_id, lock=True)
            last_day = body.last_day or reach.today(service)
            held = len(await offers.held(connection, worker_id))
            left = domain.leave(found, held, last_day, await offers.promised(connection, worker_id))
            await store.save(connection, [left])
            entry = reach.entry("worker_left", caller, left)
            await append_audit(connection, [entry], service.clock())
        return _told(left, reach.section(service, caller, left.authority), [])

    @routes.post("/v1/workers/{worker_id}/absences", status_code=201)
    async def away(
        caller: Annotated[Caller, Depends(KEEPERS)], worker_id: UUID, body: AbsenceBody
    ) -> Mapping[str, Any]:
        """Note that somebody is away: they are asked for nothing on these days. The same first day
        again moves the last."""
        async with database.transaction() as connection:
            found = await reach.worker(connection, caller, worker_id, lock=True)
            noted = domain.absence(found, body.first_day, body.last_day)
            await store.save_absence(connection, found.authority, noted)
            entry = reach.entry("absence_noted", caller, found)
            await append_audit(connection, [entry], service.clock())
        return {"worker_id": worker_id, **body.model_dump()}

    @routes.delete("/v1/workers/{worker_id}/absences/{first_day}", status_code=204)
    async def back(
        caller: Annotated[Caller, Depends(KEEPERS)], worker_id: UUID, first_day: date
    ) -> None:
        """Take an absence back."""
        async with database.transaction() as connection:
            found = await reach.worker(connection, caller, worker_id, lock=True)
            if not await store.drop_absence(connection, worker_id, first_day):
                raise NotFound("absence_not_found", "There is no absence from that day.")
            await offers.wake(connection, found.authority, [found.team], service.clock())
            entry = reach.entry("absence_taken_back", caller, found)
            await append_audit(connection, [entry], service.clock())

    return routes


def _told(one: Worker, section: AllocationSection, away: list[domain.Absence]) -> dict[str, Any]:
    team = section.teams.get(one.team)
    return {
        "id": one.worker_id,
        "authority": one.authority,
        "code": one.code,
        "name": one.name,
        "agency": one.agency,
        "team": one.team,
        "team_name": team.name if team else one.team,
        "skills": one.skills,
        "localities": one.localities,
        "wards": one.wards,
        "school_clusters": one.school_clusters,
        "hours": one.hours,
        "capacity": section.caseload.capacity(one.hours),
        "leads_up_to": one.leads_up_to,
        "staff_id": one.staff_id,
        "organisation_id": one.organisation_id,
        "absences": [{"first_day": each.first_day, "last_day": each.last_day} for each in away],
        "left_on": one.left_on,
        "version": one.version,
    }


def _kept(caller: Caller, authority: str, done: registering.Registered) -> AuditEntry:
    details = {
        "registered": [str(done.workers[code].worker_id) for code in done.new],
        "changed": [str(done.workers[code].worker_id) for code in done.changed],
    }
    return AuditEntry("workers_registered", caller, authority, None, details)
