"""The shipped packs, loaded once."""

import pytest

from policy.loading import PackSet, load_packs
from policy.pack import Pack


@pytest.fixture(scope="session")
def packs() -> PackSet:
    return load_packs()


@pytest.fixture(scope="session")
def pack(packs: PackSet) -> Pack:
    return packs.version("walsall", "2018.1")
