"""Clocks over HTTP: what falls due soon, for whom."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from chassis.identity import Caller, staff
from chassis.restriction import seer_of
from chassis.stream.kernel import Kernel
from policy.loading import PackSet
from policy.working_time import LONDON, Calendar, closes_next, opens_next
from services.allocation.clocks import store
from services.allocation.domain import Case

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def router(kernel: Kernel[Case]) -> APIRouter:
    """What staff call."""
    routes = APIRouter(tags=["clocks"])
    service = kernel.service

    @routes.get("/v1/clocks/forecast")
    async def forecast(caller: Annotated[Caller, Depends(staff())]) -> Mapping[str, Any]:
        """How many running clocks fall due in the next hour, this shift and the next 24 hours, by
        team and clock. The shift ends when the hub closes, or opens again; `overdue` is what ran
        out and nobody has stopped. A referral that nobody holds is the hub's own team's."""
        now = service.clock()
        found = []
        async with service.database.connection() as connection:
            for authority in sorted(caller.authorities & service.policy.packs.keys()):
                until = _shift(service.policy, authority, now)
                rows = await store.forecast(
                    connection, authority, now, now + HOUR, until, now + DAY, seer_of(caller, now)
                )
                found.append(_authority(service.policy, authority, until, rows))
        return {"at": now, "items": found}

    return routes


def shift_ends(calendar: Calendar, now: datetime) -> datetime:
    """When the hub closes, or while it is closed opens again. In UTC."""
    return closes_next(calendar, now) or opens_next(calendar, now)


def _shift(policy: PackSet, authority: str, now: datetime) -> datetime:
    version = policy.packs[authority][-1].version
    return shift_ends(policy.calendar(authority, version, now.astimezone(LONDON).date()), now)


def _authority(
    policy: PackSet, authority: str, until: datetime, rows: list[Mapping[str, Any]]
) -> Mapping[str, Any]:
    section = policy.packs[authority][-1].allocation
    teams: dict[str, dict[str, Any]] = {}
    for row in rows:
        code = row["team"] or section.otherwise
        named = section.teams.get(code) or section.panels.get(code)
        team = teams.setdefault(
            code,
            {
                "team": code,
                "name": named.name if named else code,
                "overdue": 0,
                "hour": 0,
                "shift": 0,
                "day": 0,
                "clocks": {},
            },
        )
        counts = {name: row[name] for name in ("overdue", "hour", "shift", "day")}
        for name, count in counts.items():
            team[name] += count
        held = team["clocks"].setdefault(row["name"], dict.fromkeys(counts, 0))
        team["clocks"][row["name"]] = {name: held[name] + counts[name] for name in counts}
    return {
        "authority": authority,
        "shift_ends_at": until,
        "teams": sorted(teams.values(), key=lambda one: (-one["hour"], -one["day"], one["team"])),
    }
