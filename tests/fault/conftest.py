"""A real house in a process of its own, a mail server, and people who use it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest

from bench.house import HouseProcess, house
from bench.people import People
from tests.integration.notifications.relay import TestRelay

NewHouse = Callable[..., AbstractContextManager[HouseProcess]]

HASTE = {"SMTP_SECONDS": "2", "LEASE_SECONDS": "3"}
"""A sender that vanished is given up soon, so that a test need not wait long for it."""


@pytest.fixture(scope="session")
async def installed() -> AsyncIterator[Path]:
    """The folder of an installation that was started once and stopped."""
    with house(smtp=None) as one:
        await one.up()
        one.ask_to_stop()
        assert await one.stopped(within=20) == 0
        yield one.folder


@pytest.fixture
def new_house(installed: Path) -> NewHouse:
    """Makes houses that are installed and not yet started."""

    @contextmanager
    def make(smtp: str | None = None, **settings: str) -> Iterator[HouseProcess]:
        with house(smtp=smtp, like=installed, **{**HASTE, **settings}) as one:
            yield one

    return partial(make)


@pytest.fixture
async def relay() -> AsyncIterator[TestRelay]:
    """A mail server that takes everything, until a test says otherwise."""
    relay = TestRelay()
    await relay.start()
    yield relay
    await relay.stop()


@pytest.fixture
async def one(new_house: NewHouse, relay: TestRelay) -> AsyncIterator[HouseProcess]:
    """A house that serves."""
    with new_house(f"127.0.0.1:{relay.port}") as one:
        await one.up()
        yield one


@pytest.fixture
async def people(one: HouseProcess) -> AsyncIterator[People]:
    """Partners and staff of that house."""
    async with People(one.url, one.credentials) as people:
        yield people
