import pytest

from policy.loading import PackSet, load_packs


@pytest.fixture(scope="session")
def packs() -> PackSet:
    return load_packs()
