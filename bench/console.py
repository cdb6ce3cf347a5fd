"""The console's pages with many referrals stored, and 200 queues open at once.

    python -m bench.console [--stored 1000000] [--seconds 30]

Some referrals go through a real house, one in twenty of them undecided; the console's read model is
then copied in bulk under new ids (bench.copies), which makes 50,000 open ones of a million. Somebody
who has signed in asks for pages at a fixed rate, whatever became of those before; times are from
asking to the last byte. Then many hold the queue open as a browser does: each hears the doorbell,
waits its moment and fetches the list, and what is measured is from the answer to a post until the
new referral stands in it. In the end a slow telephone looks at three pages (bench.first_view).
"""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import click
import httpx2
import uvloop

from bench.copies import fill_console
from bench.families import AWAY, milliseconds
from bench.first_view import first_views
from bench.house import house
from bench.people import People, forms

TEMPLATES = 200
OPEN_ONE_IN = 20
PER_SECOND = 20.0
OPEN_QUEUES = 200
AUTHORITY = "warwickshire"

QUEUE_AIM_MS = 100.0
REFERRAL_AIM_MS = 150.0
HEARD_AIM_SECONDS = 2.0

# Where a new referral stands on top.
NEWEST_FIRST = {"state": "all"}

# How long a page waits after the bell before it asks (services/console/frontend/scripts/live.js).
SETTLE_SECONDS = (0.7, 1.05)
HEARD_WITHIN = 90.0

FIELD = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
REVISION = re.compile(r'data-revised="(\d+)"')
FURTHER = re.compile(r'href="(/queue\?[^"]*after=[^"]+)" rel="next"')


