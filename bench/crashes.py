"""Processes that die at chosen points, or at any moment, while referrals go on."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.house import LOOK_EVERY_SECONDS
from bench.site import Flow, Site, brought_up
from chassis.stream.faults import Point

REACHED_WITHIN_SECONDS = 45.0

KERNEL = (
    Point.EVENTS_READ, Point.CASES_LOCKED, Point.FOLDED, Point.SAVED, Point.SETTLED,
    Point.APPENDED, Point.COMMITTED,
)  # fmt: skip
RELAY = (
    Point.RELAY_LOCKED, Point.RELAY_READ, Point.RELAY_SENT, Point.RELAY_ACKNOWLEDGED,
    Point.RELAY_CURSOR_MOVED, Point.RELAY_COMMITTED,
)  # fmt: skip
SOURCE = (Point.OFFSETS_MIRRORED,)


@dataclass(frozen=True, slots=True)
class Death:
    """Where a process is to die: at the nth passing of a point."""

    point: Point
    nth: int = 1

    @property
    def said(self) -> str:
        return f"{self.point}:{self.nth}:die"


async def die(site: Site, name: str, deaths: Sequence[Death]) -> list[Death]:
    """Have a process die at each of these points, one life after the other, and live again.
    Returns the deaths that came; a point that was not reached in time is given up."""
    came = []
    for death in deaths:
        if site.ended(name) is None:
            site.kill(name)
        site.start(name, FAULT_AT=death.said)
        if await _ended(site, name):
            came.append(death)
    if site.ended(name) is None:
        site.kill(name)
    await brought_up(site, name)
    return came


async def die_at_random(site: Site, flow: Flow, referrals: int, every: float, seed: int) -> int:
    """`kill -9` of a process taken at random, about `every` seconds, until so many referrals more
    were decided. How many kills."""
    chance = random.Random(seed)
    done = asyncio.create_task(flow.pass_by(referrals))
    kills = 0
    while not done.done():
        await asyncio.wait([done], timeout=every * chance.uniform(0.5, 1.5))
        name = chance.choice(site.names)
        site.kill(name)
        kills += 1
        site.start(name)
        if len(site.names) == 1:
            # Else nothing would ever get done.
            await site.ready(name)
    await done
    for name in site.names:
        await site.ready(name)
    return kills


async def _ended(site: Site, name: str) -> bool:
    try:
        async with asyncio.timeout(REACHED_WITHIN_SECONDS):
            while site.ended(name) is None:
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    except TimeoutError:
        return False
    return True


async def together(site: Site, plan: Mapping[str, Sequence[Death]]) -> dict[str, list[Death]]:
    """Have several processes die at their points at the same time. Which deaths came, by name."""
    came = await asyncio.gather(*(die(site, name, deaths) for name, deaths in plan.items()))
    return dict(zip(plan, came, strict=True))
