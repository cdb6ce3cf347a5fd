"""A region for each test."""

from collections.abc import AsyncIterator

import pytest

from policy.loading import PackSet
from tests.databases import Server
from tests.journey.distributed.region import Region, region


@pytest.fixture
async def home(postgres: Server, packs: PackSet) -> AsyncIterator[Region]:
    async with region(postgres, packs) as running:
        yield running
