"""A lived-in house for all tests of a file: begun again for each, but where a test says that it
does not mind who was there before."""

from collections.abc import AsyncIterator

import pytest

from policy.loading import PackSet
from tests.databases import Server
from tests.journey.living import Living, Partner, living


@pytest.fixture
async def home(shared_home: Living) -> Living:
    """The file's house with nobody in it yet."""
    await shared_home.begin_again()
    return shared_home


@pytest.fixture
async def school(home: Living) -> Partner:
    """A school that may refer to it."""
    return await home.partner()


@pytest.fixture(scope="module")
async def shared_home(postgres: Server, packs: PackSet) -> AsyncIterator[Living]:
    """One house for a whole file: wired once, which takes longer than most tests."""
    with postgres.fresh() as databases:
        async with living(databases, packs) as running:
            yield running


@pytest.fixture(scope="module")
async def shared_school(shared_home: Living) -> Partner:
    """A school that may refer to it."""
    return await shared_home.partner()
