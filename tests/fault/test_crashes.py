"""Processes of the single machine that die at each point of a batch, at any moment, and with
PostgreSQL: every stage then has what was posted, once each, in order."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.crashes import KERNEL, Death, die, die_at_random
from bench.house import house
from bench.ledger import account, settled
from bench.people import People
from bench.site import HASTE, Alone, Flow, alone, compared
from bench.starters import ByFork
from bench.troubles import clock_jumps, connections_cut, postgres_away
from tests.fault.looking import right

# For how many seconds a family waits for what was lost.
IN_VAIN = 15.0

JUMPS = (1800.0, -600.0)


@pytest.fixture(scope="module")
def wrong_by(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clock") / "seconds"
    file.write_text("0")
    return file


@pytest.fixture(scope="module")
async def site(installed: Path, wrong_by: Path) -> AsyncIterator[Alone]:
    async with alone(installed, CLOCK_FILE=str(wrong_by)) as one:
        yield one


@pytest.fixture(scope="module")
async def people(site: Alone) -> AsyncIterator[People]:
    async with site.people() as people:
        yield people


@pytest.mark.timeout(420)
async def test_it_dies_at_each_point_of_a_batch(site: Alone, people: People) -> None:
    deaths = [Death(point) for point in KERNEL]
    async with Flow(people):
        assert await die(site, "house", deaths) == deaths
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_its_connections_are_cut_and_its_postgresql_dies(site: Alone, people: People) -> None:
    async with Flow(people) as flow:
        assert await connections_cut(site, flow, 10) >= 10
        await postgres_away(site, flow, "kill")
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_its_clock_jumps(site: Alone, people: People, wrong_by: Path) -> None:
    async with Flow(people) as flow:
        await clock_jumps(site, flow, wrong_by, JUMPS)
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_it_is_killed_at_any_moment(site: Alone, people: People) -> None:
    async with Flow(people, families=6) as flow:
        assert await die_at_random(site, flow, 15, 2.0, seed=7)
    right(await compared(site, people), people)


@pytest.mark.timeout(420)
async def test_the_comparison_finds_a_cursor_that_moves_before_the_effects(
    installed: Path,
) -> None:
    async with alone(installed, HASTY="1") as hasty, hasty.people(patience=IN_VAIN) as people:
        with pytest.raises(TimeoutError):
            async with Flow(people) as flow:
                await flow.pass_by(2)
                site_dies = [Death(point) for point in KERNEL[3:6]]
                await die(hasty, "house", site_dies)
            # Where no family waits for what was lost.
            await compared(hasty, people, within=5)


@pytest.mark.timeout(420)
async def test_a_backup_is_restored_and_what_came_later_is_sent_again(
    installed: Path, tmp_path: Path
) -> None:
    async with alone(installed) as lost:
        async with lost.people() as people:
            for number in range(4):
                await people.decide(await people.post(number))
            right(await compared(lost, people), people)
            kept, mail = dict(people.told.posted), Counter(lost.sink.taken)
            wrote = lost.process.command("backup", "--to", str(tmp_path / "archive"))
            assert wrote.returncode == 0, wrote.stderr
            later = [await people.post(number) for number in range(4, 7)]
            for referral_id in later:
                await people.decide(referral_id)
            await settled(lost.databases, within=30)
        lost.process.kill_with_postgres()
        before = Counter(lost.sink.taken)

        with house(smtp=lost.sink.address, starter=ByFork(), **HASTE) as found:
            said = found.command(
                "restore", "--from", str(tmp_path / "archive"),
                "--keyring", str(lost.process.folder / "keyring.json"),
            )  # fmt: skip
            assert said.returncode == 0, said.stderr
            assert "everything up to 20" in said.stdout
            await found.up()
            async with People(found.url, lost.process.credentials) as people:
                people.told.posted.update(kept)
                again = [await people.post(number) for number in range(7)]
                assert again[:4] == list(kept)
                for referral_id in again[4:]:
                    await people.decide(referral_id)
                await settled(found.owner_url, within=30)
                mail += lost.sink.taken - before
                right(await account(found.owner_url, people.told.posted, mail), people)
