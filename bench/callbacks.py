"""How long a healthy partner waits for its call while many others are slow or dead.

    python -m bench.callbacks --bad 500 --news 40

News of one organisation is committed every half a second; a healthy endpoint and `--bad` others are
called about each. The endpoints are in this process, so its CPU is theirs too. `p50_ms` and `max_ms`
are from the commit of the news to the arrival of the call about it at the healthy endpoint; the first
subject has no bad endpoints, and `delayed_ms` is how much longer than its median the slowest call of
another took. Where that is more than a second the run ends with 1.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import uvloop

from bench.kernel import copied, posted
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream import store as stream
from chassis.stream.port import Received
from chassis.vault import Vault
from frontdoor.accounts import ensure_accounts
from frontdoor.house import House, Parts
from frontdoor.installation import Installation
from policy.loading import load_packs
from services.notifications.callbacks.domain import Callback
from services.notifications.callbacks.signing import new_secret
from services.notifications.callbacks.store import CallbackStore

EVERY_SECONDS = 0.5
PATIENCE_SECONDS = 30.0
MOST_DELAYED_MS = 1000.0
FORGET = "DELETE FROM callback"
SUBJECTS = ("none", "hang", "fail", "refuse")


@dataclass
class Endpoints:
    """All endpoints, told apart by their path. The bad ones never answer, or answer 500."""

    manner: str = "hang"
    good: dict[str, float] = field(default_factory=dict)
    bad: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def start(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                if head.startswith(b"POST /good"):
                    referral_id = json.loads(body)["data"]["referral_id"]
                    self.good.setdefault(referral_id, time.perf_counter())
                    self.arrived.set()
                    writer.write(b"HTTP/1.1 204 Taken\r\n\r\n")
                    continue
                self.bad += 1
                if self.manner == "hang":
                    await reader.read()
                    return
                writer.write(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def subscribe(
    house: House, store: CallbackStore, organisation_id: UUID, urls: list[str]
) -> None:
    """Call-backs of an organisation about everything, in place of those that it had."""
    now = house.parts.clock()
    async with house.databases["notifications"].transaction() as connection:
        await connection.execute(FORGET)
        for url in urls:
            one = Callback(new_id(), organisation_id, "bench", url, ("received",), 1, now)
            await store.add(connection, one, new_secret())


async def subject(
    append: Callable[[], Awaitable[str]], endpoints: Endpoints, news: int
) -> dict[str, Any]:
    """Commit news, and see when the healthy endpoint hears of each."""
    endpoints.bad = 0
    took = []
    for _ in range(news):
        referral_id = await append()
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while referral_id not in endpoints.good:
                endpoints.arrived.clear()
                await endpoints.arrived.wait()
        took.append((endpoints.good[referral_id] - began) * 1000)
        await asyncio.sleep(EVERY_SECONDS)
    return {
        "news": news,
        "p50_ms": round(statistics.median(took), 1),
        "max_ms": round(max(took), 1),
        "bad_calls": endpoints.bad,
    }


async def measure(folder: Path, bad: int, news: int) -> bool:
    """Measure and print. Whether the healthy endpoint was never delayed by more than a second."""
    installation = Installation.at(folder)
    policy = load_packs()
    settings = Settings(local_accounts=True, callback_networks=(ip_network("127.0.0.0/8"),))
    parts = Parts(settings, installation.start(), policy, installation.ring())
    house = House(parts)
    try:
        await house.open()
        await ensure_accounts(house, installation, policy.authorities)
        known: list[Received] = (await posted(house, installation, brief=True))[:1]
        organisation_id = UUID(json.loads(known[0].body)["data"]["organisation_id"])
        store = CallbackStore(Vault("notifications", parts.ring))
        endpoints = Endpoints()
        await endpoints.start()
        house.start()
        here = f"http://127.0.0.1:{endpoints.port}"

        async def append() -> str:
            event = copied(known[0])
            async with house.databases["intake"].transaction() as connection:
                await stream.append(connection, [event])
            house.bell.ring()
            return str(event.referral_id)

        usual = worst = 0.0
        for manner in SUBJECTS:
            endpoints.manner = manner
            dead = "http://127.0.0.1:1" if manner == "refuse" else here
            others = [] if manner == "none" else [f"{dead}/bad/{one}" for one in range(bad)]
            await subscribe(house, store, organisation_id, [*others, f"{here}/good"])
            figures = await subject(append, endpoints, news)
            if others:
                figures["delayed_ms"] = round(max(0.0, figures["max_ms"] - usual), 1)
                worst = max(worst, figures["delayed_ms"])
            else:
                usual = figures["p50_ms"]
            print(
                json.dumps(
                    {
                        "bench": "callbacks",
                        "subject": manner,
                        "edition": "single",
                        "bad": len(others),
                        **figures,
                    }
                ),
                flush=True,
            )
        return worst <= MOST_DELAYED_MS
    finally:
        await house.close()
        installation.stop()


@click.command()
@click.option("--bad", default=500, show_default=True, help="Endpoints that are slow or dead.")
@click.option("--news", default=20, show_default=True, help="How much news each subject has.")
def main(bad: int, news: int) -> None:
    with tempfile.TemporaryDirectory(prefix="frontdoor-callbacks-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            well = runner.run(measure(folder, bad, news))
    if not well:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
