"""What tests of every kind share. A test that asks for no database starts none."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from chassis.vault import KeyRing
from policy.loading import PackSet
from tests.brokers import SecuredKafka, broker, secured
from tests.clocks import SetClock
from tests.databases import Databases, Server, server
from tests.memory import keep_files_in_memory
from tests.shipped import SHIPPED

keep_files_in_memory()

# An example is no slower for being wrong: on a busy machine a time limit only finds the machine.
# What decides whether a change lands asks the same each time; everybody else's runs look further.
settings.register_profile(
    "house", deadline=None, max_examples=60, derandomize="FRONTDOOR_TEST_REPEATABLE" in os.environ
)
settings.load_profile("house")

# They start processes by the handful, and would only wait for each other if they ran at once.
CROWDED = ("tests/fault/", "tests/journey/distributed/")
# Browsers come last: pages are looked at with a patience that a crowd would use up.
ORDER = (*CROWDED, "tests/unit/", "tests/contract/", "tests/integration/", "tests/journey/")


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Each file is one worker's, and what starts many processes is all one worker's."""

    def _split_scope(self, nodeid: str) -> str:
        return "crowded" if nodeid.startswith(CROWDED) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """One worker begins with what takes longest, while the other goes through the rest."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest stands first."""

    def place(item: pytest.Item) -> int:
        fits = (number for number, folder in enumerate(ORDER) if item.nodeid.startswith(folder))
        return next(fits, len(ORDER))

    items.sort(key=place)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """This worker's PostgreSQL."""
    with server() as running:
        yield running


def _shared(factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """Where the run's Kafka listens: one broker for all workers."""
    with broker(_shared(tmp_path_factory, worker_id) / "broker") as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def secured_kafka(
    kafka: str, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> SecuredKafka:
    """Where it listens over TLS."""
    del kafka
    return secured(_shared(tmp_path_factory, worker_id) / "broker")


@pytest.fixture
def databases(postgres: Server) -> Iterator[Databases]:
    """A fresh, migrated database."""
    with postgres.fresh() as database:
        yield database


@pytest.fixture
def house_urls(databases: Databases) -> Mapping[str, str]:
    """Each service's way into a fresh database, as a House wants them."""
    return databases.urls


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands still until moved."""
    return SetClock()


@pytest.fixture(scope="session")
def packs() -> PackSet:
    """The shipped packs."""
    return SHIPPED


@pytest.fixture
def ring() -> KeyRing:
    """A new ring of keys."""
    return KeyRing.new()
