"""An installation under trial, whatever its edition: processes by name that can be started, killed
and frozen, their databases, and the people who use them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from bench.broker import Brokers
from bench.fleet import Fleet, fleet
from bench.house import LOOK_EVERY_SECONDS, HouseProcess, house
from bench.ledger import Account, account, settled
from bench.people import People
from bench.sink import Sink
from bench.starters import ByFork
from chassis.database.embedded import EmbeddedPostgres
from frontdoor.catalogue import SERVICES

HASTE = {"SMTP_SECONDS": "2", "LEASE_SECONDS": "3", "KAFKA_SESSION_SECONDS": "6"}
"""Who vanished is given up soon, so that a trial need not wait long for it."""


class Site(Protocol):
    """What trials need of an installation. `names` are its processes, each found by its name;
    `databases` are the superuser's URIs."""

    edition: str
    names: tuple[str, ...]
    sink: Sink

    @property
    def databases(self) -> Mapping[str, str]: ...

    @property
    def topic(self) -> tuple[str, str] | None: ...

    @property
    def postgres(self) -> EmbeddedPostgres: ...

    def start(self, name: str, **said: str) -> None:
        """Start a process, with more settings for this once."""
        ...

    async def ready(self, name: str) -> None: ...

    def ended(self, name: str) -> int | None: ...

    def kill(self, name: str) -> None: ...

    def pid(self, name: str) -> int: ...

    def people(self) -> People: ...


@dataclass(slots=True)
class Alone:
    """The single-machine edition: one process."""

    process: HouseProcess
    sink: Sink
    edition: str = "single"
    names: tuple[str, ...] = ("house",)
    topic: tuple[str, str] | None = None

    @property
    def databases(self) -> Mapping[str, str]:
        return dict.fromkeys(SERVICES, self.process.owner_url)

    @property
    def postgres(self) -> EmbeddedPostgres:
        return self.process.postgres

    def start(self, name: str, **said: str) -> None:
        self.process.start(**said)

    async def ready(self, name: str) -> None:
        await self.process.ready()

    def ended(self, name: str) -> int | None:
        return self.process.ended

    def kill(self, name: str) -> None:
        self.process.kill()

    def pid(self, name: str) -> int:
        return self.process.pid

    def people(self, **said: Any) -> People:
        return People(self.process.url, self.process.credentials, **said)


@dataclass(slots=True)
class Spread:
    """The distributed edition: a process for each service, more where a trial starts them."""

    fleet: Fleet
    brokers: Brokers | None
    sink: Sink
    bootstrap: str
    edition: str = "kafka"
    names: tuple[str, ...] = SERVICES

    @property
    def databases(self) -> Mapping[str, str]:
        return {name: self.fleet.owner_url(name) for name in SERVICES}

    @property
    def topic(self) -> tuple[str, str] | None:
        return self.bootstrap, self.fleet.topic

    @property
    def postgres(self) -> EmbeddedPostgres:
        return self.fleet.postgres

    def start(self, name: str, **said: str) -> None:
        # A process with a name that outlives it goes on at once with what its last life had.
        self.fleet.start(name, **{"KAFKA_INSTANCE": name.replace("+", "-2"), **said})

    async def ready(self, name: str) -> None:
        await self.fleet.ready(name)

    def ended(self, name: str) -> int | None:
        return self.fleet.ended(name)

    def kill(self, name: str) -> None:
        self.fleet.kill(name)

    def pid(self, name: str) -> int:
        return self.fleet.pid(name)

    def people(self) -> People:
        return self.fleet.people()

    async def stop(self, *names: str) -> None:
        """Stop processes in order, as SIGTERM does."""
        self.fleet.ask_to_stop(*names)
        await self.fleet.stopped(*names)


@asynccontextmanager
async def alone(like: Path | None = None, **settings: str) -> AsyncIterator[Alone]:
    """A single-machine installation that serves. `like` is the folder of another one, stopped, to
    begin as a copy of."""
    async with AsyncExitStack() as stack:
        sink = Sink()
        await sink.start()
        stack.push_async_callback(sink.stop)
        said = {**HASTE, **settings}
        one = stack.enter_context(house(smtp=sink.address, like=like, starter=ByFork(), **said))
        await one.up()
        yield Alone(one, sink)


@asynccontextmanager
async def spread(
    brokers: Brokers | None = None, bootstrap: str | None = None, **settings: str
) -> AsyncIterator[Spread]:
    """A fleet that serves: on brokers that trials may stop, or on one that others use too."""
    where = bootstrap or (brokers.bootstrap if brokers else "")
    async with AsyncExitStack() as stack:
        sink = Sink()
        await sink.start()
        stack.push_async_callback(sink.stop)
        said = {**HASTE, **settings}
        one = stack.enter_context(fleet(kafka=where, smtp=sink.address, starter=ByFork(), **said))
        await one.install()
        site = Spread(one, brokers, sink, where)
        for name in SERVICES:
            site.start(name)
        for name in SERVICES:
            await site.ready(name)
        yield site


@dataclass(slots=True)
class Flow:
    """Families who post, wait and are decided one after the other, until told to stop."""

    people: People
    families: int = 3
    _number: int = 0
    _stopping: bool = False
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._stopping = False
        # Whom earlier families asked about would be answered as before.
        self._number = len(self.people.told.posted)
        self._tasks = [asyncio.create_task(self._family()) for _ in range(self.families)]
        return self

    async def __aexit__(self, kind: object, fault: BaseException | None, _: object) -> None:
        self._stopping = True
        if fault is not None:
            for task in self._tasks:
                task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=fault is not None)
        for end in ends:
            if fault is not None and isinstance(end, Exception):
                fault.add_note(f"a family met {type(end).__name__}: {end}")

    async def pass_by(self, referrals: int) -> None:
        """Return when so many more were decided."""
        wanted = len(self.people.told.decided) + referrals
        while len(self.people.told.decided) < wanted:
            for task in self._tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _family(self) -> None:
        while not self._stopping:
            self._number += 1
            await self.people.decide(await self.people.post(self._number))


async def compared(site: Site, people: People, within: float = 60) -> Account:
    """What became of all that was posted, once everybody is at rest."""
    await settled(site.databases, within)
    return await account(site.databases, people.told.posted, site.sink.taken, topic=site.topic)


async def brought_up(site: Site, name: str, **said: str) -> None:
    """Start a process and wait until it serves."""
    site.start(name, **said)
    await site.ready(name)


def freeze(site: Site, name: str) -> None:
    """Let a process hang, as one whose host does."""
    os.kill(site.pid(name), signal.SIGSTOP)


def thaw(site: Site, name: str) -> None:
    """Let it go on."""
    os.kill(site.pid(name), signal.SIGCONT)
