"""What a service is given to run with, and what it hands back: the shapes of every bootstrap."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
from fastapi import APIRouter

from chassis.audit import Sealer
from chassis.change import Ids
from chassis.clock import Clock
from chassis.database import Connection, Database
from chassis.identity import SigningKey
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.consumer import Consumer
from chassis.stream.faults import Faults, no_faults
from chassis.stream.gauges import Gauges
from chassis.stream.kernel import Kernel
from chassis.stream.port import EventSource
from chassis.telemetry import logs, metrics
from chassis.vault import KeyRing
from policy.loading import PackSet

Loop = Callable[[], Awaitable[None]]
SourceOf = Callable[[Database, str, tuple[str, ...]], EventSource]

RESTART_SECONDS = 1.0

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Resources:
    """The real parts of one service. `reads` reaches the other services, in-process on a single
    machine; `source_of` opens the event stream for a consumer of some event types."""

    settings: Settings
    database: Database
    source: str
    policy: PackSet
    clock: Clock
    ring: KeyRing
    signing: SigningKey
    bell: Bell
    reads: httpx2.AsyncClient
    source_of: SourceOf
    ids: Ids = new_id
    faults: Faults = no_faults

    def for_kernel(self) -> dict[str, Any]:
        """What every service's kernel gets as it is."""
        return {
            "source": self.source,
            "database": self.database,
            "policy": self.policy,
            "clock": self.clock,
            "ids": self.ids,
            "bell": self.bell,
            "faults": self.faults,
        }


Watched = Callable[[Connection, datetime], Awaitable[Mapping[str, Any]]]
"""Figures by name, at a time in UTC."""


async def nothing_more(connection: Connection, now: datetime) -> Mapping[str, Any]:
    """What a service tells that has nothing of its own to watch."""
    del connection, now
    return {}


@dataclass(frozen=True, slots=True)
class Running:
    """A service, wired. `loops` are its own beside those that every service has; `internal` is
    never routed from outside; `watched` is what an operator wants to know beside what every service
    tells."""

    name: str
    kernel: Kernel[Any]
    source: EventSource
    routers: tuple[APIRouter, ...]
    internal: tuple[APIRouter, ...] = ()
    loops: tuple[Loop, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    watched: Watched = nothing_more


def loops_of(running: Running) -> dict[str, Loop]:
    """Everything that has to run for a service, by name: what all have, and its own."""
    service = running.kernel.service
    own = {f"{running.name} {place}": loop for place, loop in enumerate(running.loops, 1)}
    return {
        f"{running.name} commands": running.kernel.run_commands,
        f"{running.name} consumer": Consumer(running.kernel, running.source).run,
        f"{running.name} sealer": Sealer(service.database, service.clock).run,
        f"{running.name} gauges": Gauges(running.kernel, running.source).run,
        **own,
    }


async def keep_running(name: str, loop: Loop) -> None:
    """Run `loop` until cancelled. One that fails is logged and started again: a queue that stands
    still without anybody knowing is worse than a repeated fault."""
    while True:
        try:
            await loop()
        except Exception:
            metrics.LOOP_FAULTS.labels(name).inc()
            log.exception("loop_fault", loop=name)
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # It failed of being cut off.
                raise asyncio.CancelledError from None
        await asyncio.sleep(RESTART_SECONDS)
