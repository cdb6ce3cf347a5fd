"""Messages travel from an event to a mail server, whatever is away and whoever dies."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.restriction import Seer
from chassis.telemetry import metrics
from contracts.events import (
    ClockBreached,
    ClockMet,
    KnownElsewhere,
    Rag,
    ReferralErased,
    ReferralKnownElsewhere,
    TriageRated,
    Urgency,
)
from services.notifications import waiting
from services.notifications.channels.port import Delivery, Letter
from services.notifications.channels.smtp import SmtpChannel
from tests.clocks import START, SetClock
from tests.integration.notifications.hub import LEASE, Hub
from tests.integration.notifications.relay import Manner, TestRelay

SEER = Seer(UUID(int=7), ("practitioner",), START)


async def settle(hub: Hub, clock: SetClock, channel: SmtpChannel) -> None:
    """Let a sender work, and time pass, until nothing waits."""
    sender = hub.sender(channel)
    for _ in range(100):
        while await sender.step():
            pass
        if not {"queued", "sending", "uncertain"}.intersection(await hub.states()):
            return
        clock.forward(timedelta(seconds=31))
    raise AssertionError(await hub.messages())


async def test_a_referral_is_acknowledged_and_its_decision_told(
    hub: Hub, relay: TestRelay, channel: SmtpChannel
) -> None:
    referral_id = await hub.submitted()
    await hub.decided(referral_id)

    assert await hub.sender(channel).step()

    subjects = sorted(mail["Subject"] for mail in relay.box.taken)
    assert subjects == ["Referral WAR-000000-K: decision", "Referral WAR-000000-K: received"]
    assert await hub.states() == ["sent", "sent"]
    assert await hub.events() == ["message.queued.v1"] * 2 + ["message.sent.v1"] * 2


async def test_what_was_sent_can_be_read_and_is_sealed(
    hub: Hub, relay: TestRelay, channel: SmtpChannel
) -> None:
    await hub.decided(await hub.submitted())
    await hub.sender(channel).step()

    async with hub.database.connection() as connection:
        rows = await connection.fetch("SELECT message_id, rendered FROM message")
        found = [
            await hub.store.read(connection, row["message_id"], ["warwickshire"], SEER)
            for row in rows
        ]
        hidden = await hub.store.read(connection, rows[0]["message_id"], ["walsall"], SEER)
    assert any(sent and "fits our guidance" in sent for _, sent in filter(None, found))
    assert all(b"guidance" not in row["rendered"] for row in rows)
    assert hidden is None


async def test_an_erased_referral_leaves_no_words_and_gets_no_more(
    hub: Hub, clock: SetClock, relay: TestRelay, channel: SmtpChannel
) -> None:
    referral_id = await hub.submitted()
    await hub.sender(channel).step()
    await hub.decided(referral_id)

    await hub.told("intake", referral_id, ReferralErased(erased_at=clock(), reason="retention"))
    await hub.sender(channel).step()

    assert await hub.states() == []
    assert len(relay.box.taken) == 1
    async with hub.database.connection() as connection:
        assert await connection.fetchval("SELECT count(rendered) FROM message") == 0


async def test_the_same_event_twice_makes_one_message(hub: Hub) -> None:
    referral_id = await hub.submitted()
    await hub.told("intake", referral_id, hub.received(referral_id))

    assert len(await hub.messages()) == 1


async def test_a_suggested_red_alerts_duty_before_anything_else(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    for _ in range(3):
        await hub.submitted()
    referral_id = await hub.submitted()
    rated = TriageRated(
        reference="WAR-000003-K",
        received_at=clock(),
        rag=Rag.RED,
        level=4,
        urgency=Urgency.IMMEDIATE,
        children=(),
        pack_version="2018.1",
    )
    await hub.told("triage", referral_id, rated, rated)

    await settle(hub, clock, channel)

    taken = [(mail["To"], mail["Subject"]) for mail in relay.box.taken]
    alert = ("duty@council.example", "Referral WAR-000003-K: urgent")
    assert len(taken) == 5
    assert taken.count(alert) == 1
    # Two connections work side by side, and either may be the slower one.
    assert taken.index(alert) < 3


async def test_whoever_has_an_open_case_is_written_to(
    hub: Hub, clock: SetClock, relay: TestRelay, channel: SmtpChannel
) -> None:
    """Practice rule 15: the worker, the team, the manager and duty; a worker without an address is
    seen not to have been."""
    referral_id = await hub.submitted()
    hub.words.registered["warwickshire", "sw-1207"] = "robin.mockley@council.example"
    children = tuple(
        KnownElsewhere(
            child_id=hub.ids(), kind="open_social_care", at=START, team="hub", worker=one
        )
        for one in ("sw-1207", "sw-3", "sw-1207")
    )
    said = ReferralKnownElsewhere(children=children, as_of=START)
    await hub.told("intake", referral_id, said, said)
    # While the register is away, nobody else waits.
    hub.words.register_away = True
    await hub.sender(channel).step()
    assert sorted(await hub.states()) == ["queued", "queued", *["sent"] * 4]
    hub.words.register_away = False
    await settle(hub, clock, channel)
    copied = {one["To"] for one in relay.box.taken} - {"dsl@testwood.school.example"}
    assert copied == {
        "duty@council.example",
        "manager@council.example",
        "team@council.example",
        "robin.mockley@council.example",
    }
    assert sorted(await hub.states()) == ["failed", *["sent"] * 5]


async def test_a_breach_that_was_none_alarms_nobody(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    referral_id = await hub.submitted()
    await hub.sender(channel).step()
    said: dict[str, Any] = {
        "clock_id": hub.ids(),
        "name": "hub_enquiry",
        "due_at": clock(),
        "started_at": clock(),
        "calendar_version": "1",
        "explanation": "four hours",
    }
    breached = ClockBreached(**said, breached_at=clock(), tell=("manager", "practitioner"))
    await hub.told("allocation", referral_id, breached)
    assert (await hub.messages())[-1]["audience"] == "manager"

    await hub.told("allocation", referral_id, ClockMet(**said, met_at=clock(), corrected=True))
    await hub.sender(channel).step()

    assert await hub.states() == ["sent", "cancelled"]
    assert len(relay.box.taken) == 1


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ({"rationale": None}, "no_rationale"),
        ({"clauses": ()}, "no_clause"),
        ({"actions": ()}, "no_action"),
    ],
)
async def test_a_decision_without_its_reasons_is_held_and_said_to_be(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, lacking: dict[str, Any], reason: str
) -> None:
    await hub.decided(await hub.submitted(), **lacking)

    await hub.sender(channel).step()

    held = [message for message in await hub.messages() if message["kind"] == "decision"]
    assert [(message["state"], message["reason"]) for message in held] == [("held", reason)]
    assert (await hub.events()).count("message.failed.v1") == 1
    assert len(relay.box.taken) == 1


@pytest.mark.parametrize(
    "address", ["a@b.example\nBcc: x@y.example", "two words@school.example", "nobody", "a@b@c.d"]
)
async def test_an_odd_address_fails_for_good(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, address: str
) -> None:
    await hub.submitted(email=address)

    await hub.sender(channel).step()

    message = (await hub.messages())[0]
    assert (message["state"], message["reason"]) == ("failed", "bad_address")
    assert relay.box.taken == []


async def test_a_refused_recipient_fails_for_good_and_a_greylisted_one_is_tried_again(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    await hub.submitted()
    relay.box.manner = lambda _: "greylist"
    await hub.sender(channel).step()
    assert await hub.states() == ["queued"]
    assert not await hub.sender(channel).step()

    clock.forward(timedelta(seconds=2))
    relay.box.manner = lambda _: "refuse_recipient"
    await hub.sender(channel).step()

    message = (await hub.messages())[0]
    assert (message["state"], message["reason"], message["attempt"]) == ("failed", "rcpt_550", 2)
    assert (await hub.events())[-1] == "message.failed.v1"


async def test_a_server_that_puts_off_for_days_is_given_up(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    await hub.submitted()
    relay.box.manner = lambda _: "greylist"
    clock.forward(timedelta(days=3))

    await hub.sender(channel).step()

    assert await hub.states() == ["failed"]


async def test_a_conversation_cut_inside_data_is_repeated_once_and_counted(
    hub: Hub, relay: TestRelay, channel: SmtpChannel
) -> None:
    await hub.submitted()
    relay.box.manner = lambda _: "accept_then_drop"
    sender = hub.sender(channel)
    await sender.step()
    assert (await hub.messages())[0]["state"] == "uncertain"

    relay.box.manner = lambda _: "accept"
    await sender.step()
    assert not await sender.step()

    message = (await hub.messages())[0]
    assert (message["state"], message["attempt"], message["cuts"]) == ("sent", 2, 1)
    assert list(relay.box.ids.values()) == [2]
    assert relay.box.taken[0].as_bytes() == relay.box.taken[1].as_bytes()
    assert (await hub.events())[1:] == ["message.uncertain.v1", "message.sent.v1"]


async def test_a_server_that_always_drops_is_not_fed_for_ever(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    await hub.submitted()
    relay.box.manner = lambda _: "accept_then_drop"

    await settle(hub, clock, channel)

    message = (await hub.messages())[0]
    assert (message["state"], message["reason"]) == ("failed", "outcome_unknown")
    assert len(relay.box.taken) == 8


async def test_with_the_mail_server_away_messages_wait_and_go_when_it_is_back(
    hub: Hub, relay: TestRelay, channel: SmtpChannel
) -> None:
    await relay.stop()
    paused = asyncio.Event()

    async def pause(seconds: float) -> None:
        assert seconds <= 30
        paused.set()
        await asyncio.sleep(0)

    running = asyncio.create_task(hub.sender(channel, pause=pause).run())
    await hub.submitted()
    await paused.wait()
    assert (await hub.messages())[0]["attempt"] == 0

    await relay.start()
    await relay.box.wait_for(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    message = (await hub.messages())[0]
    assert (message["state"], message["attempt"]) == ("sent", 1)


@pytest.mark.parametrize("why", ["the mail server", "the words"])
async def test_what_was_claimed_ahead_is_given_back_when_something_goes_away(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, why: str
) -> None:
    referrals = [hub.ids() for _ in range(60)]
    await hub.append([("intake", one, hub.received(one)) for one in referrals])
    while await hub.consumer.step():
        pass
    paused, back = asyncio.Event(), asyncio.Event()
    begun = 0

    def manner(stage: str) -> Manner:
        nonlocal begun
        begun += stage == "mail"
        # While the second batch goes the third is claimed.
        gone = begun > 20 and not back.is_set()
        hub.words.away = gone and why == "the words"
        return "closing" if gone and why == "the mail server" else "accept"

    async def pause(seconds: float) -> None:
        if seconds >= 1:
            paused.set()
            await back.wait()

    relay.box.manner = manner
    running = asyncio.create_task(hub.sender(channel, pause=pause).run())
    await paused.wait()
    states = await hub.states()
    assert set(states) == {"sent", "queued"}
    assert 20 <= states.count("sent") <= 50

    back.set()
    hub.words.away = False
    await relay.box.wait_for(60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert {(one["state"], one["attempt"]) for one in await hub.messages()} == {("sent", 1)}
    assert set(relay.box.ids.values()) == {1}


async def test_a_conversation_that_hangs_holds_up_nobody_else(
    hub: Hub, relay: TestRelay, channel: SmtpChannel
) -> None:
    hangs = iter([True])
    relay.box.manner = lambda stage: (
        "hang_at_rcpt" if stage == "rcpt" and next(hangs, False) else "accept"
    )
    running = asyncio.create_task(hub.sender(channel).run())
    await hub.submitted()
    while "sending" not in await hub.states():
        await asyncio.sleep(0)
    for _ in range(3):
        await hub.submitted()
    await relay.box.wait_for(3)
    while (states := await hub.states()).count("sent") < 3:
        await asyncio.sleep(0)

    assert states.count("sending") == 1
    relay.box.held.set()
    await relay.box.wait_for(4)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert set(relay.box.ids.values()) == {1}


async def test_a_server_that_lets_nobody_in_costs_no_attempt(
    hub: Hub, relay: TestRelay, channel: SmtpChannel
) -> None:
    await hub.submitted()
    relay.box.manner = lambda _: "sign_in_first"

    with pytest.raises(Exception, match="mail_away"):
        await hub.sender(channel).step()

    message = (await hub.messages())[0]
    assert (message["state"], message["attempt"]) == ("queued", 0)


async def test_with_the_words_away_claims_are_given_back(
    hub: Hub, relay: TestRelay, channel: SmtpChannel
) -> None:
    await hub.submitted()
    hub.words.away = True
    with pytest.raises(Exception, match="words_away"):
        await hub.sender(channel).step()
    assert await hub.states() == ["queued"]

    hub.words.away = False
    await hub.sender(channel).step()
    assert await hub.states() == ["sent"]


async def test_one_referral_whose_words_cannot_be_read_holds_up_no_other(
    hub: Hub, channel: SmtpChannel
) -> None:
    spoiled = await hub.submitted()
    for _ in range(4):
        await hub.submitted()
    hub.words.spoiled.add(spoiled)

    await hub.sender(channel).step()

    assert await hub.states() == ["queued", "sent", "sent", "sent", "sent"]


class Dying:
    """A channel whose process dies: before it speaks, or after the server has accepted."""

    lanes = 2

    def __init__(self, channel: SmtpChannel, *, after: bool) -> None:
        self._channel = channel
        self._after = after
        self.reached = asyncio.Event()

    async def reachable(self) -> bool:
        return True

    async def hand_over(self, letter: Letter) -> Delivery:
        if self._after:
            await self._channel.hand_over(letter)
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        await self._channel.close()


@pytest.mark.parametrize(("after", "copies"), [(False, 1), (True, 2)])
async def test_a_sender_killed_in_the_window_loses_nothing_and_repeats_only_what_was_taken(
    hub: Hub,
    relay: TestRelay,
    channel: SmtpChannel,
    clock: SetClock,
    after: bool,
    copies: int,
) -> None:
    await hub.submitted()
    dying = Dying(channel, after=after)
    killed = asyncio.create_task(hub.sender(dying).step())
    await dying.reached.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert await hub.states() == ["sending"]

    # Until its lease has passed, nobody else takes it.
    assert not await hub.sender(channel).step()
    clock.forward(LEASE)
    await settle(hub, clock, channel)

    message = (await hub.messages())[0]
    assert (message["state"], message["cuts"]) == ("sent", 1)
    assert list(relay.box.ids.values()) == [copies]


async def test_several_senders_share_the_work_and_send_nothing_twice(
    hub: Hub, relay: TestRelay, channel: SmtpChannel
) -> None:
    referrals = [hub.ids() for _ in range(120)]
    await hub.append([("intake", one, hub.received(one)) for one in referrals])
    while await hub.consumer.step():
        pass
    senders = [hub.sender(channel) for _ in range(4)]

    while "queued" in await hub.states():
        await asyncio.gather(*(sender.step() for sender in senders))

    assert len(relay.box.ids) == 120
    assert set(relay.box.ids.values()) == {1}


async def test_a_slow_server_leads_to_claims_given_back_in_time(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    for _ in range(6):
        await hub.submitted()

    def slow(stage: str) -> Manner:
        if stage == "mail":
            clock.forward(timedelta(seconds=3))
        return "accept"

    relay.box.manner = slow
    await hub.sender(channel).step()

    states = await hub.states()
    assert 2 <= states.count("sent") < 6
    assert states.count("queued") == 6 - states.count("sent")
    relay.box.manner = lambda _: "accept"
    await settle(hub, clock, channel)
    assert set(relay.box.ids.values()) == {1}


async def test_under_random_failures_none_is_missing_and_none_extra(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    referrals: list[UUID] = [hub.ids() for _ in range(200)]
    await hub.append([("intake", one, hub.received(one)) for one in referrals])
    while await hub.consumer.step():
        pass
    relay.box.manner = _moody(random.Random(7).random)

    for _ in range(400):
        if not {"queued", "sending", "uncertain"}.intersection(await hub.states()):
            break
        try:
            worked = await hub.sender(channel).step()
        except Exception as away:  # noqa: BLE001
            assert str(away) == "mail_away"
            worked = False
        if not worked:
            clock.forward(timedelta(seconds=31))

    assert set(await hub.states()) == {"sent"}
    assert len(relay.box.ids) == 200
    assert sum(count - 1 for count in relay.box.ids.values()) <= relay.box.cuts


def _moody(chance: Callable[[], float]) -> Callable[[str], Manner]:
    """A server that fails in about a third of all conversations, in every way it can."""

    def manner(stage: str) -> Manner:
        moods: dict[str, Manner] = {"mail": "drop_at_mail", "rcpt": "greylist"}
        if stage == "data":
            moods["data"] = "drop_in_data" if chance() < 0.5 else "accept_then_drop"
        return moods[stage] if chance() < 0.12 else "accept"

    return manner


async def test_without_a_mail_server_messages_wait_and_are_counted(hub: Hub) -> None:
    for _ in range(3):
        await hub.submitted()

    await waiting.count(hub.database, hub.store)

    gauge = metrics.MESSAGES_WAITING
    assert gauge.labels("queued")._value.get() == 3
    assert gauge.labels("uncertain")._value.get() == 0
