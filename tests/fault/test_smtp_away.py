"""With the mail server away messages wait; where it hangs up within a message, that one message
is sent once more under the same Message-ID."""

import pytest

from bench.house import HouseProcess
from bench.ledger import settled
from bench.people import People
from tests.fault.looking import execute, messages, sent, taken
from tests.integration.notifications.relay import Manner, TestRelay

REFERRALS = 3
CALM = 3
"""A sample referral that alerts nobody: poor attendance."""


@pytest.mark.timeout(240)
async def test_messages_wait_and_are_sent_when_it_is_back(
    one: HouseProcess, people: People, relay: TestRelay
):
    await relay.stop()
    posted = [await people.post(number) for number in range(REFERRALS)]
    for referral_id in posted:
        await people.decide(referral_id)
    for referral_id in posted:
        states = {one["state"] for one in await messages(people, referral_id)}
        assert states == {"queued"}

    await relay.start()
    for referral_id in posted:
        await sent(people, referral_id, "acknowledgement")
        await sent(people, referral_id, "decision")
    told = {
        message["id"]
        for referral_id in posted
        for message in await messages(people, referral_id)
        if message["kind"] in ("acknowledgement", "decision")
    }
    assert len(told) == 2 * REFERRALS
    assert told <= taken(relay).keys()
    assert set(taken(relay).values()) == {1}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("manner", "times"), [("drop_in_data", 1), ("accept_then_drop", 2)])
async def test_a_conversation_cut_within_a_message_is_had_once_more(
    one: HouseProcess, people: People, relay: TestRelay, manner: Manner, times: int
):
    # Nobody else's message is to be cut.
    await settled(one.owner_url, within=30)
    manners, before = iter([manner]), relay.box.cuts
    relay.box.manner = lambda stage: next(manners, "accept") if stage == "data" else "accept"
    referral_id = await people.post(CALM + times * people.kinds)
    await sent(people, referral_id, "acknowledgement")

    (acknowledgement,) = [
        one for one in await messages(people, referral_id) if one["kind"] == "acknowledgement"
    ]
    assert relay.box.cuts == before + 1
    assert taken(relay)[acknowledgement["id"]] == times
    uncertain = execute(
        one,
        "SELECT count(*) FROM event_stream.event_log WHERE type = %s AND referral_id = %s",
        "uk.frontdoor.message.uncertain.v1",
        referral_id,
    )
    assert uncertain == [(1,)]
