"""Killed at any moment and started again, the house goes on where it was."""

import pytest

from bench.house import HouseProcess
from bench.ledger import account, settled
from bench.people import People, work
from tests.fault.looking import taken
from tests.integration.notifications.relay import TestRelay

REFERRALS = 36


@pytest.mark.timeout(420)
async def test_nothing_is_lost_or_done_twice_when_it_is_killed_in_the_middle(
    one: HouseProcess, people: People, relay: TestRelay
):
    async def kill() -> None:
        one.kill()
        await one.up()

    async def power_cut() -> None:
        one.kill_with_postgres()
        await one.up()

    trouble = {REFERRALS // 4: kill, REFERRALS // 2: power_cut}
    await work(people, REFERRALS, posters=12, deciders=4, at=trouble)
    await settled(one.owner_url, within=60)

    found = await account(one.owner_url, people.told.posted, taken(relay))
    assert one.kills == 2
    assert found.wrong == []
    assert (found.lost, found.doubled) == (0, 0)
    every = {found.stored, found.rated, found.clocked, found.allocated, found.decided}
    assert every == {REFERRALS}
    assert {found.acknowledged, found.answered} == {REFERRALS}


@pytest.mark.timeout(420)
async def test_postgresql_that_outlives_a_kill_is_taken_over(one: HouseProcess, people: People):
    referral_id = await people.post(0)
    one.kill()
    assert one.postgres.running()
    await one.up()
    await people.decide(referral_id)
    one.ask_to_stop()
    assert await one.stopped(within=15) == 0
    assert not one.postgres.running()
