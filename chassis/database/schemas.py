"""What a service's schema is made of: where its revisions stand, and which of them a folder has.

Read without Alembic, which takes as long to load as all the rest of a start does, and is wanted
only where something is to be changed.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Phase = Literal["pre", "post"]

CHASSIS = Path(__file__).parent / "migrations"
STREAM_SCHEMA = "event_stream"
VERSIONS = "migration_service_pre"

_SAID = re.compile(r'^(revision|down_revision) = "([^"]+)"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ServiceSchema:
    """One service's schema and the folder of its migrations. The role that the service runs under
    is made with `password` where the owner may make roles; otherwise it has to be there."""

    name: str
    migrations: Path
    password: str | None = None
    runs_as: str | None = None

    @property
    def role(self) -> str:
        """The PostgreSQL role that the service runs under."""
        return self.runs_as or f"frontdoor_{self.name}"


@dataclass(frozen=True, slots=True)
class Part:
    """The revisions of one folder, which a schema keeps its place in by itself: its own, or those
    that every service has of the chassis."""

    schema: str
    folder: Path
    owner: Literal["service", "chassis"]

    def table(self, phase: Phase) -> str:
        """The name of the table in which the schema's place is kept."""
        return f"migration_{self.owner}_{phase}"


def parts(service: ServiceSchema) -> tuple[Part, Part]:
    """What a service's schema is made of, in the order in which it is made."""
    return (
        Part(service.name, CHASSIS / "service", "chassis"),
        Part(service.name, service.migrations, "service"),
    )


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions of one phase, and those that no other comes after."""

    known: frozenset[str]
    heads: frozenset[str]

    def had(self, current: frozenset[str]) -> bool:
        """Whether a schema that stands at `current` needs none of them. A revision that this code
        does not know is a later one: the database is ahead, as it is while a new version is rolled
        out."""
        return self.heads <= current or bool(current - self.known)


def revisions(folder: Path, phase: Phase) -> Revisions:
    """What the files of a folder say of themselves."""
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in (folder / phase).glob("*.py"):
        for word, name in _SAID.findall(file.read_text("utf-8")):
            found[word].add(name)
    known = frozenset(found["revision"])
    return Revisions(known, known - found["down_revision"])
