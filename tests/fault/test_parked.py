"""An event that cannot be answered stops its own referral and nothing else, and people see it."""

import json
from collections.abc import Collection, Mapping

import pytest

from bench.house import HouseProcess, until
from bench.ledger import UPDATED
from bench.people import People
from bench.troubles import mended, poisoning
from frontdoor.catalogue import SERVICES
from tests.fault.looking import execute, sent, signed_in
from tests.integration.notifications.relay import TestRelay

BY_HAND = "Not processed: read by hand"
HEARING = ("triage", "allocation", "console")
"""Who hears of what is poisoned."""


@pytest.fixture(scope="module")
def settings() -> Mapping[str, str]:
    return {"WATCHDOG_SECONDS": "1", "WATCHDOG_GRACE_SECONDS": "1"}


@pytest.mark.timeout(240)
async def test_a_poisoned_event_parks_its_referral_alone_until_it_is_replayed(
    one: HouseProcess, people: People, relay: TestRelay
):
    poisoned = await people.post(0)
    await sent(people, poisoned, "acknowledgement")
    poisoning(one.owner_url, poisoned)

    async with signed_in(people, "practitioner.warwickshire") as browser:
        page = await until(lambda: _queue(browser, BY_HAND), 15, "on the queue")
        first_row = page[page.index("<tbody") :]
        reference = execute(
            one, "SELECT reference FROM intake.referral WHERE referral_id = %s", poisoned
        )[0][0]
        assert first_row.index(BY_HAND) < first_row.index("</tr>")
        assert reference in first_row[: first_row.index("</tr>")]

        other = await people.post(people.kinds)
        await people.decide(other)
        await sent(people, other, "decision")

        await until(lambda: _parked(one, HEARING), 15, "parked by all who hear of it")
        lines = _listed(one)
        assert lines
        assert {line["referral_id"] for line in lines} == {poisoned}
        assert {line["type"] for line in lines} == {UPDATED}
        shown = one.command("dead-letters", "show", poisoned)
        assert UPDATED in shown.stdout
        assert "data" not in shown.stdout

        for line in lines:
            mended(one.owner_url, line["consumer"], poisoned)
        replayed = one.command("dead-letters", "replay", poisoned)
        assert replayed.returncode == 0, replayed.stderr
        await until(lambda: _parked(one, ()), 15, "handled")
        assert _listed(one) == []
        await until(lambda: _queue(browser, BY_HAND, there=False), 15, "off the queue")
    refused = one.command("dead-letters", "replay", poisoned)
    assert refused.returncode != 0
    await people.decide(poisoned)
    await sent(people, poisoned, "decision")


@pytest.mark.timeout(240)
async def test_a_parked_event_is_discarded_on_a_practitioner_s_word_alone(
    one: HouseProcess, people: People, relay: TestRelay
):
    poisoned = await people.post(2 * people.kinds)
    await sent(people, poisoned, "acknowledgement")
    poisoning(one.owner_url, poisoned)
    await until(lambda: _parked(one, HEARING), 15, "parked by all who hear of it")
    lines = _listed(one)
    unheard = one.command("dead-letters", "discard", poisoned, "--decision", poisoned)
    assert unheard.returncode != 0
    assert "nobody has decided that" in unheard.stderr
    still = _listed(one)
    assert [line["parked_at"] for line in still] == [line["parked_at"] for line in lines]
    for line in lines:
        event = {"consumer": line["consumer"], "source": "intake/9", "sequence": 1}
        answer = await people.http.post(
            f"/v1/triage/referrals/{poisoned}/parked-discard",
            json={**event, "reason": "says_nothing"},
            headers=await people.person("practitioner", "warwickshire"),
        )
        done = one.command("dead-letters", "discard", poisoned, "--decision", answer.json()["id"])
        assert done.returncode == 0, done.stderr
    await until(lambda: _parked(one, ()), 15, "discarded")
    await people.decide(poisoned)
    await sent(people, poisoned, "decision")


@pytest.mark.timeout(240)
async def test_the_watchdog_finds_a_referral_that_triage_does_not_know(
    one: HouseProcess, people: People
):
    async with signed_in(people, "practitioner.warwickshire") as browser:
        await until(lambda: _queue(browser, BY_HAND, there=False), 15, "nothing on the queue")
        referral_id = await people.post(3 * people.kinds)
        await sent(people, referral_id, "acknowledgement")
        execute(one, "DELETE FROM triage.referral WHERE referral_id = %s", referral_id)
        await until(lambda: _queue(browser, BY_HAND), 15, "on the queue")


async def _queue(browser, words: str, *, there: bool = True) -> str:
    page = (await browser.get("/queue")).text
    return page if (words in page) is there else ""


def _listed(one: HouseProcess) -> list[dict[str, str]]:
    listed = one.command("dead-letters", "list")
    assert listed.returncode == 0, listed.stderr
    return [json.loads(line) for line in listed.stdout.splitlines()]


async def _parked(one: HouseProcess, services: Collection[str]) -> bool:
    return set(services) == {
        name for name in SERVICES if execute(one, f"SELECT 1 FROM {name}.parked_event")
    }
