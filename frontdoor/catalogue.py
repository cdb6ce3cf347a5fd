"""The services of the house: their names, how each is built, and where its migrations are."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from chassis.database.schemas import ServiceSchema
from chassis.running import Resources, Running

SERVICES = ("intake", "triage", "allocation", "notifications", "console")
FOLDER = Path(__file__).parents[1] / "services"


def builder(name: str) -> Callable[[Resources], Running]:
    """What wires the service. Imported when it is asked for: a process of one service has no use
    for the other four."""
    module = import_module(f"services.{name}.bootstrap")
    return cast("Callable[[Resources], Running]", module.build)


def migrations(name: str) -> Path:
    """The folder of the service's own migrations."""
    return FOLDER / name / "migrations"


def schemas(passwords: Mapping[str, str]) -> tuple[ServiceSchema, ...]:
    """The schema of each service, for migration, with its role's password."""
    return tuple(ServiceSchema(name, migrations(name), passwords[name]) for name in SERVICES)
