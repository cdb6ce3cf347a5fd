"""How soon a slow telephone shows a page for the first time, nothing of it kept from before.

The telephone is Chromium at 390 pixels, its processor slowed to a quarter, behind a connection of
1.6 megabits a second with 150 ms from asking to answer: what Lighthouse calls a slow 4G telephone.
"""

from collections.abc import Sequence
from typing import Any

import httpx2
from playwright.async_api import Browser, async_playwright

from bench.families import milliseconds

TIMES = 5
AIM_MS = 1000.0
SLOWER = 4
BITS_A_SECOND = 1_600_000
ROUND_TRIP_MS = 150
CHROMIUM = "/usr/bin/chromium-headless-shell"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


async def first_views(signed_in: httpx2.AsyncClient, paths: Sequence[str]) -> list[dict[str, Any]]:
    """A line for each page: when it was first painted, in milliseconds after it was asked for."""
    found = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for path in paths:
            waits = [await _view(browser, signed_in, path) for _ in range(TIMES)]
            p50 = milliseconds(waits, 50)
            found.append(
                {
                    "bench": "console",
                    "subject": f"first view of {path.split('/')[1] or 'the start'}",
                    "edition": "single",
                    "times": TIMES,
                    "p50_ms": p50,
                    "most_ms": milliseconds(waits, 100),
                    "aim_ms": AIM_MS,
                    "met": p50 <= AIM_MS,
                }
            )
        await browser.close()
    return found


async def _view(browser: Browser, signed_in: httpx2.AsyncClient, path: str) -> float:
    """Seconds until a page was painted in a browser that has seen nothing yet."""
    base = str(signed_in.base_url).rstrip("/")
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    await context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": base} for one in signed_in.cookies.jar]
    )
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": BITS_A_SECOND / 8,
            "uploadThroughput": BITS_A_SECOND / 16,
        },
    )
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.goto(base + path)
    await page.wait_for_function(f"{PAINTED} > 0")
    painted: float = await page.evaluate(PAINTED)
    await context.close()
    return painted / 1000
