"""A lived-in house for each test."""

from collections.abc import AsyncIterator

import pytest

from policy.loading import PackSet
from tests.databases import Databases
from tests.journey.living import Living, living


@pytest.fixture
async def home(databases: Databases, packs: PackSet) -> AsyncIterator[Living]:
    """A house with nobody in it yet."""
    async with living(databases, packs) as running:
        yield running
