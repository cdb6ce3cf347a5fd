"""What both editions do alike: wire a service, run its loops, and stop them in order."""

import asyncio
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass, replace

import httpx2
from fastapi import APIRouter

from chassis.clock import Clock
from chassis.database import Database
from chassis.erasing import Listing, Tombstones, replay
from chassis.identity import SigningKey, service_token
from chassis.ids import new_id
from chassis.running import Loop, Resources, Running, SourceOf, keep_running
from chassis.settings import Settings
from chassis.stream import internal
from chassis.stream import store as stream_store
from chassis.stream.bell import Bell
from chassis.stream.faults import Faults, no_faults
from chassis.telemetry import logs, traces
from chassis.vault import KeyRing, Rewrapping
from frontdoor.catalogue import builder
from policy.loading import PackSet

READ_SECONDS = 10
# More than a sender takes to bring its conversations to their end.
AGAIN_SECONDS = 6.0

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wiring:
    """What every service of a process is wired with."""

    settings: Settings
    policy: PackSet
    clock: Clock
    ring: KeyRing
    signing: SigningKey
    bell: Bell
    source_of: SourceOf
    faults: Faults = no_faults

    async def wire(self, name: str, database: Database, reads: httpx2.AsyncClient) -> Running:
        """The service on its open database, from which all is erased that was erased before it was
        restored. Raises DatabaseAway."""
        async with database.connection() as connection:
            epoch = await stream_store.epoch(connection, name)
        more: list[Loop] = []
        if self.settings.erasures is not None:
            tombstones = Tombstones(self.settings.erasures)
            await replay(database, tombstones, self.clock)
            more.append(Listing(database, tombstones).run)
        if self.ring.again is not None:
            more.append(Rewrapping(database, self.ring, self.ring.again).run)
        running = self.wired(name, database, reads, epoch)
        return replace(running, loops=(*running.loops, *more))

    def wired(
        self, name: str, database: Database, reads: httpx2.AsyncClient, epoch: int = 1
    ) -> Running:
        """The service whose events come from this epoch of its source."""
        return builder(name)(
            Resources(
                settings=self.settings,
                database=database,
                source=f"{name}/{epoch}",
                policy=self.policy,
                clock=self.clock,
                ring=self.ring,
                signing=self.signing,
                bell=self.bell,
                reads=reads,
                source_of=self.source_of,
                ids=new_id,
                faults=self.faults,
            )
        )


class Loops:
    """Loops that run until they are stopped."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, loops: Mapping[str, Loop]) -> None:
        """Run every loop, by name."""
        self._tasks += [
            asyncio.create_task(keep_running(name, loop), name=name) for name, loop in loops.items()
        ]

    async def stop(self) -> None:
        """Stop the loops where they stand. What was being done and was not committed is done
        again after the next start."""
        # Who is cut off in the middle of something, such as a sender, may want to record how far
        # it came: what takes commands stops last.
        for last in (False, True):
            stopping = [
                task for task in self._tasks if task.get_name().endswith(" commands") is last
            ]
            await _end(stopping)
        self._tasks = []


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=AGAIN_SECONDS)
        if waiting:
            # What a loop was waiting in has taken the word for itself, and the loop goes on.
            log.warning("loops_told_again", loops=sorted(task.get_name() for task in waiting))


def inside(running: Running) -> tuple[APIRouter, ...]:
    """What other services may ask of a service, and nobody else."""
    return (*running.internal, internal.router(running))


def reads(
    transport: httpx2.AsyncBaseTransport, base_url: str, name: str, key: SigningKey, clock: Clock
) -> httpx2.AsyncClient:
    """The way to the other services, signed with a service's own token unless a request carries
    a person's, and part of the trace that it is asked in."""
    return httpx2.AsyncClient(
        transport=transport,
        base_url=base_url,
        timeout=READ_SECONDS,
        auth=_Signed(name, key, clock),
    )


class _Signed(httpx2.Auth):
    def __init__(self, name: str, key: SigningKey, clock: Clock) -> None:
        self._name = name
        self._key = key
        self._clock = clock

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response]:
        if "authorization" not in request.headers:
            token = service_token(self._key, self._name, self._clock())
            request.headers["Authorization"] = f"Bearer {token}"
        traceparent = traces.current_traceparent()
        if traceparent and "traceparent" not in request.headers:
            request.headers["traceparent"] = traceparent
        yield request


def hang_up(running: Running) -> None:
    """End what is held open for lookers-on, so that a web server can stop."""
    doorbell = running.state.get("doorbell")
    if doorbell:
        doorbell.close()
