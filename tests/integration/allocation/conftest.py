"""Allocation's database, and the loop that fires its clocks."""

from collections.abc import AsyncIterator
from typing import cast

import pytest

from chassis.database import Database
from chassis.stream.port import EventSource
from policy.loading import PackSet
from services.allocation.clocks.firing import Firing
from tests.clocks import SetClock
from tests.databases import Databases
from tests.integration.allocation.cases import CaughtUp, kernel_on


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    database = Database(databases.urls["allocation"], schema="allocation")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def firing(database: Database, packs: PackSet, clock: SetClock) -> Firing:
    return Firing(kernel_on(database, packs, clock), cast("EventSource", CaughtUp()))
