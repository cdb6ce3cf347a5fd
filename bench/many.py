"""The distributed edition as a subject: five processes, a database each, and Kafka between them."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from bench.fleet import Fleet
from bench.subjects import EXTRA, MEASURED, Server, Tokens
from frontdoor.catalogue import SERVICES


class FiveServices:
    """`frontdoor serve` five times, on one PostgreSQL with a database a service. `kafka` is where
    brokers of this machine listen."""

    name = "frontdoor"
    edition = "kafka"

    def __init__(self, kafka: str, *, smtp: str | None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="frontdoor-fleet-"))
        self.folder.chmod(0o711)
        self.fleet = Fleet(self.folder, kafka=kafka, smtp=smtp, settings=MEASURED)
        self._server = Server(self.fleet.postgres)

    def url(self, service: str) -> str:
        return self.fleet.urls[service]

    async def up(self) -> None:
        await self.fleet.install()
        self._server.set(**EXTRA)
        self.fleet.start()
        await self.fleet.ready()

    async def tokens(self, clients: Sequence[str], authorities: Sequence[str]) -> Tokens:
        async with self.fleet.people() as people:
            found = {client: await people.partner(client) for client in clients}
            for authority in authorities:
                found[f"manager.{authority}"] = await people.person("manager", authority)
        return {
            name: headers["Authorization"].removeprefix("Bearer ")
            for name, headers in found.items()
        }

    def database(self, service: str) -> str:
        return self.fleet.owner_url(service)

    def processes(self) -> Mapping[str, int]:
        ours = {name: self.fleet.pid(name) for name in SERVICES}
        brokers = [
            child
            for child in psutil.Process(os.getpid()).children()
            if child.name().startswith("java")
        ]
        return {**ours, **{f"kafka {place}": one.pid for place, one in enumerate(brokers, 1)}}

    def postmaster(self) -> int:
        return self._server.pid

    def clear(self) -> None:
        self.fleet.clear()
        shutil.rmtree(self.folder, ignore_errors=True)
