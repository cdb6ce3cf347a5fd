"""Five services of the distributed edition, a broker and a PostgreSQL, each of which fails in its way
while referrals go on: every stage then has what was posted, once each, in order."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bench.broker import Brokers
from bench.crashes import KERNEL, RELAY, SOURCE, Death, die_at_random, together
from bench.ledger import DECIDED, account, settled
from bench.people import People
from bench.site import Flow, Spread, brought_up, compared, spread
from bench.troubles import (
    backed_up,
    broker_away,
    clock_jumps,
    connections_cut,
    consumer_sleeps,
    instances_come_and_go,
    poison,
    postgres_away,
    relay_hangs,
    restored,
)
from tests.brokers import own
from tests.fault.looking import right

SESSION_SECONDS = 6
PLAN = {
    "intake": [Death(point) for point in RELAY],
    "triage": [Death(point) for point in (*KERNEL[:3], *SOURCE)],
    "allocation": [Death(point) for point in KERNEL[3:]],
}


@pytest.fixture(scope="module")
def brokers() -> Iterator[Brokers]:
    with own() as brokers:
        yield brokers


@pytest.fixture(scope="module")
def wrong_by(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clock") / "seconds"
    file.write_text("0")
    return file


@pytest.fixture(scope="module")
async def site(brokers: Brokers, wrong_by: Path) -> AsyncIterator[Spread]:
    async with spread(
        brokers,
        CLOCK_FILE=str(wrong_by),
        KAFKA_SESSION_SECONDS=str(SESSION_SECONDS),
        RELAY_IDLE_MS="3000",
    ) as one:
        yield one


@pytest.fixture(scope="module")
async def people(site: Spread) -> AsyncIterator[People]:
    async with site.people() as people:
        yield people


@pytest.mark.timeout(480)
async def test_they_die_at_each_point(site: Spread, people: People) -> None:
    async with Flow(people):
        assert await together(site, PLAN) == PLAN
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_they_are_killed_at_any_moment(site: Spread, people: People) -> None:
    async with Flow(people, families=6) as flow:
        assert await die_at_random(site, flow, 15, 2.0, seed=11)
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_the_broker_is_killed(site: Spread, people: People) -> None:
    async with Flow(people) as flow:
        await broker_away(site, flow, "kill", 2.0)
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_postgresql_dies_and_connections_are_cut(site: Spread, people: People) -> None:
    async with Flow(people) as flow:
        await connections_cut(site, flow, 20)
        await postgres_away(site, flow, "kill")
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_another_relay_takes_over_from_a_host_that_vanished(
    site: Spread, people: People
) -> None:
    async with Flow(people) as flow:
        _, took = await relay_hangs(site, flow, "allocation")
    assert took < 20
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_a_consumer_sleeps_longer_than_its_session(site: Spread, people: People) -> None:
    async with Flow(people) as flow:
        await consumer_sleeps(site, flow, "allocation", SESSION_SECONDS + 1)
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_a_second_instance_of_each_joins_and_leaves(site: Spread, people: People) -> None:
    async with Flow(people) as flow:
        await instances_come_and_go(site, flow, 1)
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_a_poisoned_event_holds_up_its_own_referral_alone(
    site: Spread, people: People
) -> None:
    await poison(site, people, site.fleet.command)
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_their_clocks_jump(site: Spread, people: People, wrong_by: Path) -> None:
    async with Flow(people) as flow:
        await clock_jumps(site, flow, wrong_by, (1800.0, -600.0))
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_a_read_model_of_yesterday_catches_up(
    site: Spread, people: People, tmp_path: Path
) -> None:
    async with Flow(people) as flow:
        await flow.pass_by(1)
        backed_up(site, "console", tmp_path / "console")
        await flow.pass_by(2)
    restored(site, "console", tmp_path / "console")
    await brought_up(site, "console")
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_what_a_database_of_yesterday_cannot_know_is_said(
    site: Spread, people: People, tmp_path: Path
) -> None:
    before = set(people.told.decided)
    backed_up(site, "triage", tmp_path / "triage")
    async with Flow(people) as flow:
        await flow.pass_by(2)
    await settled(site.databases, within=60)
    assert restored(site, "triage", tmp_path / "triage") == "triage/2\n"
    await brought_up(site, "triage")

    await settled(site.databases, within=60)
    found = await account(site.databases, people.told.posted, site.sink.taken)
    assert (found.stored, found.rated) == (len(people.told.posted), len(people.told.posted))
    said = site.fleet.command("triage", "forgotten")
    assert said.returncode == 0, said.stderr
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    decided = {line["referral_id"] for line in lines if line["type"] == DECIDED}
    assert decided == people.told.decided - before
