"""A lived-in house for all tests of a worker, wired once: begun again for each, but where a test says
that it does not mind who was there before."""

import io
import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from chassis.telemetry import logs
from policy.loading import PackSet
from tests.databases import Server
from tests.journey.living import Living, Partner, living


@pytest.fixture(scope="session")
async def wired(postgres: Server, packs: PackSet) -> AsyncIterator[Living]:
    """The worker's house. To wire it takes longer than most tests."""
    with postgres.fresh() as databases:
        async with living(databases, packs) as running:
            yield running


@pytest.fixture(scope="module")
async def lived_in(wired: Living) -> AsyncIterator[Living]:
    """The house for as long as a file is in it: it stands still when nobody is."""
    yield wired
    await wired.house.stop()


@pytest.fixture
async def home(lived_in: Living) -> Living:
    """The house with nobody in it yet."""
    await lived_in.begin_again()
    return lived_in


@pytest.fixture
async def school(home: Living) -> Partner:
    """A school that may refer to it."""
    return await home.partner()


@pytest.fixture(scope="module")
async def shared_home(lived_in: Living) -> Living:
    """The house for a whole file, with nobody of another file in it."""
    await lived_in.begin_again()
    return lived_in


@pytest.fixture(scope="module")
async def shared_school(shared_home: Living) -> Partner:
    """A school that may refer to it."""
    return await shared_home.partner()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged, down to the last detail."""
    root = logging.getLogger()
    before, level, hooks = list(root.handlers), root.level, (sys.excepthook, threading.excepthook)
    quiet = {name: logging.getLogger(name).level for name in ("alembic", "httpx2", "mail.log")}
    logs.configure(json=True, level=logging.DEBUG)
    for name in quiet:
        logging.getLogger(name).setLevel(logging.DEBUG)
    out = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(out)
    yield out
    root.handlers[:] = before
    root.setLevel(level)
    for name, was in quiet.items():
        logging.getLogger(name).setLevel(was)
    logging.captureWarnings(capture=False)
    logging.raiseExceptions = True
    sys.excepthook, threading.excepthook = hooks
