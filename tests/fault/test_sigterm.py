"""SIGTERM ends the house cleanly, whoever is still listening."""

import time

import httpx2

from bench.house import HouseProcess
from bench.people import People
from tests.fault.looking import signed_in

WITHIN_SECONDS = 10.0


async def test_it_stops_with_its_postgresql_although_a_queue_is_open(
    one: HouseProcess, people: People
):
    async with (
        signed_in(people, "practitioner.warwickshire") as browser,
        browser.stream("GET", "/queue/events") as listening,
    ):
        assert listening.status_code == 200
        began = time.perf_counter()
        one.ask_to_stop()
        try:
            async for _ in listening.aiter_lines():
                pass
        except httpx2.TransportError:
            pass
        assert await one.stopped(within=WITHIN_SECONDS) == 0
    assert time.perf_counter() - began < WITHIN_SECONDS
    assert not one.postgres.running()
