"""A hub's notifications, a mail server, and the way between them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chassis.vault import KeyRing
from policy.loading import PackSet
from services.notifications.channels.smtp import Relay, SmtpChannel
from tests.clocks import SetClock
from tests.databases import Databases
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.relay import CHANNEL_SECONDS, TestRelay


@pytest.fixture
async def relay() -> AsyncIterator[TestRelay]:
    relay = TestRelay()
    await relay.start()
    yield relay
    await relay.stop()


@pytest.fixture
async def channel(relay: TestRelay) -> AsyncIterator[SmtpChannel]:
    channel = SmtpChannel(Relay("127.0.0.1", relay.port, connections=2, seconds=CHANNEL_SECONDS))
    yield channel
    await channel.close()


@pytest.fixture
async def hub(
    databases: Databases, clock: SetClock, packs: PackSet, ring: KeyRing
) -> AsyncIterator[Hub]:
    hub = Hub(databases.urls["notifications"], clock, packs, ring)
    await hub.database.open()
    commands = asyncio.create_task(hub.kernel.run_commands())
    yield hub
    commands.cancel()
    await asyncio.gather(commands, return_exceptions=True)
    await hub.database.close()
