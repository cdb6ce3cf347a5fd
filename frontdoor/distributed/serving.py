"""Serving one service: two ports, its loops, and a clean stop at SIGTERM."""

import asyncio
import signal

import uvloop

from chassis.clock import Clock, system_clock
from chassis.stream.faults import Faults, no_faults
from chassis.telemetry import logs, traces
from chassis.vault import RingFile, key_service_of
from frontdoor import memory
from frontdoor.distributed.service import OneService, Parts
from frontdoor.distributed.settings import ServiceSettings
from frontdoor.distributed.stream import Stream
from frontdoor.web import web_server
from policy.loading import load_packs
from policy.readiness import make_ready

log = logs.get_logger(__name__)


def serve(
    name: str,
    settings: ServiceSettings,
    stream: Stream,
    *,
    clock: Clock = system_clock,
    faults: Faults = no_faults,
) -> None:
    """Serve until SIGTERM or SIGINT; `clock` and `faults` are others than usual in trials alone.
    Raises FileNotFoundError without a key ring, KeyServiceAway where its keys stay wrapped."""
    file = RingFile(settings.keyring, key_service_of(settings))
    ring = file.load()
    ring.again = file.load
    policy = load_packs(settings.packs, settings.authorities or None, settings.calendar)
    traces.configure(
        f"frontdoor-{name}",
        endpoint=settings.otlp_endpoint,
        environment=settings.environment,
        system="kafka",
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(Parts(name, settings, policy, ring, stream, clock=clock, faults=faults)))


async def _serve(parts: Parts) -> None:
    settings = parts.settings
    service = OneService(parts)
    outside = web_server(
        service.outside,
        settings.host,
        settings.port,
        lifespan=False,
        trusted_proxies=settings.trusted_proxies,
    )
    inside = web_server(service.inside, settings.host, settings.internal_port, lifespan=False)
    make_ready(parts.policy, parts.clock(), reads=parts.name == "intake")
    memory.settle()
    starting = asyncio.create_task(service.start())

    def stop() -> None:
        service.hang_up()
        outside.should_exit = inside.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    # A start that fails for good ends the process, so that somebody notices.
    starting.add_done_callback(lambda done: stop() if _failed(done) else None)
    try:
        await asyncio.gather(outside.serve(), inside.serve())
    finally:
        starting.cancel()
        await asyncio.wait([starting])
        await service.stop()
    if _failed(starting):
        starting.result()


def _failed(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is not None
