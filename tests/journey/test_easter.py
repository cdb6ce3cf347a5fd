"""Allocation as it was asked for: a Green referral on the Thursday before Easter, from the school to
the scorecard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from frontdoor.house import House
from policy.announced import EVERYWHERE, Announced
from policy.loading import PackSet, load_packs
from tests.journey.forms import attendance, child
from tests.journey.living import Living, read
from tests.journey.test_leading import post

THURSDAY = datetime(2026, 4, 2, 14, tzinfo=UTC)
"""15:00 in England."""
BLOXWICH = "Bloxwich Invention Primary"
CLUSTERS = {"north": ["north_bloxwich"], "south": ["south_sampleton"]}
AUDITED = """
SELECT details ->> 'because' FROM allocation.audit_entry
 WHERE action = 'clock_recalculated' AND referral_id = %s::uuid
"""


async def worker(home: Living, code: str, place: str, agency: str = "early_help") -> str:
    """Somebody of a place's team who works with its schools."""
    body = {
        "name": f"{code} Testwell", "agency": agency, "team": f"early_help_{place}",
        "skills": ["early_help"], "school_clusters": CLUSTERS[place], "hours": 37,
        "leads_up_to": 3,
    }  # fmt: skip
    who = home.staff("coordinator", "walsall")
    kept = await home.http.put(f"/v1/workers/walsall/{code}", json=body, headers=who)
    return str(read(kept)["id"])


@asynccontextmanager
async def restarted(home: Living, policy: PackSet) -> AsyncIterator[None]:
    """The house with other packs, as after the operator started it again."""
    first, http = home.house, home.http
    await first.stop()
    again = House(replace(first.parts, policy=policy))
    await again.open()
    transport = httpx2.ASGITransport(app=again.app())
    again.start()
    try:
        async with httpx2.AsyncClient(transport=transport, base_url=str(http.base_url)) as client:
            home.house, home.http = again, client
            yield
    finally:
        home.house, home.http = first, http
        await again.close()


async def test_from_the_thursday_before_easter_to_the_scorecard(home: Living) -> None:
    home.clock.now = THURSDAY
    who, manager = (home.staff(role, "walsall") for role in ("coordinator", "manager"))
    visitor = await worker(home, "HV-1", "north", "health_visitor")
    await worker(home, "EH-2", "south")
    school = await home.partner()
    # The address is in the south; in Walsall the school goes before it.
    away = {"lines": ["4 Sample Court"], "postcode": "WS1 9ZA"}
    told = await home.refer(
        school, attendance(authority="walsall", children=[child(school=BLOXWICH, address=away)])
    )
    case = await home.rated(told["id"], manager)
    assert case["suggestion"]["rag"] == "green"
    children = [
        {"child_id": one["child_id"], "rag": "green", "outcome": "locality_panel"}
        for one in case["children"]
    ]
    decided = await home.decide(case, manager, children=children, rag="green")
    assert decided.status_code == 201, decided.text

    async def clock() -> dict[str, Any]:
        clocks = await home.listed("/v1/clocks", told["id"], home.staff("manager", "walsall"))
        return next(
            (one for one in clocks if one["name"] == "lead_professional_allocated"), {"due_at": ""}
        )

    allocated = await home.until(clock, lambda one: bool(one["due_at"]))
    assert allocated["due_at"].startswith("2026-04-13T14:00")
    assert "Good Friday" in allocated["explanation"]
    assert "Easter Monday" in allocated["explanation"]

    days = Announced.model_validate({"bank_holidays": {"2026-04-08": "National day of thanks"}})
    async with restarted(home, load_packs(authorities=["walsall"], announced={EVERYWHERE: days})):
        moved = await home.until(clock, lambda one: one["due_at"] > allocated["due_at"])
        assert moved["due_at"].startswith("2026-04-14T14:00")
        assert "National day of thanks" in moved["explanation"]
        assert ("calendar",) in home.query(AUDITED, told["id"])

        async def asked(count: int) -> list[dict[str, Any]]:
            async def ask() -> list[dict[str, Any]]:
                held = await home.listed("/v1/allocations", told["id"], who)
                return [one for one in held if one["worker_id"]]

            return await home.until(ask, lambda found: len(found) == count)

        (first,) = await asked(1)
        assert (first["worker_id"], first["rule"]) == (visitor, "school_cluster")
        helper = await worker(home, "EH-1", "north")
        path = f"/v1/allocations/{first['id']}"
        said = {"reason": "no_room", "note": "Too many babies this month."}
        assert (await home.http.post(f"{path}/decline", json=said, headers=who)).status_code == 201
        _, second = await asked(2)
        assert (second["worker_id"], second["rule"]) == (helper, "school_cluster")
        path = f"/v1/allocations/{second['id']}/acceptance"
        assert (await home.http.post(path, headers=who)).status_code == 201

        chair = home.staff("panel_chair", "walsall")

        async def listed() -> str:
            items = read(await home.http.get("/v1/panels", headers=chair))["items"]
            (north,) = [one for one in items if one["panel"] == "panel_north"]
            return next((one["held_on"] for one in north["meetings"] if one["items"]), "")

        on = await home.until(listed, bool)
        meeting = f"/v1/panels/walsall/panel_north/meetings/{on}"
        (item,) = read(await home.http.get(meeting, headers=chair))["items"]
        assert item["thematic"] is False
        while home.clock().date().isoformat() < on:
            home.clock.forward(timedelta(days=1))
        chair = home.staff("panel_chair", "walsall")
        there = {"attended": ["school", "police", "housing"]}
        await home.http.put(f"{meeting}/attendance", json=there, headers=chair)
        await post(home, f"/v1/panels/items/{item['id']}/outcome", chair, outcome="support_agreed")
        await home.settled()
        figures = await home.http.get("/v1/scorecard", headers=home.staff("analyst", "walsall"))
        counted = {
            (one["measure"], one["category"]): (one["count"], one["total"])
            for one in read(figures)["items"]
        }
        assert counted["lead_in_time", None] == (1, 1)
        assert counted["panel_outcome", "support_agreed"] == (1, 1)
