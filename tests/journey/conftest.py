"""A lived-in house for each test; or one for all tests of a file that leave little behind."""

from collections.abc import AsyncIterator

import pytest

from policy.loading import PackSet
from tests.databases import Databases, Server
from tests.journey.living import Living, Partner, living


@pytest.fixture
async def home(databases: Databases, packs: PackSet) -> AsyncIterator[Living]:
    """A house with nobody in it yet."""
    async with living(databases, packs) as running:
        yield running


@pytest.fixture(scope="module")
async def shared_home(postgres: Server, packs: PackSet) -> AsyncIterator[Living]:
    """One house for a whole file."""
    with postgres.fresh() as databases:
        async with living(databases, packs) as running:
            yield running


@pytest.fixture(scope="module")
async def shared_school(shared_home: Living) -> Partner:
    """A school that may refer to it."""
    return await shared_home.partner()
