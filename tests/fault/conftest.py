"""A real house in a process of its own, a mail server, and people who use it."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bench.house import HouseProcess, house
from bench.people import People
from bench.starters import ByFork
from tests.integration.notifications.relay import TestRelay

HASTE = {"SMTP_SECONDS": "2", "LEASE_SECONDS": "3"}
"""A sender that vanished is given up soon, so that a test need not wait long for it."""


@pytest.fixture(scope="session")
async def installed() -> AsyncIterator[Path]:
    """The folder of an installation that was started once and stopped."""
    with house(smtp=None, starter=ByFork()) as one:
        await one.up()
        one.ask_to_stop()
        assert await one.stopped(within=20) == 0
        yield one.folder


@pytest.fixture(scope="module")
async def relay() -> AsyncIterator[TestRelay]:
    """A mail server that takes everything, until a test says otherwise."""
    relay = TestRelay()
    await relay.start()
    yield relay
    await relay.stop()


@pytest.fixture(scope="module")
def settings() -> Mapping[str, str]:
    """What a file wants of its house beside haste: environment variables without their prefix."""
    return {}


@pytest.fixture(scope="module")
async def one(
    installed: Path, relay: TestRelay, settings: Mapping[str, str]
) -> AsyncIterator[HouseProcess]:
    """The house of a file, which serves."""
    smtp = f"127.0.0.1:{relay.port}"
    with house(smtp=smtp, like=installed, starter=ByFork(), **{**HASTE, **settings}) as one:
        await one.up()
        yield one


@pytest.fixture(scope="module")
async def people(one: HouseProcess) -> AsyncIterator[People]:
    """Partners and staff of that house."""
    async with People(one.url, one.credentials) as people:
        yield people
