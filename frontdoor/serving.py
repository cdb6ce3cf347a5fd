"""Serving the single-machine edition: PostgreSQL, the house, the web server, and a clean stop."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import uvicorn
import uvloop
from fastapi import FastAPI

from chassis.clock import Clock, system_clock
from chassis.settings import Settings
from chassis.stream.faults import Faults, no_faults
from chassis.telemetry import logs, traces
from frontdoor import memory
from frontdoor.accounts import Passwords, ensure_accounts
from frontdoor.house import House, Parts
from frontdoor.installation import CALENDAR, Installation
from frontdoor.web import web_server
from policy.loading import PackSet, load_packs
from policy.readiness import make_ready

log = logs.get_logger(__name__)

Beside = Callable[[House], Awaitable[None]]
"""Something that runs beside the house while it is served; when it returns, the house stops."""


@dataclass(frozen=True, slots=True)
class Serve:
    """How to serve. `extend` adds routes that only a demonstration has; `clock` and `faults` are
    others than usual in trials alone."""

    installation: Installation
    settings: Settings
    host: str
    port: int
    beside: Beside | None = None
    extend: Callable[[FastAPI], None] | None = None
    clock: Clock = system_clock
    faults: Faults = no_faults


def serve(how: Serve) -> None:
    """Serve until SIGTERM, SIGINT, or `beside` returns. PostgreSQL is stopped at the end, also
    after a failure."""
    passwords = None
    try:
        policy = load_packs(
            how.settings.packs,
            how.settings.authorities or None,
            how.settings.calendar or how.installation.folder / CALENDAR,
        )
        if not how.installation.credentials.exists():
            # The first start: PostgreSQL is made meanwhile.
            passwords = Passwords(policy.authorities)
        urls = how.installation.start()
        traces.configure(
            "frontdoor",
            endpoint=how.settings.otlp_endpoint,
            environment=how.settings.environment,
        )
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(how, urls, policy, passwords))
    finally:
        if passwords is not None:
            passwords.close()
        how.installation.stop()


async def _serve(
    how: Serve, urls: dict[str, str], policy: PackSet, passwords: Passwords | None
) -> None:
    file = how.installation.ring_file()
    ring = file.load_or_create()
    ring.again = file.load
    house = House(
        Parts(
            how.settings.model_copy(update={"erasures": how.installation.erasures}),
            urls,
            policy,
            ring,
            clock=how.clock,
            faults=how.faults,
        )
    )
    getting_ready = asyncio.create_task(asyncio.to_thread(make_ready, policy, house.parts.clock()))
    await house.open()
    await ensure_accounts(house, how.installation, policy.authorities, passwords)
    app = house.app()
    if how.extend:
        how.extend(app)
    await getting_ready
    memory.settle()
    server = web_server(app, how.host, how.port, lifespan=True)

    def stop() -> None:
        house.hang_up()
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    async with _alongside(how.beside, house, server, stop):
        await server.serve()


@contextlib.asynccontextmanager
async def _alongside(
    beside: Beside | None, house: House, server: uvicorn.Server, stop: Callable[[], None]
) -> AsyncIterator[None]:
    if beside is None:
        yield
        return

    async def run() -> None:
        while not server.started:
            await asyncio.sleep(0.05)
        try:
            await beside(house)
        finally:
            stop()

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        if not task.done():
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
