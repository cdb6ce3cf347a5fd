"""One of the shipped packs."""

import pytest

from policy.loading import PackSet
from policy.pack import Pack


@pytest.fixture(scope="session")
def pack(packs: PackSet) -> Pack:
    return packs.version("walsall", "2018.1")
