"""Whether a service's database has the schema that its code wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from alembic.script import ScriptDirectory

from chassis.database import store
from chassis.database.migrate import CHASSIS
from chassis.database.pool import Connection


@dataclass(frozen=True, slots=True)
class _Wanted:
    heads: frozenset[str]
    known: frozenset[str]

    def has(self, current: frozenset[str]) -> bool:
        """A revision that this code does not know is a later one: the database is ahead, as it is
        while a new version is rolled out."""
        return self.heads <= current or bool(current - self.known)


class SchemaState:
    """What a service wants of its database before it can work: every `pre` revision."""

    def __init__(self, migrations: Path) -> None:
        self._wanted: Mapping[str, _Wanted] = {
            part: _read(folder)
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
            if not wanted.has(current.get(part, frozenset()))
        ]


def _read(folder: Path) -> _Wanted:
    scripts = ScriptDirectory(str(folder), version_locations=[str(folder / "pre")])
    known = frozenset(step.revision for step in scripts.walk_revisions())
    return _Wanted(frozenset(scripts.get_heads()), known)
