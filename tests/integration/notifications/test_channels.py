"""The conformance suite of channels: whatever carries a letter tells the same four ends apart, never
raises, and never keeps others waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import system_clock
from services.notifications.callbacks.signing import new_secret
from services.notifications.channels.notify import Account, NotifyChannel
from services.notifications.channels.paced import Gate, Paced
from services.notifications.channels.pages import PageChannel
from services.notifications.channels.port import Away, Channel, Cut, Letter, NotTaken, Taken
from services.notifications.channels.smtp import Relay, SmtpChannel
from services.notifications.channels.webhook import WebhookChannel
from services.notifications.rendering.mail import Email
from tests.integration.notifications.endpoint import Endpoint
from tests.integration.notifications.notify import EMAIL_TEMPLATE, KEY, TEXT_TEMPLATE, FakeNotify
from tests.integration.notifications.relay import CHANNEL_SECONDS, TestRelay


@dataclass
class Provider:
    """A channel with the server that it speaks to. `behave` sets the server's manner, by the words
    of this suite; `taken` counts what it took."""

    channel: Channel
    letter: Callable[[], Letter]
    behave: Callable[[str], None]
    taken: Callable[[], int]
    stop: Callable[[], Any]
    start: Callable[[], Any]


def email() -> Letter:
    made = Email(
        message_id=uuid4(),
        sender="no-reply@frontdoor.example",
        sender_name="Front door",
        recipient="dsl@testwood.school.example",
        subject="Referral WAR-000123-K: decision",
        text="What we decided\n",
        html="<p>What we decided</p>",
        queued_at=datetime(2026, 11, 20, 18, 5, tzinfo=UTC),
    )
    return made.letter(again=False)


@pytest.fixture(params=["smtp", "webhook", "page", "notify"])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    if request.param == "notify":
        fake = FakeNotify()
        await fake.start()
        account = Account(KEY, fake.url, EMAIL_TEMPLATE, TEXT_TEMPLATE, seconds=CHANNEL_SECONDS)
        channel: Channel = NotifyChannel(account)

        def behave_so(manner: str) -> None:
            fake.manner = manner

        yield Provider(channel, email, behave_so, lambda: len(fake.taken), fake.stop, fake.start)
        await channel.close()
        await fake.stop()
        return
    if request.param == "smtp":
        relay = TestRelay()
        await relay.start()
        channel = SmtpChannel(
            Relay("127.0.0.1", relay.port, connections=2, seconds=CHANNEL_SECONDS)
        )
        manners = {
            "take": "accept", "refuse": "refuse_recipient", "put_off": "greylist",
            "drop": "drop_in_data", "take_and_vanish": "hang_in_data",
        }  # fmt: skip

        def behave(manner: str) -> None:
            relay.box.manner = lambda _: manners[manner]  # type: ignore[assignment,return-value]

        yield Provider(
            channel, email, behave, lambda: len(relay.box.taken), relay.stop, relay.start
        )
        await channel.close()
        await relay.stop()
        return
    endpoint = Endpoint()
    await endpoint.start()
    channel = WebhookChannel(4, CHANNEL_SECONDS, lambda _: False, lambda _: True)
    letter = partial(Letter, "Frontdoor", f"{endpoint.url}/here", b"{}", {"webhook-id": "one"})
    if request.param == "page":
        signed = PageChannel(channel, new_secret(), system_clock)
        channel = Paced(signed, Gate(60_000))
        letter = partial(replace, email(), recipient=f"{endpoint.url}/here")
    manners = {
        "take": "take", "refuse": "gone", "put_off": "fail", "drop": "drop",
        "take_and_vanish": "take_then_hang",
    }  # fmt: skip

    def behave_there(manner: str) -> None:
        endpoint.manner = lambda _: manners[manner]  # type: ignore[assignment,return-value]

    yield Provider(
        channel,
        letter,
        behave_there,
        lambda: len(endpoint.taken),
        endpoint.stop,
        endpoint.start,
    )
    await channel.close()
    await endpoint.stop()


async def test_what_is_taken_is_known_to_be(provider: Provider) -> None:
    assert await provider.channel.reachable()
    assert await provider.channel.hand_over(provider.letter()) == Taken()
    assert provider.taken() == 1


async def test_a_refusal_for_ever_and_one_for_now_are_told_apart(provider: Provider) -> None:
    for manner, permanent in (("refuse", True), ("put_off", False)):
        provider.behave(manner)
        delivery = await provider.channel.hand_over(provider.letter())
        assert isinstance(delivery, NotTaken)
        assert delivery.permanent is permanent
    assert provider.taken() == 0


@pytest.mark.parametrize(("manner", "arrived"), [("drop", 0), ("take_and_vanish", 1)])
async def test_a_conversation_that_ends_early_is_not_known(
    provider: Provider, manner: str, arrived: int
) -> None:
    provider.behave(manner)
    assert isinstance(await provider.channel.hand_over(provider.letter()), Cut)
    assert provider.taken() == arrived


async def test_nobody_there_is_away_and_found_again(provider: Provider) -> None:
    await provider.stop()
    assert isinstance(await provider.channel.hand_over(provider.letter()), Away)

    await provider.start()
    assert await provider.channel.hand_over(provider.letter()) == Taken()


async def test_after_trouble_it_goes_on(provider: Provider) -> None:
    for manner in ("drop", "put_off", "take_and_vanish", "refuse"):
        provider.behave(manner)
        await provider.channel.hand_over(provider.letter())
    provider.behave("take")
    assert await provider.channel.hand_over(provider.letter()) == Taken()


async def test_many_at_once_all_arrive(provider: Provider) -> None:
    ends = await asyncio.gather(*(provider.channel.hand_over(provider.letter()) for _ in range(40)))
    assert ends == [Taken()] * 40
    assert provider.taken() == 40
