"""Messages through GOV.UK Notify: never twice, whatever becomes of a conversation, and followed to
their end."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from chassis.http import create_app
from chassis.identity import SigningKey, Verifier
from chassis.settings import Settings
from contracts.events import ClockEscalated
from services.notifications.callbacks.signing import new_secret
from services.notifications.channels.notify import Account, NotifyChannel
from services.notifications.channels.pages import PageChannel
from services.notifications.channels.port import Away, Letter, NotTaken, Plain
from services.notifications.channels.smtp import SmtpChannel
from services.notifications.channels.texts import MailAndTexts
from services.notifications.channels.webhook import WebhookChannel
from services.notifications.ends import Ends
from services.notifications.receipts import api
from services.notifications.receipts.asking import Asking
from services.notifications.rendering import MOST_PAGES
from tests.clocks import SetClock
from tests.integration.notifications.endpoint import Endpoint
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.notify import EMAIL_TEMPLATE, KEY, TEXT_TEMPLATE, FakeNotify
from tests.integration.notifications.relay import CHANNEL_SECONDS, TestRelay

TOKEN = "what Notify says to us"
ENDS = "SELECT state, reason, channel, delivered_at IS NOT NULL AS arrived FROM message ORDER BY queued_at, message_id"


@pytest.fixture
async def notify() -> AsyncIterator[FakeNotify]:
    fake = FakeNotify()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def through(notify: FakeNotify) -> AsyncIterator[NotifyChannel]:
    account = Account(KEY, notify.url, EMAIL_TEMPLATE, TEXT_TEMPLATE, seconds=CHANNEL_SECONDS)
    channel = NotifyChannel(account)
    yield channel
    await channel.close()


async def ended(hub: Hub) -> list[dict[str, Any]]:
    async with hub.database.connection() as connection:
        return [dict(row) for row in await connection.fetch(ENDS)]


async def test_notify_gets_the_rendered_words_and_nothing_else(
    hub: Hub, notify: FakeNotify, through: NotifyChannel
) -> None:
    await hub.decided(await hub.submitted())
    assert await through.reachable()
    await hub.sender(through).step()

    decision = next(one for one in notify.taken if "decision" in one["personalisation"]["subject"])
    assert decision["to"] == "dsl@testwood.school.example"
    assert decision["personalisation"].keys() == {"subject", "body"}
    assert "fits our guidance" in decision["personalisation"]["body"]
    assert decision["personalisation"]["subject"] == "Referral WAR-000000-K: decision"
    assert await hub.states() == ["sent", "sent"]


@pytest.mark.parametrize(
    ("manner", "lost"), [("take_and_vanish", False), ("drop", True), ("fault", True)]
)
async def test_what_is_not_known_is_looked_for_and_never_sent_twice(
    hub: Hub, clock: SetClock, notify: FakeNotify, through: NotifyChannel, manner: str, lost: bool
) -> None:
    await hub.submitted()
    notify.manner = manner
    sender = hub.sender(through)
    await sender.step()
    assert await hub.states() == ["uncertain"]
    notify.manner = "take"
    # Nobody looks before Notify has settled what it was doing.
    assert not await sender.step()
    assert notify.asked == 0

    clock.forward(timedelta(seconds=31))
    await sender.step()
    assert await hub.states() == ["sent"]
    assert (len(notify.taken), notify.asked) == (1, 1)
    assert lost or notify.taken[0]["reference"]


async def test_a_refusal_is_told_from_a_fault_in_our_settings(
    hub: Hub, notify: FakeNotify, through: NotifyChannel
) -> None:
    letter = Letter("", "nobody@school.example", b"", plain=Plain("1", "Subject", "Words", False))
    notify.manner = "refuse"
    assert await through.hand_over(letter) == NotTaken("bad_recipient", permanent=True)
    notify.manner = "no_template"
    assert await through.hand_over(letter) == NotTaken("notify_400", permanent=False)
    stranger = Account(KEY[:-1] + "x", notify.url, EMAIL_TEMPLATE, None, seconds=CHANNEL_SECONDS)
    channel = NotifyChannel(stranger)
    assert await channel.hand_over(letter) == Away("notify_403")
    assert not await channel.reachable()
    await channel.close()


async def test_how_messages_end_is_asked_and_called_back(
    hub: Hub, clock: SetClock, notify: FakeNotify, through: NotifyChannel
) -> None:
    for address in (
        "delivered@school.example",
        "perm-fail@simulator.notify",
        "dsl@testwood.school.example",
    ):
        await hub.submitted(email=address)
    await hub.sender(through).step()
    ends = Ends(hub.kernel)
    asking = Asking(hub.kernel.service, through, ends)
    assert await asking.step() == 2
    assert await asking.step() == 0
    assert [(one["state"], one["reason"], one["arrived"]) for one in await ended(hub)] == [
        ("sent", None, True),
        ("failed", "bounced_permanent_failure", False),
        ("sent", None, False),
    ]

    app = create_app(
        "notifications",
        [api.router(ends, TOKEN)],
        settings=Settings(),
        verifier=Verifier(SigningKey.derived(b"a secret of a test").public(), clock),
    )
    waiting = next(one for one in notify.taken if one["status"] == "sending")
    said = {
        "id": waiting["id"], "reference": waiting["reference"], "to": waiting["to"],
        "status": "delivered", "notification_type": "email",
    }  # fmt: skip
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://notifications.example"
    ) as http:

        async def call(body: dict[str, Any], token: str = TOKEN) -> int:
            signed = {"Authorization": f"Bearer {token}"}
            return (await http.post("/v1/messages/receipts", json=body, headers=signed)).status_code

        assert await call(said, "another") == 401
        assert not (await ended(hub))[2]["arrived"]
        assert [await call(said), await call(said)] == [204, 204]
        # Notify speaks of digests, too, and of what it has not ended.
        assert await call({**said, "reference": str(hub.ids())}) == 204
        assert await call({**said, "reference": None}) == 204
        assert await call({**said, "status": "sending"}) == 204
        assert await call({"reference": "1"}) == 422
    assert (await ended(hub))[2]["arrived"]
    assert (await hub.events()).count("message.delivered.v1") == 2


async def test_a_simulated_temporary_failure_goes_again_until_it_arrives_or_three_days_are_over(
    hub: Hub, clock: SetClock, notify: FakeNotify, through: NotifyChannel
) -> None:
    await hub.submitted(email="temp-fail@simulator.notify")
    sender, asking = hub.sender(through), Asking(hub.kernel.service, through, Ends(hub.kernel))
    await sender.step()
    assert await asking.step() == 1
    assert [(one["state"], one["reason"]) for one in await ended(hub)] == [
        ("queued", "bounced_temporary_failure")
    ]
    assert not await sender.step()

    clock.forward(timedelta(minutes=31))
    notify.simulated["temp-fail@simulator.notify"] = "sending"
    await sender.step()
    first, second = (one["reference"] for one in notify.taken)
    assert second == f"{first}.1"
    # Notify still says what became of the first.
    await asking.step()
    assert [one["state"] for one in await ended(hub)] == ["sent"]
    notify.taken[1]["status"] = "delivered"
    await asking.step()
    assert [(one["state"], one["arrived"]) for one in await ended(hub)] == [("sent", True)]
    assert await asking.step() == 0

    await hub.submitted(email="temp-fail@simulator.notify")
    notify.simulated["temp-fail@simulator.notify"] = "temporary-failure"
    for _ in range(12):
        await sender.step()
        await asking.step()
        clock.forward(timedelta(hours=12))
    assert (await ended(hub))[1]["state"] == "failed"
    assert (await ended(hub))[1]["reason"] == "bounced_temporary_failure"


@pytest.mark.parametrize(
    ("number", "state", "arrived"),
    [
        ("+447700900001", "sent", True),
        ("+447700900003", "queued", False),
        ("+447700900002", "failed", False),
        ("+447700900000", "sent", False),
    ],
)
async def test_a_text_message_to_a_simulated_number_ends_as_notify_documents(
    hub: Hub, clock: SetClock, notify: FakeNotify, through: NotifyChannel, number: str, state: str,
    arrived: bool,
) -> None:  # fmt: skip
    referral_id = await hub.submitted()
    await hub.sender(through).step()
    sender = hub.sender(through, text_number=lambda _pack, _person: number)
    await hub.told("allocation", referral_id, step(hub, clock, "text_message"))
    await sender.step()
    await Asking(hub.kernel.service, through, Ends(hub.kernel)).step()
    (_, text) = await ended(hub)
    assert (text["state"], text["arrived"]) == (state, arrived)
    assert text["channel"] == "text_message"


def step(hub: Hub, clock: SetClock, by: str) -> ClockEscalated:
    return ClockEscalated(
        clock_id=hub.ids(),
        name="accepted_by_person",
        due_at=clock(),
        started_at=clock(),
        calendar_version="1",
        explanation="",
        breached_at=clock(),
        step=2,
        tell=("duty manager",),
        by=by,
    )


async def test_a_step_of_the_ladder_is_a_text_message_and_emails_go_on_without_notify(
    hub: Hub, clock: SetClock, notify: FakeNotify, through: NotifyChannel, relay: TestRelay,
    channel: SmtpChannel,
) -> None:  # fmt: skip
    referral_id = await hub.submitted()
    both = MailAndTexts(channel, through)
    sender = hub.sender(both, text_number=lambda _pack, _person: "+447700900000")
    await hub.told("allocation", referral_id, step(hub, clock, "text_message"))
    await notify.stop()
    await sender.step()
    assert sorted(await hub.states()) == ["queued", "sent"]
    assert len(relay.box.taken) == 1

    await notify.start()
    clock.forward(timedelta(seconds=31))
    await sender.step()
    (text,) = notify.taken
    assert (text["type"], text["to"], text["template_id"]) == (
        "sms",
        "+447700900000",
        TEXT_TEMPLATE,
    )
    assert text["personalisation"]["body"].startswith("Referral WAR-000000-K still waits: ")
    assert len(text["personalisation"]["body"]) < 300
    assert [one["channel"] for one in await ended(hub)] == ["email", "text_message"]


async def test_a_step_of_the_ladder_is_a_page_and_an_email_where_nobody_takes_it(
    hub: Hub, clock: SetClock, relay: TestRelay, channel: SmtpChannel
) -> None:
    endpoint = Endpoint()
    await endpoint.start()
    calls = WebhookChannel(2, CHANNEL_SECONDS, lambda _: True, lambda _: True)
    secret = new_secret()
    both = MailAndTexts(channel, None, PageChannel(calls, secret, clock))
    sender = hub.sender(both, paging=f"{endpoint.url}/{{authority}}")
    referral_id = await hub.submitted()
    await hub.told("allocation", referral_id, step(hub, clock, "page"))
    await sender.step()
    (page,) = endpoint.taken
    assert (page.path, page.signed_with(secret)) == ("/warwickshire", True)
    assert page.body["data"]["text"].startswith("Referral WAR-000000-K still waits: ")
    assert [one["channel"] for one in await ended(hub)] == ["email", "page"]

    await endpoint.stop()
    await hub.told("allocation", referral_id, step(hub, clock, "page"))
    for _ in range(MOST_PAGES + 1):
        await sender.step()
        clock.forward(timedelta(seconds=10))
    assert [one["channel"] for one in await ended(hub)] == ["email", "page", "email"]
    assert len(relay.box.taken) == 2
    await calls.close()
