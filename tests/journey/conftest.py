"""A lived-in house for all tests of a worker, wired once: begun again for each, but where a test says
that it does not mind who was there before."""

from collections.abc import AsyncIterator

import pytest

from policy.loading import PackSet
from tests.databases import Server
from tests.journey.living import Living, Partner, living


@pytest.fixture(scope="session")
async def wired(postgres: Server, packs: PackSet) -> AsyncIterator[Living]:
    """The worker's house. To wire it takes longer than most tests."""
    with postgres.fresh() as databases:
        async with living(databases, packs) as running:
            yield running


@pytest.fixture(scope="module")
async def lived_in(wired: Living) -> AsyncIterator[Living]:
    """The house for as long as a file is in it: it stands still when nobody is."""
    yield wired
    await wired.house.stop()


@pytest.fixture
async def home(lived_in: Living) -> Living:
    """The house with nobody in it yet."""
    await lived_in.begin_again()
    return lived_in


@pytest.fixture
async def school(home: Living) -> Partner:
    """A school that may refer to it."""
    return await home.partner()


@pytest.fixture(scope="module")
async def shared_home(lived_in: Living) -> Living:
    """The house for a whole file, with nobody of another file in it."""
    await lived_in.begin_again()
    return lived_in


@pytest.fixture(scope="module")
async def shared_school(shared_home: Living) -> Partner:
    """A school that may refer to it."""
    return await shared_home.partner()
