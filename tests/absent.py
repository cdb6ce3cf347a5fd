"""What a test does where the machine lacks a part it needs."""

import os
from typing import NoReturn

import pytest


def absent(part: str, why: str) -> NoReturn:
    """Skip, saying why; fail where `FRONTDOOR_TEST_REQUIRE` (parts by commas) names the part."""
    if part in os.environ.get("FRONTDOOR_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{part} is required here: {why}")
    pytest.skip(why)
