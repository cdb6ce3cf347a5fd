"""One region for the tests of a file: five services are dear to start."""

from collections.abc import AsyncIterator

import pytest

from policy.loading import PackSet
from tests.databases import Server
from tests.journey.distributed.region import Region, region


@pytest.fixture(scope="module")
async def home(postgres: Server, packs: PackSet) -> AsyncIterator[Region]:
    async with region(postgres, packs) as running:
        yield running
