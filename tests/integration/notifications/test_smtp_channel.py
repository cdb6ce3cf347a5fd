"""The SMTP channel tells apart what was accepted, what was not, and what nobody can know."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.channels.port import Away, Cut, Delivery, Letter, NotTaken, Taken
from services.notifications.channels.smtp import Relay, SmtpChannel
from services.notifications.rendering.mail import Email
from tests.integration.notifications.relay import CHANNEL_SECONDS, Manner, TestRelay


def letter() -> Letter:
    email = Email(
        message_id=uuid4(),
        sender="no-reply@frontdoor.example",
        sender_name="Front door",
        recipient="dsl@testwood.school.example",
        subject="Referral WAR-000123-K: decision",
        text="What we decided\n.\nA line that begins with a full stop is above.\n",
        html="<p>What we decided</p>",
        queued_at=datetime(2026, 11, 20, 18, 5, tzinfo=UTC),
    )
    return Letter(email.sender, email.recipient, email.content())


async def test_a_letter_arrives_whole(relay: TestRelay, channel: SmtpChannel) -> None:
    assert await channel.hand_over(letter()) == Taken()

    taken = relay.box.taken[0]
    assert taken["To"] == "dsl@testwood.school.example"
    text = taken.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == [
        "What we decided",
        ".",
        "A line that begins with a full stop is above.",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"To: a\r\n\r\n.\r\n..two\r\n.three",
        b"To: a\n\n.\n..two\n.three\n",
        b".\r\r\n.\r.\n",
        b".",
    ],
)
async def test_no_line_of_a_letter_ends_it(
    relay: TestRelay, channel: SmtpChannel, content: bytes
) -> None:
    for _ in range(2):
        sent = Letter("no-reply@frontdoor.example", "dsl@testwood.school.example", content)
        assert await channel.hand_over(sent) == Taken()

    lines = [line + b"\r\n" for line in content.splitlines()]
    assert relay.box.raw == [b"".join(lines)] * 2


@pytest.mark.parametrize(
    ("manner", "expected", "arrived"),
    [
        ("refuse_sender", NotTaken("mail_553", permanent=True), 0),
        ("refuse_recipient", NotTaken("rcpt_550", permanent=True), 0),
        ("refuse_data", NotTaken("data_554", permanent=True), 0),
        ("greylist", NotTaken("rcpt_450", permanent=False), 0),
        ("full_data", NotTaken("data_452", permanent=False), 0),
        ("drop_at_rcpt", NotTaken("rcpt_cut", permanent=False), 0),
        ("hang_at_rcpt", NotTaken("rcpt_timeout", permanent=False), 0),
        ("drop_at_mail", Away("mail_cut"), 0),
        ("closing", Away("mail_421"), 0),
        ("sign_in_first", Away("mail_530"), 0),
        ("drop_in_data", Cut("data_cut"), 0),
        ("accept_then_drop", Cut("data_cut"), 1),
        ("hang_in_data", Cut("data_timeout"), 1),
        ("nonsense_after_data", Cut("data_unclear"), 1),
    ],
)
async def test_each_manner_of_a_server_is_understood(
    relay: TestRelay, channel: SmtpChannel, manner: Manner, expected: Delivery, arrived: int
) -> None:
    relay.box.manner = lambda _: manner

    assert await channel.hand_over(letter()) == expected
    assert len(relay.box.taken) == arrived

    relay.box.manner = lambda _: "accept"
    assert await channel.hand_over(letter()) == Taken()


async def test_many_letters_share_a_few_connections(relay: TestRelay, channel: SmtpChannel) -> None:
    deliveries = await asyncio.gather(*(channel.hand_over(letter()) for _ in range(150)))

    assert deliveries == [Taken()] * 150
    assert len(relay.box.taken) == 150
    assert relay.box.connections <= 4


async def test_a_connection_that_the_server_closed_meanwhile_is_no_failure(
    relay: TestRelay, channel: SmtpChannel
) -> None:
    assert await channel.hand_over(letter()) == Taken()
    await relay.stop()
    await relay.start()

    assert await channel.hand_over(letter()) == Taken()


async def test_a_server_that_is_away_is_reported_and_found_again(
    relay: TestRelay, channel: SmtpChannel
) -> None:
    await relay.stop()
    assert not await channel.reachable()
    assert await channel.hand_over(letter()) == Away("connect_cut")

    await relay.start()
    assert await channel.reachable()
    assert await channel.hand_over(letter()) == Taken()
    assert relay.box.connections == 1


@pytest.mark.parametrize(
    "demanded",
    [{"starttls": True}, {"tls": True}, {"username": "frontdoor", "password": "not-asked-for"}],
)
async def test_a_server_without_the_safety_asked_for_gets_no_letter(
    relay: TestRelay, demanded: dict[str, Any]
) -> None:
    strict = SmtpChannel(Relay("127.0.0.1", relay.port, seconds=CHANNEL_SECONDS, **demanded))

    assert not await strict.reachable()
    assert isinstance(await strict.hand_over(letter()), Away)
    assert relay.box.raw == []