@asynccontextmanager
async def signed_in(url: str, username: str, password: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser's session."""
    headers = {"Origin": url, "Sec-Fetch-Site": "same-origin"}
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(
        base_url=url, headers=headers, timeout=60, limits=limits
    ) as browser:
        page = await browser.get("/sign-in")
        typed = {**dict(FIELD.findall(page.text)), "username": username, "password": password}
        answer = await browser.post("/sign-in", data=typed)
        if answer.status_code != 303:
            raise click.ClickException(f"Signing in: {answer.status_code}")
        yield browser


async def paced(
    browser: httpx2.AsyncClient, paths: Sequence[str], seconds: float
) -> tuple[list[float], int]:
    """How long each answer took, in seconds, at 20 requests a second; and how often the house was
    too busy for one."""
    waits: list[float] = []
    refused = 0

    async def ask(path: str) -> None:
        nonlocal refused
        began = time.perf_counter()
        answer = await browser.get(path)
        waits.append(time.perf_counter() - began)
        if answer.status_code == AWAY:
            refused += 1
        else:
            answer.raise_for_status()

    began = time.perf_counter()
    async with asyncio.TaskGroup() as everybody:
        for number in range(round(seconds * PER_SECOND)):
            wait = began + number / PER_SECOND - time.perf_counter()
            await asyncio.sleep(max(0.0, wait))
            everybody.create_task(ask(paths[number % len(paths)]))
    return waits, refused


async def watch(
    browser: httpx2.AsyncClient, listening: asyncio.Semaphore, wanted: asyncio.Future[str]
) -> float:
    """Hold a queue open until the referral of that id stands in it; when that was."""
    heard = ""
    async with browser.stream("GET", "/queue/events") as bell:
        bell.raise_for_status()
        listening.release()
        async for line in bell.aiter_lines():
            said, _, number = line.partition(":")
            if said != "data" or number.strip() == heard:
                continue
            await asyncio.sleep(random.uniform(*SETTLE_SECONDS))
            fragment = (await browser.get("/queue/fragment", params=NEWEST_FIRST)).text
            when = time.perf_counter()
            if await wanted in fragment:
                return when
            heard = REVISION.search(fragment)[1]  # type: ignore[index]
    raise click.ClickException("The bell fell silent.")


def figures(
    subject: str, waits: Sequence[float], aim_ms: float, refused: int = 0, **more: Any
) -> dict[str, Any]:
    """What some waits come to."""
    p95 = milliseconds(waits, 95)
    return {
        "bench": "console",
        "subject": subject,
        "edition": "single",
        **more,
        "requests": len(waits),
        "refused": refused,
        "p50_ms": milliseconds(waits, 50),
        "p95_ms": p95,
        "p99_ms": milliseconds(waits, 99),
        "aim_p95_ms": aim_ms,
        "met": p95 <= aim_ms and not refused,
    }


async def run(stored: int, seconds: float) -> bool:
    """Print the figures. Whether all aims were met."""
    with house(smtp=None) as one:
        await one.up()
        async with People(one.url, one.credentials) as people:
            undecided = await lived_in(people)
            await asyncio.to_thread(fill_console, one.owner_url, stored)
            password = people.password(f"practitioner.{AUTHORITY}")
            async with signed_in(one.url, f"practitioner.{AUTHORITY}", password) as browser:
                found = [
                    await pages(browser, stored, seconds),
                    await referrals(browser, undecided, seconds),
                    await open_queues(people, browser),
                ]
                paths = ("/queue", f"/referrals/{undecided[0]}", "/refer")
                found += [said(one) for one in await first_views(browser, paths)]
    return all(figures["met"] for figures in found)


async def lived_in(people: People) -> list[str]:
    """Post, and decide but one in twenty; those of the authority that are open."""
    posted = [await people.post(number) for number in range(TEMPLATES)]
    waiting = set(posted[::OPEN_ONE_IN])
    for referral_id in posted:
        if referral_id not in waiting:
            await people.decide(referral_id)
    own = [one for one in posted if people.told.posted[one] == AUTHORITY]
    return [one for one in own if one in waiting] or own[:1]


async def pages(browser: httpx2.AsyncClient, stored: int, seconds: float) -> dict[str, Any]:
    """The queue: its first page, filters, and pages further on."""
    first = await browser.get("/queue")
    after = FURTHER.search(first.text)
    if after is None:
        raise click.ClickException("The queue has one page alone.")
    states = ("out_of_hours", "to_allocate", "overdue", "decided", "all")
    paths = ["/queue", "/queue?rag=red", after[1].replace("&amp;", "&")]
    paths += [f"/queue?state={state}" for state in states]
    await paced(browser, paths, 2)
    waits, refused = await paced(browser, paths, seconds)
    more = {"stored": stored, "kinds": len(paths), "a_second": PER_SECOND}
    return said(figures("queue", waits, QUEUE_AIM_MS, refused, **more))


async def referrals(
    browser: httpx2.AsyncClient, undecided: Sequence[str], seconds: float
) -> dict[str, Any]:
    """The page of one referral."""
    paths = [f"/referrals/{one}" for one in undecided]
    await paced(browser, paths, 2)
    waits, refused = await paced(browser, paths, seconds)
    return said(figures("referral", waits, REFERRAL_AIM_MS, refused, a_second=PER_SECOND))


async def open_queues(people: People, browser: httpx2.AsyncClient) -> dict[str, Any]:
    """A new referral among 200 open queues."""
    listening = asyncio.Semaphore(0)
    wanted: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    watching = [asyncio.create_task(watch(browser, listening, wanted)) for _ in range(OPEN_QUEUES)]
    for _ in watching:
        await listening.acquire()
    own = (at for at, (_, form) in enumerate(forms()) if form["authority"] == AUTHORITY)
    wanted.set_result(await people.post(next(own) + people.kinds * TEMPLATES))
    posted = time.perf_counter()
    async with asyncio.timeout(HEARD_WITHIN):
        seen = await asyncio.gather(*watching)
    waits = [when - posted for when in seen]
    return said(figures("open queues", waits, HEARD_AIM_SECONDS * 1000, open=OPEN_QUEUES))


def said(found: dict[str, Any]) -> dict[str, Any]:
    """Print, and give back."""
    print(json.dumps(found), flush=True)
    return found


@click.command()
@click.option("--stored", default=1_000_000, show_default=True)
@click.option("--seconds", default=30.0, show_default=True)
def main(stored: int, seconds: float) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        well = runner.run(run(stored, seconds))
    if not well:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
