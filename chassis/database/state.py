"""Whether a service's database has the schema that its code wants."""

from collections.abc import Mapping
from pathlib import Path

import asyncpg

from chassis.database import store
from chassis.database.pool import Connection
from chassis.database.schemas import CHASSIS, Revisions, revisions


class SchemaState:
    """What a service wants of its database before it can work: every `pre` revision."""

    def __init__(self, migrations: Path) -> None:
        self._wanted: Mapping[str, Revisions] = {
            part: revisions(folder, "pre")
            for part, folder in {
                "event_stream": CHASSIS / "event_stream",
                "chassis": CHASSIS / "service",
                "service": migrations,
            }.items()
        }

    async def lacking(self, connection: Connection) -> list[str]:
        """The parts of the schema that are missing or older than this code."""
        try:
            current = await store.revisions(connection)
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            # A schema that was never made, or whose rights are granted last.
            return list(self._wanted)
        return [
            part
            for part, wanted in self._wanted.items()
            if not wanted.had(current.get(part, frozenset()))
        ]
